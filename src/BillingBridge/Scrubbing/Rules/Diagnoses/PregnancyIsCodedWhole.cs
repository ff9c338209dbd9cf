using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-020: a pregnancy complication has its weeks (Z3A) and no supervision code of a normal pregnancy.</summary>
internal sealed class PregnancyIsCodedWhole : IScrubRule
{
    public string Id => "DX-020";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var complications = claim.Diagnoses.Where(d => d.Between("O00", "O9A")).ToList();
        if (complications.Count == 0)
            yield break;

        if (claim.Diagnoses.Any(d => d.Category == "Z34"))
            yield return Reject(Id, IssueType.BusinessRule, "Claim.diagnosis", "Pregnancy coding: Z34 (normal pregnancy) cannot go with an O code; remove Z34.");

        // ICD-10-CM guideline I.C.21.c.11: no weeks with an abortive outcome (O00-O08).
        complications.RemoveAll(d => d.Between("O00", "O08"));
        if (complications.Count > 0 && !claim.Diagnoses.Any(d => d.Category == "Z3A"))
        {
            const string Text = "Pregnancy coding: add the weeks of gestation (Z3A).";
            yield return complications.TrueForAll(d => d.Between("O80", "O84"))
                ? Warn(Id, IssueType.Incomplete, "Claim.diagnosis", Text)
                : Reject(Id, IssueType.Incomplete, "Claim.diagnosis", Text);
        }
    }
}
