using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>Token: keyed hash of the code (or identifier value), number of its system; 0 when it has none.</summary>
internal readonly record struct TokenRow(int Param, long Hash, int System)
{
    /// <summary>System number of rows for concepts in words only, whose hash is that of the words (<c>:text</c>).</summary>
    public const int InWords = -1;

    /// <summary>System number of rows for typed identifiers, whose hash is that of type and value (<c>:of-type</c>).</summary>
    public const int OfType = -2;
}

/// <summary>Reference: the target's surrogate key, or for addresses outside this server the negative 63-bit hash of the URL.</summary>
internal readonly record struct ReferenceRow(int Param, long Target);

/// <summary>Date: [Lo, Hi) in milliseconds since 1970 UTC, and the same as local days since 1970 ([DayLo, DayHi), as written).</summary>
internal readonly record struct DateRow(int Param, long Lo, long Hi, int DayLo, int DayHi);

/// <summary>String: folded for search, and as written for <c>:exact</c>; both cut at <see cref="MaxLength"/> characters.</summary>
internal readonly record struct StringRow(int Param, string Folded, string Exact)
{
    public const int MaxLength = 200;
}

/// <summary>Number: the decimal as an ordinal-sortable key (<see cref="DecimalKey"/>).</summary>
internal readonly record struct NumberRow(int Param, string Value);

/// <summary>Quantity: number of the unit symbol (as written, or UCUM canonical) and the value in that unit.</summary>
internal readonly record struct QuantityRow(int Param, int Unit, string Value);

/// <summary>URI, as written; cut at <see cref="MaxLength"/> characters with a hash behind when longer.</summary>
internal readonly record struct UriRow(int Param, string Value)
{
    public const int MaxLength = 400;
}

/// <summary>
/// Composite: what one repetition holds. A token and, in <see cref="Unit"/> and <see cref="Value"/>, a quantity as in <see cref="QuantityRow"/>, a
/// second token (its system, its hash in hexadecimal) or a reference (0, its target in hexadecimal); or two whole numbers in Unit and System.
/// </summary>
internal readonly record struct CompositeRow(int Param, long Hash, int System, int Unit, string Value)
{
    /// <summary>How a hash or a target stands in <see cref="Value"/>.</summary>
    public static string Hex(long number) => number.ToString("x16", global::System.Globalization.CultureInfo.InvariantCulture);
}
/// <summary>A folded word of a narrative, cut at <see cref="Words.ResourceWords.MaxLength"/> characters.</summary>
internal readonly record struct WordRow(int Param, string Word);

/// <summary>All index rows of one resource version. The store adds the surrogate key and the owner to each row.</summary>
internal sealed class IndexRows
{
    private IReadOnlyList<SearchParam>? planned;
    private bool[] present = [];

    public List<TokenRow> Tokens { get; } = [];

    public List<ReferenceRow> References { get; } = [];

    public List<DateRow> Dates { get; } = [];

    public List<StringRow> Strings { get; } = [];

    public List<NumberRow> Numbers { get; } = [];

    public List<QuantityRow> Quantities { get; } = [];

    public List<UriRow> Uris { get; } = [];

    public List<CompositeRow> Composites { get; } = [];

    public List<WordRow> Words { get; } = [];

    /// <summary>Whether a parameter of the resource has a value; what <c>:missing</c> asks.</summary>
    public bool HasValue(int param)
    {
        for (var i = 0; i < present.Length; i++)
            if (present[i] && planned![i].Number == param)
                return true;
        return false;
    }

    /// <summary>Keeps which parameters have a value, in the order of the plan they were found by.</summary>
    internal void Keep(IReadOnlyList<SearchParam> parameters, bool[] withValue) => (planned, present) = (parameters, withValue);

    /// <summary>Surrogate keys of the patients whose compartment holds the resource; a Patient owns itself. Usually none or one.</summary>
    public List<long> Owners { get; } = [];

    public int Count => Tokens.Count + References.Count + Dates.Count + Strings.Count + Numbers.Count + Quantities.Count + Uris.Count + Composites.Count + Words.Count;
}
