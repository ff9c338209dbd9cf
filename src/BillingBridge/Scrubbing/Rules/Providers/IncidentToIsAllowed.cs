using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Providers;

/// <summary>PRV-013: what a nurse practitioner or assistant did is billed under the physician only where that is allowed.</summary>
/// <remarks>Taxonomy 363A and 363L: physician assistants and nurse practitioners. Whether the problem was new, no table says.</remarks>
internal sealed class IncidentToIsAllowed : IScrubRule
{
    public string Id => "PRV-013";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Rendering is not { } rendering)
            yield break;
        var helper = claim.Notes().SelectMany(n => n.Author)
            .Select(a => claim.Chart.Find<Practitioner>(a)).OfType<Practitioner>()
            .FirstOrDefault(p => p.Id != rendering.Id && Trainees.Taxonomies(claim, p).Any(t => t.StartsWith("363", StringComparison.Ordinal)));
        if (helper is null || Trainees.Taxonomies(claim, rendering).Any(t => t.StartsWith("363", StringComparison.Ordinal)))
            yield break;
        foreach (var line in claim.Lines.Where(l => CodeFacts.IsEvaluationAndManagement(l.Code)))
        {
            var why = CodeFacts.IsForNewPatient(line.Code) == true ? "the patient is new" : line.Place != "11" ? $"the place is {line.Place}, not the office" : null;
            if (why is not null)
                yield return Warn(Id, IssueType.BusinessRule, "Claim.careTeam", $"Incident-to conditions not met: {why}. Bill {line.Code} under the clinician who wrote the note.").On(line);
        }
    }
}
