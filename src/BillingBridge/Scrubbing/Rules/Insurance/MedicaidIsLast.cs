using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Insurance;

/// <summary>COV-016: Medicaid pays last.</summary>
internal sealed class MedicaidIsLast : IScrubRule
{
    public string Id => "COV-016";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var ordered = claim.Claim.Insurance.OrderBy(i => i.Sequence).ToList();
        for (var i = 0; i < ordered.Count - 1; i++)
        {
            var coverage = claim.Chart.Find<Coverage>(ordered[i].Coverage);
            var payor = claim.Chart.Find<Organization>(coverage?.Payor.FirstOrDefault());
            if (coverage is not null && PayerDirectory.FamilyOf(coverage, payor) == PayerFamily.Medicaid)
                yield return Reject(Id, IssueType.BusinessRule, "Claim.insurance", "Medicaid must be last payer: move it behind the other coverages.");
        }
    }
}
