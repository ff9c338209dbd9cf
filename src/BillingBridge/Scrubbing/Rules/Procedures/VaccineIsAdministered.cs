using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-027: a vaccine and its administration come together.</summary>
internal sealed class VaccineIsAdministered : IScrubRule
{
    public string Id => "PROC-027";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var day in claim.Lines.Where(l => l.From is not null).GroupBy(l => l.From))
        {
            var product = day.FirstOrDefault(l => CodeFacts.IsVaccineProduct(l.Code));
            var administration = day.FirstOrDefault(l => CodeFacts.IsVaccineAdministration(l.Code));
            if (product is not null && administration is null)
                yield return Reject(Id, IssueType.BusinessRule, product.Path, $"Vaccine pair: {product.Code} has no administration code.").On(product);
            else if (administration is not null && product is null)
                yield return Reject(Id, IssueType.BusinessRule, administration.Path, $"Vaccine pair: {administration.Code} has no vaccine product.").On(administration);
        }
    }
}
