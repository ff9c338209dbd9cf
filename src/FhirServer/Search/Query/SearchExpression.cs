using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>What a search asks, in terms of the index and of no engine. Leaves say what a resource's index rows must hold.</summary>
internal abstract record SearchExpression
{
    /// <summary>All of them; empty means every resource of the type.</summary>
    public sealed record And(IReadOnlyList<SearchExpression> Terms) : SearchExpression;

    /// <summary>Any of them; empty means none.</summary>
    public sealed record Or(IReadOnlyList<SearchExpression> Terms) : SearchExpression;

    /// <summary>Resources that do not match, including those without the element (<c>:not</c>).</summary>
    public sealed record Not(SearchExpression Term) : SearchExpression;

    /// <summary>Logical ids (<c>_id</c>).</summary>
    public sealed record Ids(IReadOnlyList<string> Values) : SearchExpression;

    /// <summary>Surrogate keys, found by a search or look-up that came before.</summary>
    public sealed record Sids(IReadOnlyList<long> Values) : SearchExpression;

    /// <summary><c>_lastUpdated</c> in milliseconds since 1970 UTC; bounds inclusive below, exclusive above; null is open.</summary>
    public sealed record LastUpdated(long? From, long? Before) : SearchExpression;

    /// <summary>Last updated by that instant (milliseconds since 1970 UTC): true of nearly all there is, so that no search starts from it (<c>_asOf</c>).</summary>
    public sealed record UnchangedSince(long Instant) : SearchExpression;

    /// <summary>Resources of these types: tells the branches of a search over several types apart.</summary>
    public sealed record OfType(IReadOnlyList<string> Types) : SearchExpression;

    /// <summary>A token; null hash means any code of the system; null system means any system, 0 means explicitly none.</summary>
    public sealed record Token(SearchParam Param, long? Hash, int? System) : SearchExpression;

    /// <summary>
    /// Tokens of one system (null: of any; 0: of none) with one of these hashes; or, when <see cref="AllBut"/>, tokens of the system with none of them.
    /// </summary>
    public sealed record Tokens(SearchParam Param, IReadOnlyList<long> Hashes, int? System) : SearchExpression
    {
        public bool AllBut { get; init; }
    }

    /// <summary>Tokens that somewhere stand beside a text that starts with the folded one: candidates for <c>:text</c>.</summary>
    public sealed record Displayed(SearchParam Param, string Folded) : SearchExpression
    {
        /// <summary>Number of the parameter the texts were kept under.</summary>
        public int TextsOf { get; init; } = Param.Number;
    }

    /// <summary>
    /// One repetition with this token first (as <see cref="Token"/>) and, behind it, a value in one of these units (a token's system) within
    /// bounds of <see cref="Indexing.CompositeRow.Value"/>; null is open.
    /// </summary>
    public sealed record Composite(SearchParam Param, long? Hash, int? System) : SearchExpression
    {
        public IReadOnlyList<int>? Units { get; init; }

        public string? Low { get; init; }

        public bool LowInclusive { get; init; }

        public string? High { get; init; }

        public bool HighInclusive { get; init; }
    }

    /// <summary>One repetition with two whole numbers, each within its bounds (inclusive).</summary>
    public sealed record IntegerPair(SearchParam Param, int FirstLow, int FirstHigh, int SecondLow, int SecondHigh) : SearchExpression;

    /// <summary>References with one of these targets (<see cref="Indexing.ReferenceRow.Target"/>); empty means none.</summary>
    public sealed record Reference(SearchParam Param, IReadOnlyList<long> Targets) : SearchExpression
    {
        /// <summary>
        /// The patient in whose compartment every match must lie: set it when the one target is a Patient and the parameter puts resources
        /// into its compartment. The search then stays within that patient's rows, however large the store.
        /// </summary>
        public long? Owner { get; init; }

        /// <summary>One of the ways into a compartment that was asked for whole, not a criterion on this parameter.</summary>
        public bool IsMembership { get; init; }

        /// <summary>The targets were found by going up or down a hierarchy (<c>:above</c>, <c>:below</c>), resource by resource.</summary>
        public bool IsHierarchy { get; init; }
    }

    /// <summary>Dates for which every comparison holds on one and the same row.</summary>
    public sealed record Date(SearchParam Param, IReadOnlyList<DateComparison> Comparisons) : SearchExpression;

    public sealed record String(SearchParam Param, StringMatch Match, string Value) : SearchExpression;

    /// <summary>A folded word of the narrative, or one that begins like it.</summary>
    public sealed record Word(SearchParam Param, string Value, bool IsPrefix) : SearchExpression;

    /// <summary>Numbers; bounds are <see cref="Indexing.DecimalKey"/> texts; null is open.</summary>
    public sealed record Number(SearchParam Param, string? Low, bool LowInclusive, string? High, bool HighInclusive) : SearchExpression;

    /// <summary>Quantities in any of these unit symbols; null units means any unit.</summary>
    public sealed record Quantity(SearchParam Param, IReadOnlyList<int>? Units, string? Low, bool LowInclusive, string? High, bool HighInclusive)
        : SearchExpression;

    /// <summary>URI equal to the value, or below it on path segments.</summary>
    public sealed record Uri(SearchParam Param, string Value, bool Below) : SearchExpression;

    /// <summary>Whether the parameter has no value at all (<c>:missing</c>).</summary>
    public sealed record Missing(SearchParam Param, bool IsMissing) : SearchExpression
    {
        /// <summary>Number of the parameter that carries the shape to look into; null for the resource's own.</summary>
        public int? Shape { get; init; }
    }

    /// <summary>The resource refers, through the parameter, to a current resource of the type that matches (<c>subject:Patient.name=...</c>).</summary>
    public sealed record Chain(SearchParam Param, string TargetType, SearchExpression Target) : SearchExpression;

    /// <summary>A current resource of the type that matches refers to this one through the parameter (<c>_has</c>).</summary>
    public sealed record ReverseChain(SearchParam Param, SearchExpression Source) : SearchExpression;

    /// <summary>What no index row can decide: the stored resource itself is read and tested, after the index has narrowed the candidates.</summary>
    public sealed record Body(IBodyTest Test) : SearchExpression
    {
        /// <summary>Index conditions that every match satisfies, though not all that satisfy them match; null when there are none.</summary>
        public SearchExpression? Candidates { get; init; }

        /// <summary>The parameter as the client wrote it, for messages.</summary>
        public string? Parameter { get; init; }
    }
}

/// <summary>Decides on the content of one resource; safe for many threads, and the same answer for the same content.</summary>
internal interface IBodyTest
{
    bool Matches(FhirNode resource);

    /// <summary>The search parameters whose values it looks at.</summary>
    IEnumerable<SearchParam> Parameters { get; }
}

/// <summary>A column of the date index.</summary>
internal enum DateColumn
{
    Lo,
    Hi,
    DayLo,
    DayHi,
}

internal enum ComparisonOperator
{
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

internal readonly record struct DateComparison(DateColumn Column, ComparisonOperator Operator, long Value);

internal enum StringMatch
{
    /// <summary>Folded text starts with the folded value.</summary>
    StartsWith,

    /// <summary>Text as written equals the value.</summary>
    Exact,

    /// <summary>Folded text equals the folded value (<c>eq</c> of a filter).</summary>
    Whole,

    /// <summary>Folded text contains the folded value.</summary>
    Contains,
}
