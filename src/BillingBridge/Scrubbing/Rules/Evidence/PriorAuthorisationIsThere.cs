using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>AUT-001: a code that needs prior authorisation has its number.</summary>
internal sealed class PriorAuthorisationIsThere : IScrubRule
{
    public string Id => "AUT-001";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => claim.Payer.PriorAuthCodes.Contains(l.Code) || EligibilityAnswers.Of(claim).Any(r => EligibilityAnswers.WantsAuthorisation(r, l.Code))))
        {
            if (!(claim.Focal?.PreAuthRef.Any(r => !string.IsNullOrWhiteSpace(r)) ?? false))
                yield return Reject(Id, IssueType.Required, $"{claim.FocalPath}.preAuthRef", $"Prior authorisation missing for {line.Code}: {claim.PayerName} wants it. Enter the number.").On(line);
        }
    }
}
