using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>DRG-004: the NDC is one of the HCPCS code's products.</summary>
internal sealed class NdcIsOfTheCode(EditTables edits) : IScrubRule
{
    public string Id => "DRG-004";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => CodeFacts.IsDrug(l.Code)))
        {
            if (DrugNdc.Code(line) is not { Length: > 0 } written || NationalDrugCode.Eleven(written) is not { } ndc)
                continue; // DRG-001 and DRG-002 say so
            if (edits.Table(TableNames.NdcCrosswalk) is not { } table)
                yield return Warn(Id, IssueType.NotSupported, line.Path, $"NDC not compared with {line.Code}: no crosswalk is loaded. Compare them by hand.").On(line);
            else if (!table.Find(ndc, line.From ?? claim.FirstServiceDate).Any(r => r["code"] == line.Code))
                yield return Reject(Id, IssueType.BusinessRule, line.Path, $"NDC does not match {line.Code}: {ndc} is not one of its products on that day. Correct one of the two.").On(line).With("ndc", ndc).ByTable(table.Edition);
        }
    }
}
