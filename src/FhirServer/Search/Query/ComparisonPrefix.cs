namespace FhirEmr.FhirServer.Search.Query;

/// <summary>The two letters before an ordered value (search.html#prefix).</summary>
internal enum ComparisonPrefix
{
    Eq,
    Ne,
    Gt,
    Lt,
    Ge,
    Le,
    Sa,
    Eb,
    Ap,
}

internal static class ComparisonPrefixes
{
    public const string Known = "eq, ne, gt, lt, ge, le, sa, eb, ap";

    /// <summary>Takes the prefix off; eq when there is none. False when two letters stand there that are no prefix.</summary>
    public static bool TryTake(string text, out ComparisonPrefix prefix, out string value)
    {
        (prefix, value) = (ComparisonPrefix.Eq, text);
        if (text.Length < 2 || !char.IsAsciiLetter(text[0]) || !char.IsAsciiLetter(text[1]))
            return true;

        ComparisonPrefix? known = text[..2] switch
        {
            "eq" => ComparisonPrefix.Eq,
            "ne" => ComparisonPrefix.Ne,
            "gt" => ComparisonPrefix.Gt,
            "lt" => ComparisonPrefix.Lt,
            "ge" => ComparisonPrefix.Ge,
            "le" => ComparisonPrefix.Le,
            "sa" => ComparisonPrefix.Sa,
            "eb" => ComparisonPrefix.Eb,
            "ap" => ComparisonPrefix.Ap,
            _ => null,
        };
        (prefix, value) = (known ?? ComparisonPrefix.Eq, text[2..]);
        return known is not null;
    }
}
