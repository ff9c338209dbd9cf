namespace FhirEmr.FhirServer.Search.Query;

/// <summary>How strictly a request is taken (search.html#errors; <c>Prefer: handling</c>).</summary>
internal enum SearchHandling
{
    /// <summary>Anything unknown refuses the search: the safe way round at the bedside, and our default.</summary>
    Strict,

    /// <summary>Unknown parameters and modifiers are left out, with a warning.</summary>
    Lenient,
}

/// <summary>Something wrong with one parameter of a search.</summary>
/// <param name="Code">FHIR <c>issue-type</c>: not-supported, value, invalid, too-costly.</param>
/// <param name="Parameter">The parameter as given, modifiers included.</param>
internal sealed record SearchFault(string Code, string Parameter, string Text);

/// <summary>What came of reading a search request.</summary>
internal abstract record SearchParse
{
    private SearchParse()
    {
    }

    /// <param name="Applied">What was really applied, for the self link: ignored parameters are gone, a capped <c>_count</c> is shown capped.</param>
    /// <param name="Warnings">What was left out on the way (lenient handling only).</param>
    public sealed record Parsed(
        SearchQuery Query, ResultControls Controls, IReadOnlyList<KeyValuePair<string, string>> Applied, IReadOnlyList<SearchFault> Warnings) : SearchParse
    {
        /// <summary>Set when the answer is to hold the contained resources that match instead of those around them.</summary>
        public Contained.ContainedMatch? Contained { get; init; }
    }

    public sealed record Refused(IReadOnlyList<SearchFault> Faults) : SearchParse;
}

/// <summary>How the matches are to be shown; which they are does not depend on it.</summary>
/// <param name="Summary"><c>_summary</c>: true, text, data, count or false; null when not given.</param>
/// <param name="Elements"><c>_elements</c>, in the order given.</param>
/// <param name="Format"><c>_format</c>, as given.</param>
internal sealed record ResultControls(string? Summary, IReadOnlyList<string> Elements, string? Format, bool Pretty)
{
    public static ResultControls None { get; } = new(null, [], null, false);
}

/// <summary>Page sizes: what a search gets without asking, and at most, also in bytes; how many bodies one search may read. Bound from <c>Search</c>.</summary>
/// <param name="MaxIterations">How often <c>:iterate</c> goes on from what it included (security §8).</param>
internal sealed record SearchLimits(
    int DefaultCount = 50, int MaxCount = 1000, int MaxScanned = 20_000, int MaxIterations = 4, long MaxPageBytes = 32 * 1024 * 1024);
