using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Insurance;

/// <summary>COV-019: a workers' compensation or auto claim has the accident's date and place.</summary>
internal sealed class AccidentDataAreThere : IScrubRule
{
    public string Id => "COV-019";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Coverage is null || claim.Payer.Family is not (PayerFamily.WorkersCompensation or PayerFamily.Auto))
            yield break;

        if (claim.Claim.Accident?.Date is null || (claim.Payer.Family == PayerFamily.Auto && claim.Claim.Accident.Location is null))
            yield return Warn(Id, IssueType.Incomplete, "Claim.accident", "Property & casualty data missing: enter the accident's date and state.");
    }
}
