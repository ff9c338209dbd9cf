using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Places;

/// <summary>POS-008: one place a claim, where the payer wants it.</summary>
internal sealed class PlaceIsOne : IScrubRule
{
    public string Id => "POS-008";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Payer.OnePlacePerClaim && claim.Lines.Select(l => l.Place).Distinct().Count() > 1)
            yield return Reject(Id, IssueType.BusinessRule, "Claim.item", "Split by POS: this payer takes one place of service a claim.");
    }
}
