using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Insurance;

/// <summary>COV-006: the payer has the id the clearinghouse wants.</summary>
internal sealed class PayerHasId : IScrubRule
{
    public string Id => "COV-006";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Coverage is not null && string.IsNullOrWhiteSpace(claim.Payor?.Identifier.Find(i => i.System == BillingUrls.PayerId)?.Value))
        {
            yield return Reject(Id, IssueType.Required, $"{claim.FocalPath}.coverage.resolve().payor",
                    $"Payer id missing for {claim.PayerName}: enter it as identifier {BillingUrls.PayerId} of the payer Organization.")
                .With("payer", claim.PayerName);
        }
    }
}
