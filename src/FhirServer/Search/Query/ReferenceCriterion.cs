using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>A reference in a search: <c>id</c>, <c>Type/id</c>, or a URL, with or without a version (search.html#reference).</summary>
internal sealed class ReferenceCriterion(SearchParameters parameters, ResourceIndexer indexer, IReferenceLookup references, string? baseUrl)
{
    private const string Expected = "A reference is id, Type/id or an absolute URL.";

    private readonly string? root = baseUrl?.TrimEnd('/') + "/";

    /// <summary>Possible targets, or a sentence saying what is wrong with the value.</summary>
    public async ValueTask<(IReadOnlyList<long> Targets, string? Fault)> TargetsAsync(SearchParam param, string? type, string value, CancellationToken ct)
    {
        if (root is { Length: > 1 } && value.StartsWith(root, StringComparison.Ordinal))
            value = value[root.Length..];

        if (ResourceKey.TryParseRelative(value, out var key, out _))
        {
            if (type is not null && type != key.Type)
                return ([], $"'{value}' is a {key.Type}, but the modifier asks for a {type}.");
            if (param.Targets.Count > 0 && !param.Targets.Contains(key.Type))
                return ([], $"'{param.Code}' of {param.Type} never refers to a {key.Type}; it refers to {string.Join(", ", param.Targets)}.");
            return ([.. await references.TargetsAsync(key.Type, key.Id, ct), .. await OwnCanonicalsAsync(param, [key.ToString()], ct)], null);
        }

        if (value.IndexOf('|', StringComparison.Ordinal) is > 0 and var bar && ResourceKey.TryParseRelative(value.AsSpan(0, bar), out _, out _))
            return (await OwnCanonicalsAsync(param, [value], ct), null);

        if (ResourceKey.IsId(value))
        {
            string[] types = type is not null ? [type] : param.Targets.Count > 0 ? [.. param.Targets] : [.. ResourceTypes.All];
            return ([.. await references.TargetsAsync(types is [var only] ? only : null, value, ct), .. await OwnCanonicalsAsync(param, types.Select(t => $"{t}/{value}"), ct)], null);
        }

        var slash = value.IndexOf('/', StringComparison.Ordinal);
        if (!value.Contains(' ', StringComparison.Ordinal) && value.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && (slash < 0 || colon < slash))
            return (await references.TargetsAsync(null, WithoutVersion(value), ct), null);

        if (slash > 0 && !ResourceTypes.Exists(value[..slash]) && NearestName.Of(value[..slash], ResourceTypes.All) is { } near)
            return ([], $"'{value[..slash]}' is not a resource type. Did you mean '{near}'? {Expected}");
        return ([], $"'{value}' is no reference. {Expected}");
    }

    /// <summary>Canonicals that name resources of this server by type and id: relative ones, and those written with its address.</summary>
    private async ValueTask<IReadOnlyList<long>> OwnCanonicalsAsync(SearchParam param, IEnumerable<string> relative, CancellationToken ct)
    {
        var types = indexer.PlanFor(param.Type).ElementTypes(param);
        if (!types.Contains("canonical") && !types.Contains("uri"))
            return [];

        var targets = new List<long>();
        foreach (var address in relative)
        {
            targets.AddRange(await references.TargetsAsync(null, CanonicalForm.Of(address), ct));
            if (root is { Length: > 1 })
                targets.AddRange(await references.TargetsAsync(null, root + address, ct));
        }

        return targets;
    }

    /// <summary>The resource named and all that it is part of, or that are part of it. A fault has an issue code and a sentence.</summary>
    public async ValueTask<(IReadOnlyList<long> Targets, string? Code, string? Fault)> HierarchyAsync(SearchParam param, string value, bool above, CancellationToken ct)
    {
        var hierarchies = (param.Targets.Count > 0 ? param.Targets : ResourceTypes.All).Select(t => PartOf(t)).OfType<SearchParam>().ToArray();
        if (hierarchies.Length == 0)
            return ([], "not-supported", $"'{param.Code}' of {param.Type} refers to nothing that is part of its like, so there is no above and below.");

        var relative = root is { Length: > 1 } && value.StartsWith(root, StringComparison.Ordinal) ? value[root.Length..] : value;
        var type = ResourceKey.TryParseRelative(relative, out var key, out _) ? key.Type : hierarchies is [var only] ? only.Type : null;
        if (hierarchies.FirstOrDefault(h => h.Type == type) is not { } partOf)
            return ([], "value", $"Give {string.Join(" or ", hierarchies.Select(h => h.Type + "/id").Take(4))} for '{param.Code}': of which type '{value}' is decides what lies {(above ? "above" : "below")} it.");

        var (targets, fault) = await TargetsAsync(param, partOf.Type, value, ct);
        if (fault is not null)
            return ([], "value", fault);
        return await references.ClosureAsync(partOf, targets, above, ct) is { } all
            ? (all, null, null)
            : ([], "too-costly", $"More than {IReferenceLookup.MaxClosure} resources lie {(above ? "above" : "below")} {value}: begin lower.");
    }

    private SearchParam? PartOf(string type) => ((string[])["partof", "part-of"]).Select(code => parameters.Find(type, code))
        .FirstOrDefault(p => p is { Kind: Hl7.Fhir.Model.SearchParamType.Reference, IsSupported: true } && p.Targets.Contains(type));

    /// <summary>Whether the value can name a Patient only.</summary>
    public bool NamesPatient(SearchParam param, string? type, string value)
    {
        if (root is { Length: > 1 } && value.StartsWith(root, StringComparison.Ordinal))
            value = value[root.Length..];
        return type == "Patient" || value.StartsWith("Patient/", StringComparison.Ordinal) || param.Targets is ["Patient"];
    }

    private static string WithoutVersion(string url)
    {
        var cut = url.LastIndexOf("/_history/", StringComparison.Ordinal);
        return cut < 0 ? url : url[..cut];
    }
}
