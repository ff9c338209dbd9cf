using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Providers;

/// <summary>PRV-013: what a nurse practitioner or assistant did is billed under the physician only where that is allowed.</summary>
/// <remarks>
/// Taxonomy 363A and 363L: physician assistants and nurse practitioners. Not allowed for a new patient, outside the office, for a problem
/// that no physician has seen yet, and on a day when the physician was not there. A circumstance (Z code) is no problem.
/// </remarks>
internal sealed class IncidentToIsAllowed : IScrubRule
{
    public string Id => "PRV-013";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (IncidentTo.AuthorOf(claim) is not { } helper)
            yield break;
        var fresh = claim.Diagnoses.FirstOrDefault(d => d.Plain.Length > 0 && d.Plain[0] != 'Z' && !IsKnown(claim, d));
        foreach (var line in claim.Lines.Where(l => CodeFacts.IsEvaluationAndManagement(l.Code)))
        {
            var why = CodeFacts.IsForNewPatient(line.Code) == true ? "the patient is new"
                : line.Place != "11" ? $"the place is {line.Place}, not the office"
                : fresh is not null ? $"{fresh.Code} is a new problem"
                : claim.History.IsRenderingIn == false ? "the physician has neither visits nor a schedule on that day"
                : null;
            if (why is not null)
                yield return Warn(Id, IssueType.BusinessRule, "Claim.careTeam", $"Incident-to conditions not met: {why}. Bill {line.Code} under the clinician who wrote the note.").On(line).From($"Practitioner/{helper.Id}");
        }
    }

    /// <summary>Whether the category was diagnosed before the day, on a claim or in the chart.</summary>
    private static bool IsKnown(ClaimGraph claim, ScrubDiagnosis diagnosis) =>
        claim.History.Claims.Concat(claim.History.Before.Claims).Any(c => c.Id != claim.Claim.Id
            && c.Item.Exists(i => new ScrubLine(0, i).From < claim.FirstServiceDate)
            && c.Diagnosis.Exists(d => Is(d.DiagnosisCode(), diagnosis.Category)))
        || claim.Chart.OfType<Condition>().Any(c => c.Code.Codes().Any(code => Is(code.Code, diagnosis.Category))
            && (DateOfService.From((c.Onset as FhirDateTime)?.Value ?? (c.Onset as Period)?.Start ?? c.RecordedDate, claim.Zone) < claim.FirstServiceDate));

    private static bool Is(string? code, string category) => code is not null && ChargeDiagnosis.Plain(code.ToUpperInvariant()).StartsWith(category, StringComparison.Ordinal);
}
