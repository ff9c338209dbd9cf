using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Insurance;

/// <summary>COV-003: every service is inside the coverage period.</summary>
internal sealed class ServiceIsInsideCoverage : IScrubRule
{
    public string Id => "COV-003";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Coverage?.Period is not { } period)
            yield break;

        foreach (var line in claim.Lines)
        {
            if (line.From is { } day && !CoverageOrder.Covers(period, day))
            {
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.serviced",
                        $"Service {DateOfService.Text(day)} outside coverage {period.Start ?? "…"}–{period.End ?? "…"}: use the coverage of that day.")
                    .On(line).With("start", period.Start).With("end", period.End);
            }
        }
    }
}
