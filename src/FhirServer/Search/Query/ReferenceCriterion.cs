using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>A reference in a search: <c>id</c>, <c>Type/id</c>, or a URL, with or without a version (search.html#reference).</summary>
internal sealed class ReferenceCriterion(IReferenceLookup references, string? baseUrl)
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
            return (await references.TargetsAsync(key.Type, key.Id, ct), null);
        }

        if (ResourceKey.IsId(value))
            return (await references.TargetsAsync(type ?? (param.Targets is [var only] ? only : null), value, ct), null);

        var slash = value.IndexOf('/', StringComparison.Ordinal);
        if (!value.Contains(' ', StringComparison.Ordinal) && value.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && (slash < 0 || colon < slash))
            return (await references.TargetsAsync(null, WithoutVersion(value), ct), null);

        if (slash > 0 && !ResourceTypes.Exists(value[..slash]) && NearestName.Of(value[..slash], ResourceTypes.All) is { } near)
            return ([], $"'{value[..slash]}' is not a resource type. Did you mean '{near}'? {Expected}");
        return ([], $"'{value}' is no reference. {Expected}");
    }

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
