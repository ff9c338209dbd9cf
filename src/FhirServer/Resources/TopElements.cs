namespace FhirEmr.FhirServer.Resources;

/// <summary>The elements at the top of a resource, by which <c>_elements</c> chooses (search.html#elements).</summary>
internal static class TopElements
{
    /// <summary>Null when one of the types has such an element; else a sentence that names the nearest.</summary>
    /// <param name="types">None for all.</param>
    public static string? Fault(string name, IReadOnlyList<string> types)
    {
        var among = types.Count == 0 ? ResourceTypes.All : types;
        if (among.Any(t => FhirSchema.Resource(t)!.Elements.Contains(name)))
            return null;
        var near = NearestName.Of(name, among.SelectMany(t => FhirSchema.Resource(t)!.Elements).Distinct(StringComparer.Ordinal));
        return $"'_elements' takes names of elements at the top of {(types.Count == 0 ? "a resource" : string.Join(" or ", types))}, such as {(near is null ? "id" : $"'{near}'")}, and '{name}' is none.";
    }
}
