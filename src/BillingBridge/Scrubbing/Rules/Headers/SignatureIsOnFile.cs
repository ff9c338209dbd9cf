using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Headers;

/// <summary>HDR-008: the patient has assigned benefits and released the record to the payer.</summary>
internal sealed class SignatureIsOnFile : IScrubRule
{
    public string Id => "HDR-008";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Coverage is not null && !claim.History.Consents.Any(IsInForce))
            yield return Warn(Id, IssueType.Incomplete, "Claim", "Signature on file missing: no active Consent of the patient. Have the assignment of benefits signed and enter it.");

        bool IsInForce(Consent consent) =>
            consent.Status == Consent.ConsentState.Active && (consent.Provision?.Period is not { } period || CoverageOrder.Covers(period, claim.FirstServiceDate));
    }
}
