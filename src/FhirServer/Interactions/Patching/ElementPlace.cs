using System.Text;
using FhirEmr.FhirServer.Resources;
using JsonTokenType = System.Text.Json.JsonTokenType;

namespace FhirEmr.FhirServer.Interactions.Patching;

/// <summary>Where one FHIR element stands in its JSON: the object that holds it, the property, the position in a list.</summary>
/// <remarks>json.html#primitive: a primitive has two halves, <c>birthDate</c> and <c>_birthDate</c>; lists of them keep step by nulls.</remarks>
internal sealed class ElementPlace(JsonMembers holder, FhirTypeDef holderType, string property, JsonProperty def, int? index)
{
    private readonly JsonMembers? root;

    /// <summary>The resource itself.</summary>
    public ElementPlace(JsonMembers root) : this(root, FhirSchema.PrimitiveElement, "", null!, null) => this.root = root;

    public bool IsRoot => root is not null;

    public bool IsList => !IsRoot && def.IsList;

    public string TypeName => IsRoot ? root!.TextOf("resourceType")! : def.Type?.Name ?? "resource";

    public int ListCount => Math.Max(Half(property)?.Items.Count ?? 0, Half("_" + property)?.Items.Count ?? 0);

    public bool IsSameList(ElementPlace other) => !other.IsRoot && ReferenceEquals(holder, other.Holder) && property == other.Property;

    private JsonMembers Holder => holder;

    private string Property => property;

    private bool IsPrimitive => def.Type is { IsPrimitive: true };

    /// <summary>The child element of that name (choice suffix removed) at a position; null when it is not there.</summary>
    public static ElementPlace? Child(JsonMembers members, FhirTypeDef type, string name, int? index)
    {
        foreach (var (key, _) in members.Items)
            if (type.Properties.Find(Encoding.UTF8.GetBytes(key.TrimStart('_'))) is { } found && FhirNames.Name(found.NameId) == name)
                return new(members, type, key.TrimStart('_'), found, found.IsList ? index ?? 0 : null);
        return null;
    }

    /// <summary>Puts a value under the name: behind the others of a list, or where nothing is yet.</summary>
    public static string? Add(JsonMembers members, FhirTypeDef type, string name, PatchValue value)
    {
        var (property, def, why) = value.PropertyIn(type, name);
        if (property is null)
            return why;
        var existing = Child(members, type, name, null);
        if (def!.IsList)
            return new ElementPlace(members, type, property, def, 0) is var list ? list.Insert(list.ListCount, value) : null;
        if (existing is not null)
            return $"{name} is there already and does not repeat: replace it.";

        var (main, beside, wrong) = value.ToJson(def);
        if (main is not null)
            members.Set(property, main);
        if (beside is not null)
            members.Set("_" + property, beside);
        return wrong;
    }

    /// <summary>The object with this element's own elements, and its type; for a primitive the half with its extensions.</summary>
    public (JsonMembers Members, FhirTypeDef Type)? Content()
    {
        if (IsRoot)
            return (root!, FhirSchema.Resource(TypeName)!);
        if (!IsPrimitive)
            return Value(property) is JsonMembers members ? (members, def.Type ?? FhirSchema.Resource(members.TextOf("resourceType") ?? "") ?? FhirSchema.PrimitiveElement) : null;
        if (Value("_" + property) is JsonMembers beside)
            return (beside, FhirSchema.PrimitiveElement);

        var fresh = new JsonMembers();
        Put("_" + property, fresh);
        return (fresh, FhirSchema.PrimitiveElement);
    }

    public void Remove()
    {
        if (index is not { } at)
        {
            holder.Remove(property);
            holder.Remove("_" + property);
            return;
        }

        foreach (var half in (string[])[property, "_" + property])
            if (Half(half) is { } list && at < list.Items.Count)
                list.Items.RemoveAt(at);
        Tidy();
    }

    public string? Replace(PatchValue value)
    {
        var name = FhirNames.Name(def.NameId);
        var (target, found, why) = value.PropertyIn(holderType, name);
        if (target is null)
            return why;
        var (main, beside, wrong) = value.ToJson(found!);
        if (wrong is not null)
            return wrong;

        if (index is not null)
        {
            if (main is not null || IsPrimitive)
                Put(property, main ?? JsonScalar.Null);
            if (beside is not null || Half("_" + property) is not null)
                Put("_" + property, beside ?? JsonScalar.Null);
            Tidy();
            return null;
        }

        // A choice may change its type, and with it the property's name: it stays where it was.
        var at = holder.IndexOf(property) is >= 0 and var i ? i : holder.IndexOf("_" + property);
        holder.Remove(property);
        holder.Remove("_" + property);
        at = Math.Min(at, holder.Items.Count);
        if (beside is not null)
            holder.Items.Insert(at, new("_" + target, beside));
        if (main is not null)
            holder.Items.Insert(at, new(target, main));
        return null;
    }

    public string? Insert(int at, PatchValue value)
    {
        var (main, beside, why) = value.ToJson(def);
        if (why is not null)
            return why;
        if (main is null && !IsPrimitive)
            return $"a {TypeName} cannot consist of extensions only.";

        var count = ListCount;
        Pad(property, count, force: true)!.Items.Insert(at, main ?? JsonScalar.Null);
        if (Pad("_" + property, count, force: beside is not null) is { } besides)
            besides.Items.Insert(at, beside ?? JsonScalar.Null);
        return null;
    }

    public void Move(int source, int destination)
    {
        var count = ListCount;
        foreach (var half in (string[])[property, "_" + property])
            if (Pad(half, count, force: false) is { } list)
            {
                var item = list.Items[source];
                list.Items.RemoveAt(source);
                list.Items.Insert(destination, item);
            }
    }

    private JsonItems? Half(string name) => holder[name] as JsonItems;

    private JsonValue? Value(string name) => index is not { } at ? holder[name] : Half(name) is { } list && at < list.Items.Count ? list.Items[at] : null;

    private void Put(string name, JsonValue value)
    {
        if (index is { } at)
            Pad(name, Math.Max(ListCount, at + 1), force: true)!.Items[at] = value;
        else
            holder.Set(name, value);
    }

    /// <summary>One half of a list filled with nulls to that length; null when it is not there and need not be.</summary>
    private JsonItems? Pad(string name, int count, bool force)
    {
        var list = Half(name);
        if (list is null)
        {
            if (!force)
                return null;
            list = new JsonItems();
            holder.Set(name, list);
        }

        while (list.Items.Count < count)
            list.Items.Add(JsonScalar.Null);
        return list;
    }

    /// <summary>A half in which nothing but nulls is left says nothing.</summary>
    private void Tidy()
    {
        if (Half("_" + property) is { } beside && beside.Items.TrueForAll(i => i is JsonScalar { Kind: JsonTokenType.Null }))
            holder.Remove("_" + property);
        if (Half(property) is { } main && main.Items.TrueForAll(i => i is JsonScalar { Kind: JsonTokenType.Null }))
            holder.Remove(property);
    }
}
