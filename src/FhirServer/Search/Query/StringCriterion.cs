using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>A string in a search: start, part (<c>:contains</c>) or whole (<c>:exact</c>) of a text (search.html#string).</summary>
/// <remarks>
/// The index keeps the first <see cref="StringRow.MaxLength"/> characters, and what lies behind them in overlapping pieces. A value too long for
/// either is looked up by its beginning, and the resources found are read: whatever the length, what matches is what the texts say.
/// </remarks>
internal sealed class StringCriterion(SearchParameters parameters, ResourceIndexer indexer)
{
    public const string Expected = "A string is any text.";

    /// <summary>Null for no text at all.</summary>
    public SearchExpression? For(SearchParam param, string? modifier, string text, string given)
    {
        var plain = SearchText.Unescape(text);
        if (plain.Length == 0)
            return null;

        // Punctuation alone folds to nothing, which would match every text: then only the text itself can be meant.
        var folded = StringFolding.Fold(plain);
        if (modifier == "exact" || folded.Length == 0)
            return Exact(param, StringComposition.Compose(plain), given);
        return modifier == "contains" ? Contains(param, folded, given) : StartsWith(param, folded, given);
    }

    /// <summary>The whole text, case and accents aside (<c>eq</c> of a filter); what folds to nothing is compared as written.</summary>
    public SearchExpression Whole(SearchParam param, string text, string given)
    {
        var folded = StringFolding.Fold(text);
        if (folded.Length == 0)
            return Exact(param, StringComposition.Compose(text), given);
        var row = new SearchExpression.String(param, StringMatch.Whole, StringIndexer.Cut(folded));
        return folded.Length < StringRow.MaxLength - 1 ? row : Read(param, row, given, t => StringFolding.Fold(t) == folded);
    }

    // A text that fills the row may go on behind it.
    private SearchExpression Exact(SearchParam param, string text, string given)
    {
        var row = new SearchExpression.String(param, StringMatch.Exact, StringIndexer.Cut(text));
        return text.Length < StringRow.MaxLength - 1 ? row : Read(param, row, given, t => StringComposition.Compose(t) == text);
    }

    private SearchExpression StartsWith(SearchParam param, string folded, string given)
    {
        var row = new SearchExpression.String(param, StringMatch.StartsWith, StringIndexer.Cut(folded));
        return folded.Length < StringRow.MaxLength ? row : Read(param, row, given, t => StringFolding.Fold(t).StartsWith(folded, StringComparison.Ordinal));
    }

    /// <summary>How a text ends, case and accents aside (<c>ew</c> of a filter): no index is in that order, so what contains it is found and read.</summary>
    public SearchExpression EndsWith(SearchParam param, string text, string given)
    {
        var folded = StringFolding.Fold(text);
        if (folded.Length > 0)
            return Read(param, Rows(param, Sought(folded)), given, t => StringFolding.Fold(t).EndsWith(folded, StringComparison.Ordinal));
        var plain = StringComposition.Compose(text);
        return Read(param, new SearchExpression.String(param, StringMatch.StartsWith, ""), given, t => StringComposition.Compose(t).EndsWith(plain, StringComparison.Ordinal));
    }

    private SearchExpression Contains(SearchParam param, string folded, string given)
    {
        var sought = Sought(folded);
        var rows = Rows(param, sought);
        return sought == folded ? rows : Read(param, rows, given, t => StringFolding.Fold(t).Contains(folded, StringComparison.Ordinal));
    }

    private static string Sought(string folded) => folded.Length <= StringPieces.MaxSought ? folded
        : folded[..(StringPieces.MaxSought - (char.IsHighSurrogate(folded[StringPieces.MaxSought - 1]) ? 1 : 0))];

    private SearchExpression.Or Rows(SearchParam param, string sought) => new([
        new SearchExpression.String(param, StringMatch.Contains, sought),
        new SearchExpression.String(parameters.FindPieces(param), StringMatch.Contains, sought),
    ]);

    private SearchExpression.Body Read(SearchParam param, SearchExpression candidates, string given, Func<string, bool> matches) =>
        new(new ValueTest(indexer.PlanFor(param.Type), param, node =>
        {
            var probe = new Probe(matches);
            StringIndexer.Parts(node, ref probe);
            return probe.Found;
        }))
        { Candidates = candidates, Parameter = given };

    private struct Probe(Func<string, bool> matches) : ITextSink
    {
        public bool Found { get; private set; }

        public void Text(string text) => Found = Found || matches(text);
    }
}
