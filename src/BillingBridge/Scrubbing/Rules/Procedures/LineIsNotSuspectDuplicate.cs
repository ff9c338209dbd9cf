using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-020: the same code twice on a day says why.</summary>
internal sealed class LineIsNotSuspectDuplicate : IScrubRule
{
    public string Id => "PROC-020";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        string[] reasons = ["76", "77", "91", "59", "XE", "XS", "XP", "XU", "RT", "LT", "50"];
        foreach (var line in claim.Lines)
        {
            if (claim.Lines.Any(o => o.Index < line.Index && o.Code == line.Code && o.From == line.From && !o.HasAny(reasons)) && !line.HasAny(reasons))
                yield return Warn(Id, IssueType.Duplicate, line.Path, $"Suspect duplicate: {line.Code} twice on one day without a modifier that tells them apart.").On(line);
        }
    }
}
