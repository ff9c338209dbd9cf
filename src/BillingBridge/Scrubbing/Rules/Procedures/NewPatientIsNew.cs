using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-008: a new-patient code is for somebody not seen by the practice in three years.</summary>
internal sealed class NewPatientIsNew : IScrubRule
{
    public string Id => "PROC-008";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.LastSeen is not { } seen)
            yield break;

        foreach (var line in claim.Lines.Where(l => CodeFacts.IsForNewPatient(l.Code) == true))
        {
            yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.productOrService", $"Established since {DateOfService.Text(seen.Day)}: use {CodeFacts.For(line.Code, claim.Facts)} instead of {line.Code}.")
                .On(line).With("lastSeen", DateOfService.Text(seen.Day)).From(seen.Reference);
        }
    }
}
