using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Coordination;

/// <summary>COB-004: an earlier payer left something for the patient.</summary>
internal sealed class SomethingIsDue : IScrubRule
{
    public string Id => "COB-004";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var (i, _, response) in PriorAnswers.Of(claim))
        {
            var patientShare = response.Item.SelectMany(x => x.Adjudication)
                .Where(a => a.GetExtensionValue<Code>(BillingUrls.CagcExtension)?.Value == "PR").Sum(a => a.Amount?.Value ?? 0m);
            if (response.Item.Count > 0 && patientShare == 0m)
                yield return Warn(Id, IssueType.BusinessRule, $"Claim.insurance[{i}]", "Nothing due: the earlier payer left no patient responsibility to bill.").From($"ClaimResponse/{response.Id}");
        }
    }
}
