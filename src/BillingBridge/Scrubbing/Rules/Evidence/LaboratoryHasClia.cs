using System.Text.RegularExpressions;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>LAB-001: a laboratory test names the CLIA certificate.</summary>
internal sealed partial class LaboratoryHasClia : IScrubRule
{
    public string Id => "LAB-001";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var number = (claim.Claim.Info(SupportingInfo.Clia).FirstOrDefault()?.Value as FhirString)?.Value;
        if (number is not null && Shape().IsMatch(number))
            yield break;

        foreach (var line in claim.Lines.Where(l => CodeFacts.IsLaboratory(l.Code)))
        {
            yield return Reject(Id, IssueType.Required, "Claim.supportingInfo",
                    $"CLIA number {(number is null ? "missing" : $"'{number}' malformed")} for {line.Code}: enter the laboratory's certificate as identifier {BillingUrls.Clia} of the practice.")
                .On(line);
        }
    }

    [GeneratedRegex("^[0-9]{2}D[0-9]{7}$")]
    private static partial Regex Shape();
}
