using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>One search, ready to be turned into SQL: which resources, in what order, which page, what else to bring.</summary>
/// <param name="Type">The type searched; <see cref="EveryType"/> when there are several (then <see cref="Types"/> tells).</param>
internal sealed record SearchQuery(string Type, SearchExpression Where)
{
    public const string EveryType = "Resource";

    /// <summary>The types searched; empty means all there are.</summary>
    public IReadOnlyList<string> Types { get; init; } = Type == EveryType ? [] : [Type];

    /// <summary>Sort keys in order; the surrogate key breaks ties. Empty means insert order.</summary>
    public IReadOnlyList<SortKey> Sort { get; init; } = [];

    /// <summary>Entries a page, at most; 0 means count only.</summary>
    public int Count { get; init; } = 50;

    /// <summary>Where the previous page ended; null for the first.</summary>
    public PagePosition? After { get; init; }

    /// <summary>
    /// Set to bring the rest of what a page includes: matches behind <see cref="After"/> up to this one are read again and not shown, and
    /// only what they include is.
    /// </summary>
    public IncludePosition? Rest { get; init; }

    public TotalMode Total { get; init; } = TotalMode.None;

    public IReadOnlyList<Include> Includes { get; init; } = [];

    /// <summary>Bytes of bodies after which a page ends early, and the same for what it includes. Those in process, who ask for so many and take no other pages, set none.</summary>
    public long MaxBytes { get; init; } = long.MaxValue;

    /// <summary>Bodies that may be read to decide what no index can; beyond it the search is refused as too costly.</summary>
    public int MaxScanned { get; init; } = 20_000;

    /// <summary>How often <c>:iterate</c> goes on from what it included; the page says when more lies deeper.</summary>
    public int MaxIterations { get; init; } = 4;
}

/// <param name="Param">Parameter to sort on; its number is 0 for <c>_id</c> and <c>_lastUpdated</c>.</param>
/// <remarks>Several values: least ascending, greatest descending. No value: last ascending, last descending.</remarks>
internal readonly record struct SortKey(SearchParam Param, bool Descending)
{
    /// <summary>Numbers of the parameter, one for each type searched.</summary>
    public IReadOnlyList<int> Numbers { get; init; } = [Param.Number];
}

/// <summary>The sort values and surrogate key of the last entry shown; keyset paging resumes behind it. Null value: the entry had none.</summary>
internal sealed record PagePosition(IReadOnlyList<object?> Values, long Sid);

/// <summary>How far the included resources of one page have been shown.</summary>
/// <param name="Last">The last match of the page.</param>
/// <param name="Sid">Surrogate key of the last included resource shown; they come in its order.</param>
/// <param name="IsLastPage">No matches follow the page.</param>
internal sealed record IncludePosition(PagePosition Last, long Sid, bool IsLastPage);

internal enum TotalMode
{
    None,
    Estimate,
    Accurate,
}

/// <summary><c>_include</c> (forward) or <c>_revinclude</c>: follow one reference parameter from the matches.</summary>
/// <param name="SourceType">Type that holds the reference.</param>
/// <param name="Param">Parameter to follow; null for the wildcard <c>*</c>.</param>
/// <param name="TargetType">Only targets of this type, when given.</param>
internal sealed record Include(string SourceType, SearchParam? Param, string? TargetType, bool IsReverse, bool Iterate)
{
    /// <summary>Source of a bare <c>_include=*</c> in a search over several types.</summary>
    public const string AnyType = "*";
}

/// <summary>A page of matches with what they include, and where the next page begins.</summary>
/// <param name="Next">Where the next matches begin; null when these are the last.</param>
internal sealed record SearchPage(
    IReadOnlyList<Resources.StoredResource> Matches, IReadOnlyList<Resources.StoredResource> Included, long? Total, PagePosition? Next)
{
    /// <summary>The matches include more than one page carries: the rest begins here, and <see cref="Next"/> behind it.</summary>
    public IncludePosition? Rest { get; init; }

    /// <summary>What was included refers on to what <see cref="SearchQuery.MaxIterations"/> left out.</summary>
    public bool LiesDeeper { get; init; }
}
