using FhirEmr.Terminology.CodeSystems;
using FhirEmr.Terminology.CodeSystems.Editions;
using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.Terminology.Operations;

/// <summary>The operations on code systems (codesystem-operations.html), whatever holds the content.</summary>
public sealed class CodeSystemOperations
{
    private const int MaxMatches = 1000;
    private readonly SystemCatalog catalog;

    internal CodeSystemOperations(SystemCatalog catalog) => this.catalog = catalog;

    /// <summary>What a code means.</summary>
    public (LookupAnswer? Answer, Refusal? Refusal) Lookup(string system, string? version, string code, DateOnly on)
    {
        var (known, warning, fault) = SystemChoice.Of(catalog, system, version, on);
        if (known is null)
            return (null, new("not-found", fault!));
        if (known is not CodeSystemContent content)
        {
            return known.Judge(code, on).IsValid == true
                ? (new(CodeSystemUrls.NameOf(known.Url) ?? known.Url, known.Url, known.Version, code, null, null, false, false, [], [], [], [], null, null, null, null, null), null)
                : (null, new("not-found", CodeHistory.WhyNot(catalog, known, code, on)));
        }

        var row = Find(content, code, on);
        if (row < 0)
            return (null, new("not-found", CodeHistory.WhyNot(catalog, content, code, on)));
        var table = content as TableSystem;
        var (from, to) = table?.Validity(row) ?? (null, null);
        return (new(
            content.Title ?? content.Url, content.Url, content.Version, content.Code(row), content.Display(row), content.Definition(row),
            content.IsAbstract(row), content.IsInactive(row), [.. content.Properties(row)],
            [.. content.Parents(row).Select(parent => new CodeAndDisplay(content.Code(parent), content.Display(parent)))],
            [.. content.Children(row, on).Select(child => new CodeAndDisplay(content.Code(child), content.Display(child)))],
            [.. content.Designations(row)], from, to, table?.EditionOf(row).Id, table?.EditionOf(row).Notice ?? content.Copyright, warning), null);
    }

    /// <summary>Whether a code is valid on a day, and the display given with it.</summary>
    public CodeVerdict Validate(string system, string? version, string code, string? display, DateOnly on)
    {
        var (known, warning, fault) = SystemChoice.Of(catalog, system, version, on);
        if (known is null)
            return new(null, fault, system, version, code, null);
        if (known is not CodeSystemContent content)
        {
            var standing = known.Judge(code, on);
            return new(standing.IsValid, standing.IsValid == true ? null : CodeHistory.WhyNot(catalog, known, code, on), known.Url, null, code, null);
        }

        // Outside of every loaded range the nearest edition speaks of its own time.
        var day = warning is null ? on : Nearest(content, on);
        var row = Find(content, code, day);
        if (row < 0)
        {
            var isValid = content.Judge(code, day).IsValid;
            return new(warning is null ? isValid : null, Joined(CodeHistory.WhyNot(catalog, content, code, on), warning), content.Url, content.Version, code, null);
        }

        var title = content.Display(row);
        if (display is not null && title is not null && !IsNameOf(content, row, display))
            return new(false, Joined($"'{display}' is no name of {content.Code(row)}: it is '{title}'.", warning), content.Url, content.Version, content.Code(row), title) { IsDisplayWrong = true };
        return new(true, Joined(Hint(content, row, day), warning), content.Url, content.Version, content.Code(row), title);
    }

    /// <summary>How two codes stand to each other: equivalent, subsumes, subsumed-by or not-subsumed.</summary>
    public (string? Outcome, Refusal? Refusal) Subsumes(string system, string? version, string codeA, string codeB, DateOnly on)
    {
        var (known, _, fault) = SystemChoice.Of(catalog, system, version, on);
        if (known is not CodeSystemContent content)
            return (null, new(known is null ? "not-found" : "not-supported", fault ?? $"The codes of {system} follow a grammar and have no hierarchy."));
        var (a, b) = (Find(content, codeA, on), Find(content, codeB, on));
        if (a < 0 || b < 0)
            return (null, new("not-found", CodeHistory.WhyNot(catalog, content, a < 0 ? codeA : codeB, on)));
        return (a == b ? "equivalent" : content.IsBelow(b, a) ? "subsumes" : content.IsBelow(a, b) ? "subsumed-by" : "not-subsumed", null);
    }

    /// <summary>The codes that have these properties: all of them, or unless <paramref name="exact"/> at least one, best first.</summary>
    public (IReadOnlyList<ConceptMatch>? Matches, Refusal? Refusal) FindMatches(
        string system, string? version, IReadOnlyList<ConceptProperty> properties, bool exact, DateOnly on)
    {
        var (known, _, fault) = SystemChoice.Of(catalog, system, version, on);
        if (known is not CodeSystemContent content)
            return (null, new(known is null ? "not-found" : "not-supported", fault ?? $"The codes of {system} are not listed here."));
        var found = new List<(int Row, ConceptProperty[] Unmatched)>();
        foreach (var row in content.Rows(on))
        {
            var unmatched = properties.Where(p => !Has(content, row, p)).ToArray();
            if (unmatched.Length == 0 || (!exact && unmatched.Length < properties.Count))
                found.Add((row, unmatched));
        }

        var ordered = found.OrderBy(f => f.Unmatched.Length).ToArray();
        return ordered.Length > MaxMatches && ordered[MaxMatches].Unmatched.Length == 0
            ? (null, new("too-costly", $"{ordered.Count(f => f.Unmatched.Length == 0)} codes have these properties, more than the {MaxMatches} an answer takes: add a property."))
            : ([.. ordered.Take(MaxMatches).Select(f => new ConceptMatch(content.Url, content.Version, content.Code(f.Row), content.Display(f.Row), f.Unmatched))], null);
    }

    private static bool Has(CodeSystemContent content, int row, ConceptProperty wanted) => content.Values(row, wanted.Code).Any(v =>
        string.Equals(v, wanted.Value, wanted.Code is "display" or "definition" || !content.IsCaseSensitive ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));

    /// <summary>A row of the day; of an edition that answers for want of a better one, of its own time.</summary>
    private static int Find(CodeSystemContent content, string code, DateOnly on) => content.Find(code, Nearest(content, on));

    private static DateOnly Nearest(CodeSystemContent content, DateOnly on) => content is not TableSystem { Main: var edition } || edition.Covers(on) ? on
        : on < edition.EffectiveFrom ? edition.EffectiveFrom : edition.EffectiveTo ?? on;

    /// <summary>A header that groups others is a code, but no claim takes it.</summary>
    private static string? Hint(CodeSystemContent content, int row, DateOnly on)
    {
        if (content.IsInactive(row))
            return $"{content.Code(row)} is inactive: it is not to be used any more.";
        if (content is not TableSystem || !content.IsAbstract(row))
            return null;
        var children = content.Children(row, on).Take(3).Select(content.Code).ToArray();
        return $"{content.Code(row)} groups more specific codes and cannot be billed itself{(children.Length == 0 ? "" : $"; choose one such as {string.Join(", ", children)}")}.";
    }

    internal static bool IsNameOf(CodeSystemContent content, int row, string display)
    {
        return Same(content.Display(row)) || content.Designations(row).Any(d => Same(d.Value)) || content.Values(row, "shortTitle").Any(Same);

        // Blanks and case are how people copy names, not what they mean.
        bool Same(string? name) => name is not null && string.Equals(Plain(name), Plain(display), StringComparison.OrdinalIgnoreCase);
        static string Plain(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static string? Joined(string? first, string? second) => first is null ? second : second is null ? first : $"{first} {second}";
}
