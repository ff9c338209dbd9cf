using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-021: the advance-notice modifiers do not contradict each other, and a notice that they speak of is on file.</summary>
/// <remarks>GA: a notice was needed and signed. GX: one was given freely, which goes with GY. GZ: none was signed. GY: excluded by statute.</remarks>
internal sealed class NoticeModifiersAgree : IScrubRule
{
    private static readonly (string One, string Other)[] Contradictions = [("GA", "GZ"), ("GA", "GY"), ("GA", "GX"), ("GZ", "GX"), ("GZ", "GY")];

    public string Id => "MOD-021";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => l.HasAny(["GA", "GX", "GY", "GZ"])))
        {
            var path = $"{line.Path}.modifier";
            foreach (var (one, other) in Contradictions.Where(c => line.Has(c.One) && line.Has(c.Other)))
                yield return Reject(Id, IssueType.BusinessRule, path, $"ABN modifier: {one} excludes {other}.").On(line);
            if (line.Modifiers.FirstOrDefault(m => m is "GA" or "GX") is { } signed && !AdvanceNotices.IsOnFile(claim, line.From ?? claim.FirstServiceDate))
                yield return Reject(Id, IssueType.NotFound, path, $"ABN modifier: {signed} says that the patient signed an advance notice, and none of the year before the service is on file. File it, or use GZ when there is none.").On(line);
        }
    }
}
