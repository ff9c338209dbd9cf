using System.Net;
using System.Text.RegularExpressions;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>The words of a note that its author chose: sections without lists, vitals, results and signature (billing spec 3.11).</summary>
internal static partial class NoteText
{
    /// <summary>The encounter's notes that are Compositions.</summary>
    public static IEnumerable<Composition> Notes(this ClaimGraph claim) =>
        claim.Chart.OfType<Composition>().Where(c => c.Encounter?.Reference == $"Encounter/{claim.Chart.Encounter.Id}");

    /// <summary>Whether the encounter has a note as a document whose text the rules do not read.</summary>
    public static bool HasForeignNotes(this ClaimGraph claim) => claim.Chart.OfType<DocumentReference>()
        .Any(d => d.Context?.Encounter.Exists(e => e.Reference == $"Encounter/{claim.Chart.Encounter.Id}") == true);

    /// <summary>Sentences of the practice's templates, which everybody's notes share.</summary>
    public static IReadOnlySet<string> Templates(EditTables edits) =>
        edits.Table(TableNames.NoteTemplates)?.All.Select(r => Folded(r.Key)).ToHashSet(StringComparer.Ordinal) ?? [];

    /// <summary>Lower case, single blanks, no digits of dates, no sentence of a template.</summary>
    public static string Of(Composition note, IReadOnlySet<string>? templates = null) => Of(note.Section.Where(s => !Lists().IsMatch(Title(s))), templates);

    /// <summary>Assessment and plan only.</summary>
    public static string Plan(Composition note, IReadOnlySet<string>? templates = null) => Of(note.Section.Where(s => Plans().IsMatch(Title(s))), templates);

    /// <summary>The sentences of a text that another lacks.</summary>
    public static IReadOnlyList<string> Added(string text, string before)
    {
        var old = Sentences(before).ToHashSet(StringComparer.Ordinal);
        return [.. Sentences(text).Where(s => !old.Contains(s))];
    }

    private static string Of(IEnumerable<Composition.SectionComponent> sections, IReadOnlySet<string>? templates)
    {
        var text = string.Join(". ", sections.SelectMany(Texts).Select(t => Folded(WebUtility.HtmlDecode(Tags().Replace(t, " ")))));
        return templates is { Count: > 0 } ? string.Join(". ", Sentences(text).Where(s => !templates.Contains(s))) : text;
    }

    private static IEnumerable<string> Texts(Composition.SectionComponent section)
    {
        if (section.Text?.Div is { } div)
            yield return div;
        foreach (var text in section.Section.Where(s => !Lists().IsMatch(Title(s))).SelectMany(Texts))
            yield return text;
    }

    private static string Title(Composition.SectionComponent section) => section.Title ?? section.Code?.Text ?? section.Code?.Coding.FirstOrDefault()?.Display ?? "";

    private static string[] Sentences(string text) => text.Split(['.', '!', '?', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string Folded(string text) => Blanks().Replace(Dates().Replace(text.ToLowerInvariant(), " "), " ").Trim(' ', '.');

    [GeneratedRegex("medication|problem list|allerg|vital|lab|result|signature|immuni[sz]ation", RegexOptions.IgnoreCase)]
    private static partial Regex Lists();

    [GeneratedRegex("assessment|plan|impression", RegexOptions.IgnoreCase)]
    private static partial Regex Plans();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex(@"\b[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}\b")]
    private static partial Regex Dates();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
