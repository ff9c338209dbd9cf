using FhirEmr.BillingBridge.Claims;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-019: no other line, here or on another claim, bills the same service.</summary>
internal sealed class LineIsNotDuplicate : IScrubRule
{
    public string Id => "PROC-019";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            if (claim.Lines.FirstOrDefault(o => o.Index < line.Index && IsSame(o, line)) is { } same)
            {
                yield return Reject(Id, IssueType.Duplicate, line.Path, $"Duplicate of line {same.Number}: remove one, or raise its units.").On(line);
            }
            else if (claim.OtherLines.FirstOrDefault(e => IsSame(e.Line, line)) is { Claim: { } other })
            {
                yield return Reject(Id, IssueType.Duplicate, line.Path, $"Duplicate of claim {other.PatientControlNumber()}: the same service is billed there.").On(line).With("pcn", other.PatientControlNumber()).From($"Claim/{other.Id}");
            }
        }
    }

    private static bool SameModifiers(IReadOnlyList<string> a, IReadOnlyList<string> b) =>
        a.Count == b.Count && (a.Count == 0 || a.Order(StringComparer.Ordinal).SequenceEqual(b.Order(StringComparer.Ordinal)));

    private static bool IsSame(ScrubLine a, ScrubLine b) =>
        a.Code == b.Code && a.From is not null && a.From == b.From && a.Units == b.Units && SameModifiers(a.Modifiers, b.Modifiers);
}
