using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-012: an unlisted code is described.</summary>
internal sealed class UnlistedIsDescribed : IScrubRule
{
    public string Id => "PROC-012";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => CodeFacts.IsUnlisted(l.Code)))
        {
            if (string.IsNullOrWhiteSpace(line.Item.ProductOrService?.Text) && !claim.Claim.Info(SupportingInfo.Note).Any())
                yield return Reject(Id, IssueType.Required, line.Path, $"Description needed for unlisted code {line.Code}: say in productOrService.text what was done.").On(line);
        }
    }
}
