using System.Net;
using System.Text.RegularExpressions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>The notes of a visit: their sections, and their sentences for what may be suggested from free text.</summary>
internal static partial class NoteText
{
    // LOINC: Assessment; Assessment + Plan; Evaluation + Plan note.
    private static readonly string[] AssessmentCodes = ["51848-0", "51847-2", "51487-2"];

    public static IEnumerable<Composition> Notes(VisitRecord record) =>
        record.Chart.OfType<Composition>().Where(c => record.IsOfVisit(c.Encounter) && c.Status is not CompositionStatus.EnteredInError);

    public static IEnumerable<Composition.SectionComponent> Sections(Composition note) => Flatten(note.Section);

    public static bool IsAssessment(Composition.SectionComponent section) => section.Code?.Coding.Exists(c => AssessmentCodes.Contains(c.Code)) == true;

    /// <summary>Whether the section is the coded place for one kind of em-data.</summary>
    public static bool Is(Composition.SectionComponent section, string code) =>
        section.Code?.Coding.Exists(c => c.System == EvaluationUrls.EmData && c.Code == code) == true
        && (section.Entry.Count > 0 || Plain(section.Text).Length > 0);

    public static IEnumerable<string> Sentences(Composition note) =>
        new[] { note.Text }.Concat(Sections(note).Select(s => s.Text)).SelectMany(t => SentenceEnd().Split(Plain(t))).Select(s => s.Trim()).Where(s => s.Length > 0);

    private static string Plain(Narrative? narrative) => narrative?.Div is { } div ? WebUtility.HtmlDecode(Spaces().Replace(Tags().Replace(div, " "), " ")).Trim() : "";

    private static IEnumerable<Composition.SectionComponent> Flatten(IEnumerable<Composition.SectionComponent> sections) =>
        sections.SelectMany(s => Flatten(s.Section).Prepend(s));

    [GeneratedRegex("<[^>]*>", RegexOptions.None, 1000)]
    private static partial Regex Tags();

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex Spaces();

    [GeneratedRegex(@"(?<=[.!?;])\s+", RegexOptions.None, 1000)]
    private static partial Regex SentenceEnd();
}
