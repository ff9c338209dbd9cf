using System.Text.RegularExpressions;
using FhirEmr.BillingBridge.Claims;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Headers;

/// <summary>HDR-001: the patient control number is there, fits and is nobody else's.</summary>
internal sealed partial class ControlNumberIsUnique : IScrubRule
{
    public string Id => "HDR-001";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var pcn = claim.Claim.PatientControlNumber();
        if (pcn is null || !Shape().IsMatch(pcn))
        {
            yield return Reject(Id, IssueType.Value, "Claim.identifier", "Patient control number: 6 to 20 capital letters and digits are needed.").With("pcn", pcn);
            yield break;
        }

        if (claim.History.SameControlNumber.Any(c => c.Id != claim.Claim.Id))
            yield return Reject(Id, IssueType.Duplicate, "Claim.identifier", $"Patient control number {pcn} is used by another claim: give this one a new number.").With("pcn", pcn);
    }

    [GeneratedRegex("^[A-Z0-9][A-Z0-9-]{5,19}$")]
    private static partial Regex Shape();
}
