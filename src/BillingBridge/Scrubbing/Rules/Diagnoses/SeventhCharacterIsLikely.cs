using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-017: the seventh character fits the place: no follow-up care in an emergency room.</summary>
internal sealed class SeventhCharacterIsLikely : IScrubRule
{
    public string Id => "DX-017";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (!claim.Lines.Any(l => l.Place == "23"))
            yield break;

        foreach (var diagnosis in claim.Diagnoses.Where(d => d.Plain.Length == 7 && d.Plain[6] is 'D' or 'S' && d.Between("S00", "T88")))
            yield return Warn(Id, IssueType.BusinessRule, diagnosis.Path, $"7th character unlikely: {diagnosis.Code} says follow-up care, but the place is an emergency room.");
    }
}
