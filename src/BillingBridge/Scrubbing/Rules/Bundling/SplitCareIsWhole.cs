using FhirEmr.BillingBridge.Claims;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Bundling;

/// <summary>GLB-003: care split between surgeons names the other part or the dates.</summary>
internal sealed class SplitCareIsWhole : IScrubRule
{
    public string Id => "GLB-003";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => l.HasAny(["54", "55", "56"])))
        {
            var dated = claim.Claim.Info(SupportingInfo.AssumedCare).Concat(claim.Claim.Info(SupportingInfo.RelinquishedCare)).Any(i => i.Timing is not null);
            var partner = claim.Lines.Concat(claim.OtherLines.Select(o => o.Line))
                .Any(o => o.Code == line.Code && !ReferenceEquals(o, line) && o.HasAny(["54", "55", "56"]) && !o.Modifiers.Any(m => m is "54" or "55" or "56" && line.Has(m)));
            if (!dated && !partner)
                yield return Reject(Id, IssueType.Required, line.Path, $"Split global care: {line.Code} is one part of the care, but neither the other part nor the day it was handed over is known. Enter supportingInfo {SupportingInfo.AssumedCare} or {SupportingInfo.RelinquishedCare}.").On(line);
        }
    }
}
