using System.Globalization;
using System.Text;
using System.Text.Json;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Interactions.Patching;

/// <summary>One operation of a FHIRPath Patch.</summary>
internal sealed record FhirPathPatchOperation(string Type, PatchPath Path, string? Name, PatchValue? Value, int Index, int Source, int Destination)
{
    private static readonly string[] Types = ["add", "insert", "delete", "replace", "move"];
    private static readonly string[] Parts = ["type", "path", "name", "value", "index", "source", "destination"];

    public static (FhirPathPatchOperation? Operation, string? Why) Read(JsonMembers parameter)
    {
        if (parameter.TextOf("name") is var called && called != "operation")
            return (null, $"the parameter is named '{called}'; each operation is a parameter named 'operation' with parts.");

        var parts = new Dictionary<string, JsonMembers>(StringComparer.Ordinal);
        foreach (var item in (parameter["part"] as JsonItems)?.Items ?? [])
        {
            var part = (JsonMembers)item;
            var name = part.TextOf("name") ?? "";
            if (!Parts.Contains(name))
                return (null, $"it has a part '{name}'{(NearestName.Of(name, Parts) is { } near ? $"; did you mean '{near}'?" : $"; there are {string.Join(", ", Parts)}.")}");
            if (!parts.TryAdd(name, part))
                return (null, $"it has two parts '{name}'.");
        }

        if (Text(parts, "type") is not { } type)
            return (null, $"it has no type; there are {string.Join(", ", Types)}.");
        if (!Types.Contains(type))
            return (null, $"'{type}' is no type{(NearestName.Of(type, Types) is { } like ? $"; did you mean '{like}'?" : $"; there are {string.Join(", ", Types)}.")}");
        if (Text(parts, "path") is not { } path)
            return (null, "it has no path, a FHIRPath such as Patient.name[0].");
        var (parsed, wrong) = PatchPath.Parse(path);
        if (parsed is null)
            return (null, wrong);

        string[] needed = type switch { "add" => ["name", "value"], "insert" => ["value", "index"], "replace" => ["value"], "move" => ["source", "destination"], _ => [] };
        foreach (var part in needed)
            if (!parts.ContainsKey(part))
                return (null, $"{type} needs a part '{part}'.");

        PatchValue? value = null;
        if (needed.Contains("value"))
        {
            (value, wrong) = PatchValue.Read(parts["value"]);
            if (value is null)
                return (null, wrong);
        }

        var numbers = new Dictionary<string, int>();
        foreach (var part in needed.Where(n => n is "index" or "source" or "destination"))
        {
            if (Text(parts, part) is not { } text || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return (null, $"its {part} is no whole number from 0.");
            numbers[part] = number;
        }

        var element = needed.Contains("name") ? Text(parts, "name") : null;
        return element is null && needed.Contains("name")
            ? (null, "its name is no text: it names the element to add.")
            : (new(type, parsed, element, value, numbers.GetValueOrDefault("index"), numbers.GetValueOrDefault("source"), numbers.GetValueOrDefault("destination")), null);
    }

    /// <summary>Null when done; otherwise why not.</summary>
    /// <param name="bytes">The resource as it is now.</param>
    public string? Apply(JsonMembers resource, byte[] bytes)
    {
        var (places, why) = Path.Find(resource, bytes);
        if (places is null)
            return why;
        if (Type is "insert" or "move")
            return Rearrange(places);
        if (places.Count == 0)
            return Type == "delete" ? null : $"nothing is found there{(Type == "add" ? "; what is to hold the new element must exist, so add it first" : "; add puts in what is not there yet")}.";
        if (places.Count > 1)
            return $"it finds {places.Count} elements; it must find one. Say which with an index or where().";

        var place = places[0];
        switch (Type)
        {
            case "add":
                return place.Content() is var (members, type) ? ElementPlace.Add(members, type, Name!, Value!) : $"a {place.TypeName} has no elements to add to.";
            case "replace":
                return place.IsRoot ? "the whole resource cannot be replaced by a patch: PUT does that." : place.Replace(Value!);
            default:
                if (place.IsRoot)
                    return "the whole resource cannot be taken away by a patch: DELETE does that.";
                place.Remove();
                return null;
        }
    }

    public override string ToString() => $"{Type} at {Path}";

    private string? Rearrange(IReadOnlyList<ElementPlace> places)
    {
        if (places.Count == 0)
            return "nothing is found there; add puts the first one into a list.";
        var list = places[0];
        if (!list.IsList)
            return "what is found there is no list.";
        if (places.Any(p => !p.IsSameList(list)) || places.Count != list.ListCount)
            return $"the path must find the whole of one list, without an index or where(), e.g. Patient.name.";

        if (Type == "insert")
            return Index > list.ListCount ? $"index {Index} is behind the end: the list has {list.ListCount}." : list.Insert(Index, Value!);
        if (Source >= list.ListCount || Destination >= list.ListCount)
            return $"source and destination are positions in the list from 0 to {list.ListCount - 1}.";
        list.Move(Source, Destination);
        return null;
    }

    private static string? Text(Dictionary<string, JsonMembers> parts, string name)
    {
        if (!parts.TryGetValue(name, out var part))
            return null;
        var value = part.Items.Find(m => m.Key.StartsWith("value", StringComparison.Ordinal)).Value as JsonScalar;
        return value?.Text ?? (value is { Kind: JsonTokenType.Number } ? Encoding.ASCII.GetString(value.Raw) : null);
    }
}
