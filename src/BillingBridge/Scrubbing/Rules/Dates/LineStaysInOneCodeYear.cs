using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Dates;

/// <summary>DAT-007: a line does not span a change of code sets (1 October, 1 January).</summary>
internal sealed class LineStaysInOneCodeYear : IScrubRule
{
    public string Id => "DAT-007";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            if (line is { From: { } from, To: { } to } && to > from && (from.Year != to.Year || (from.Month < 10 && to.Month >= 10)))
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.serviced", "Split at the code-set change: one line before it, one after.").On(line);
        }
    }
}
