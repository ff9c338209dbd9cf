using System.Text.RegularExpressions;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>DOC-009: a Medicare wellness visit has its health risk assessment and its screening schedule.</summary>
/// <remarks>42 CFR 410.15.</remarks>
internal sealed partial class WellnessVisitIsWhole : IScrubRule
{
    public string Id => "DOC-009";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => l.Code is "G0438" or "G0439"))
        {
            var titles = claim.Notes().SelectMany(n => n.Section).Select(s => s.Title ?? "").ToList();
            var hasAssessment = titles.Exists(t => Assessment().IsMatch(t)) || claim.Chart.OfType<QuestionnaireResponse>().Any() || claim.Chart.OfType<Observation>().Any(o => Assessment().IsMatch(o.Code?.Text ?? o.Code?.Coding.FirstOrDefault()?.Display ?? ""));
            var missing = new List<string>();
            if (!hasAssessment)
                missing.Add("health risk assessment");
            if (!titles.Exists(t => Schedule().IsMatch(t)))
                missing.Add("screening schedule");
            if (missing.Count > 0)
                yield return Reject(Id, IssueType.Required, line.Path, $"Wellness elements missing for {line.Code}: {string.Join(", ", missing)}. Add them to the note.").On(line).With("missing", string.Join(',', missing));
        }
    }

    [GeneratedRegex("health risk|HRA", RegexOptions.IgnoreCase)]
    private static partial Regex Assessment();

    [GeneratedRegex("screening schedule|prevention plan|personali[sz]ed plan", RegexOptions.IgnoreCase)]
    private static partial Regex Schedule();
}
