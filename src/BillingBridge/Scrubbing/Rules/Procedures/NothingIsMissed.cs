using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-026: everything performed is billed or known not to be.</summary>
internal sealed class NothingIsMissed : IScrubRule
{
    public string Id => "PROC-026";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var gap in claim.Charges.Gaps)
        {
            if (MissedCharge(gap) is { } finding)
                yield return finding;
        }

        var billed = claim.Lines.Select(l => l.Code).ToHashSet();
        foreach (var missed in claim.Charges.Lines.Where(l => !billed.Contains(l.Code)))
            yield return Warn("PROC-026", IssueType.Incomplete, "Claim.item", $"Possible missed charge: {missed.Code} of {missed.Source}.").With("code", missed.Code);
    }

    /// <summary>What a gap in the charges means; null for gaps that are about diagnoses.</summary>
    public static ScrubFinding? MissedCharge(CodingGap gap) => gap.Kind is CodingGapKind.Visit or CodingGapKind.Service
        ? Warn("PROC-026", IssueType.NotFound, "Claim.item", $"Possible missed charge: {gap.System}|{gap.Code} ({gap.Display}) of {gap.Source}. {gap.Advice}")
            .With("system", gap.System).With("code", gap.Code)
        : null;
}
