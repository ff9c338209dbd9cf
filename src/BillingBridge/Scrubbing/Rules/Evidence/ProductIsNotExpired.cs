using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>DRG-006: neither vaccine nor drug was out of date on the day.</summary>
internal sealed class ProductIsNotExpired(EditTables edits) : IScrubRule
{
    public string Id => "DRG-006";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => l.From is not null))
        {
            var day = line.From!.Value;
            var sources = claim.Charges.Lines.Where(l => l.Code == line.Code).Select(l => l.Source).ToHashSet();
            if (claim.Chart.OfType<Immunization>().FirstOrDefault(i => sources.Contains($"Immunization/{i.Id}") && DateOfService.From(i.ExpirationDate) < day) is { } vaccine)
                yield return Warn(Id, IssueType.BusinessRule, line.Path, $"Product expired on {vaccine.ExpirationDate}, before it was given (Immunization/{vaccine.Id}). Correct the date, or report the error.").On(line).With("expired", vaccine.ExpirationDate);
            else if (CodeFacts.IsDrug(line.Code) && NationalDrugCode.Eleven(DrugNdc.Code(line) ?? "") is { } ndc && edits.Table(TableNames.NdcCrosswalk) is { } table
                && table.History(ndc).Any() && table.History(ndc).All(r => r.To < day))
                yield return Warn(Id, IssueType.BusinessRule, line.Path, $"Product obsolete: NDC {ndc} left the market before {DateOfService.Text(day)}. Check the package that was used.").On(line).With("ndc", ndc).ByTable(table.Edition);
        }
    }
}
