namespace FhirEmr.FhirServer.Search.Query;

/// <summary>A parameter name as it stands in the URL: <c>code[:modifier][.chain]</c>.</summary>
/// <param name="Chain">What follows the first dot: the name to search the target by; null when there is none.</param>
internal readonly record struct SearchKey(string Code, string? Modifier, string? Chain)
{
    public static SearchKey Parse(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var head = dot < 0 ? name : name[..dot];
        var colon = head.IndexOf(':', StringComparison.Ordinal);
        return new(colon < 0 ? head : head[..colon], colon < 0 ? null : head[(colon + 1)..], dot < 0 ? null : name[(dot + 1)..]);
    }
}
