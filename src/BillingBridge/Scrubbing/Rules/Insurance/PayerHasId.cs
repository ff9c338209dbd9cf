using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Insurance;

/// <summary>COV-006: the payer has the id the clearinghouse wants, one that it reaches.</summary>
internal sealed class PayerHasId(EditTables edits) : IScrubRule
{
    public string Id => "COV-006";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Coverage is null)
            yield break;
        var id = claim.Payor.PayerId();
        if (string.IsNullOrWhiteSpace(id))
        {
            yield return Reject(Id, IssueType.Required, $"{claim.FocalPath}.coverage.resolve().payor",
                    $"Payer id missing for {claim.PayerName}: enter it as identifier {BillingUrls.PayerId} of the payer Organization.")
                .With("payer", claim.PayerName);
        }
        else if (edits.Table(TableNames.Payers) is not { } table)
        {
            yield return NotEvaluated(Id, TableNames.Payers, claim.FirstServiceDate);
        }
        else if (!table.Find(id, claim.FirstServiceDate).Any())
        {
            yield return Reject(Id, IssueType.CodeInvalid, $"{claim.FocalPath}.coverage.resolve().payor", $"Payer id {id} unknown to the clearinghouse: enter the one of its payer list for {claim.PayerName}.")
                .With("payerId", id).ByTable(table.Edition);
        }
    }
}
