using System.Text;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Interactions.Patching;

/// <summary>The value part of an operation: a datatype, a resource, or the parts of an element whose type has no name (fhirpatch.html).</summary>
/// <param name="Suffix">What follows "value" in the Parameters: <c>CodeableConcept</c>; null for a resource and for parts.</param>
/// <param name="Main">The value as JSON; null for a primitive that has only extensions.</param>
/// <param name="Beside">Id and extensions of a primitive (<c>_value</c>); null for none.</param>
/// <param name="Parts">Elements by name; null when there is a value.</param>
internal sealed record PatchValue(string? Suffix, JsonValue? Main, JsonValue? Beside, IReadOnlyList<(string Name, PatchValue Value)>? Parts)
{
    public static (PatchValue? Value, string? Why) Read(JsonMembers part)
    {
        if (part["resource"] is { } resource)
            return (new(null, resource, null, null), null);
        if (part["part"] is JsonItems list)
        {
            var parts = new List<(string, PatchValue)>();
            foreach (var item in list.Items.Cast<JsonMembers>())
            {
                var (value, why) = Read(item);
                if (value is null)
                    return (null, why);
                parts.Add((item.TextOf("name") ?? "", value));
            }

            return (new(null, null, null, parts), null);
        }

        var main = part.Items.Find(m => m.Key.StartsWith("value", StringComparison.Ordinal));
        var beside = part.Items.Find(m => m.Key.StartsWith("_value", StringComparison.Ordinal));
        return main.Key is null && beside.Key is null
            ? (null, "its value part is empty: it takes value[x], or parts for an element without a named type.")
            : (new(main.Key?[5..] ?? beside.Key![6..], main.Value, beside.Value, null), null);
    }

    /// <summary>The property the value stands under in an object of that type; null with the reason when it has no such element.</summary>
    public (string? Property, JsonProperty? Def, string? Why) PropertyIn(FhirTypeDef type, string element)
    {
        if (type.Properties.Find(Encoding.UTF8.GetBytes(element)) is { } def && type.Elements.Contains(element))
            return (element, def, null);
        if (!type.Elements.Contains(element))
            return (null, null, $"a {type.Name} has no element '{element}'{(NearestName.Of(element, type.Elements) is { } near ? $"; did you mean '{near}'?" : ".")}");
        if (Suffix is not null && type.Properties.Find(Encoding.UTF8.GetBytes(element + Suffix)) is { } choice)
            return (element + Suffix, choice, null);

        var allowed = type.Properties.Entries.Where(e => FhirNames.Name(e.Value.NameId) == element).Select(e => e.Value.Type!.Name).Order(StringComparer.Ordinal);
        return (null, null, $"{element} of a {type.Name} cannot be a {Suffix ?? "value without a type"}; it may be {string.Join(", ", allowed)}.");
    }

    /// <summary>The two halves as they stand in an object: value, and id and extensions of a primitive.</summary>
    public (JsonValue? Main, JsonValue? Beside, string? Why) ToJson(JsonProperty def)
    {
        if (Parts is null)
            return (Main?.Clone(), Beside?.Clone(), null);
        if (def.Type is not { IsPrimitive: false } type)
            return (null, null, "parts are for elements that consist of others.");

        var members = new JsonMembers();
        foreach (var (name, value) in Parts)
            if (ElementPlace.Add(members, type, name, value) is { } why)
                return (null, null, why);
        return (members, null, null);
    }
}
