using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-009: an established-patient code is for somebody the practice has seen.</summary>
internal sealed class EstablishedPatientIsKnown : IScrubRule
{
    public string Id => "PROC-009";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.LastSeen is not null)
            yield break;

        foreach (var line in claim.Lines.Where(l => CodeFacts.IsForNewPatient(l.Code) == false))
            yield return Warn(Id, IssueType.BusinessRule, $"{line.Path}.productOrService", $"Looks like a new patient: no service in three years before this one, but {line.Code} is for established patients.").On(line);
    }
}
