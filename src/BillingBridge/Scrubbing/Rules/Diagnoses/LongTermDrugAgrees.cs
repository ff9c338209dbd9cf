using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-022: long-term drug codes fit the kind of diabetes.</summary>
internal sealed class LongTermDrugAgrees : IScrubRule
{
    public string Id => "DX-022";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Diagnoses.Any(d => d.Category == "E10") && claim.Diagnoses.Any(d => d.Plain == "Z7984") && !claim.Diagnoses.Any(d => d.Plain == "Z794"))
            yield return Warn(Id, IssueType.BusinessRule, "Claim.diagnosis", "Long-term drug code: type 1 diabetes with oral drugs only (Z79.84); check the type or add Z79.4.");
    }
}
