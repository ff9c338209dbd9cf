using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Insurance;

/// <summary>COV-011: the payer's last answer about the day of service does not say no.</summary>
internal sealed class PayerSaysCovered : IScrubRule
{
    public string Id => "COV-011";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (EligibilityAnswers.Latest(claim) is not { } last)
            yield break;
        var refusals = last.Error.Where(e => e.Code.HasAny("72", "75")).ToList();
        if (EligibilityAnswers.SaysActive(last) == false || refusals.Count > 0)
        {
            yield return Reject(Id, IssueType.BusinessRule, claim.FocalPath,
                    $"Payer says not covered: the answer of {last.Created} {(refusals.Count > 0 ? "does not find the member" : "says inactive")}. Correct the member id, or use the coverage of that day.")
                .With("answer", $"CoverageEligibilityResponse/{last.Id}");
        }
    }
}
