using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-016: an injury's first treatment names its cause when the payer wants it.</summary>
internal sealed class ExternalCauseIsThere : IScrubRule
{
    public string Id => "DX-016";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (!claim.Payer.ExternalCauseWanted || claim.Diagnoses.Any(d => d.Between("V00", "Y99")))
            yield break;

        if (claim.Diagnoses.Any(d => d.Plain.Length == 7 && d.Plain[6] == 'A' && (d.Between("S00", "T34") || d.Between("T66", "T78"))))
            yield return Warn(Id, IssueType.Incomplete, "Claim.diagnosis", "External cause missing: add how the injury happened.");
    }
}
