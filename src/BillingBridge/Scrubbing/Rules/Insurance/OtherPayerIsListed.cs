using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Insurance;

/// <summary>COV-012: another payer that this one knows of is among the claim's coverages.</summary>
internal sealed class OtherPayerIsListed : IScrubRule
{
    public string Id => "COV-012";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var known = claim.Claim.Insurance
            .Select(i => claim.Chart.Find<Coverage>(i.Coverage)?.Payor.FirstOrDefault())
            .SelectMany(p => (string?[])[EligibilityAnswers.Name(p), claim.Chart.Find<Organization>(p)?.Name])
            .OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (answer, other) in EligibilityAnswers.Of(claim).SelectMany(r => r.Contained.OfType<Coverage>().Select(c => (r, c))))
        {
            if (EligibilityAnswers.Name(other.Payor.FirstOrDefault()) is { } name && !known.Contains(name))
                yield return Warn(Id, IssueType.Incomplete, "Claim.insurance", $"Other coverage reported by payer: {name}. Ask the patient, and enter it in its order.").With("payer", name).From($"CoverageEligibilityResponse/{answer.Id}");
        }
    }
}
