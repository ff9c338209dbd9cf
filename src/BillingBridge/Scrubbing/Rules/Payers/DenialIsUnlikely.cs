using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Payers;

/// <summary>HIS-001: this payer does not deny the code more often than not worth trying.</summary>
internal sealed class DenialIsUnlikely : IScrubRule
{
    public string Id => "HIS-001";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.History.Denials is not { } rates)
        {
            yield return NotEvaluated(Id, "answers of the payer in the last 180 days", claim.FirstServiceDate);
            yield break;
        }

        foreach (var line in claim.Lines)
        {
            foreach (var rate in rates.Where(r => r.Code == line.Code && r.Denied >= 3 && r.Denied * 100 >= r.Answered * 30))
            {
                yield return Warn(Id, IssueType.BusinessRule, line.Path, $"{claim.PayerName} denied {rate.Denied}/{rate.Answered} of {line.Code} for reason {rate.Reason} in the last 180 days: look at those denials and mend the cause before sending.")
                    .On(line).With("reason", rate.Reason).With("denied", $"{rate.Denied}").With("answered", $"{rate.Answered}");
            }
        }
    }
}
