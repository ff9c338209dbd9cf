using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-025: every condition of the encounter has one ICD-10-CM code, chosen by a person where the map leaves a choice.</summary>
internal sealed class DiagnosisIsChosen : IScrubRule
{
    public string Id => "DX-025";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var gap in claim.Charges.Gaps)
        {
            if (gap.Kind == CodingGapKind.DiagnosisChoice && claim.Diagnoses.FirstOrDefault(d => d.Plain == ChargeDiagnosis.Plain(gap.Code)) is { } diagnosis && !IsChosen(diagnosis))
            {
                yield return Reject(Id, IssueType.CodeInvalid, diagnosis.Path, $"Choose the code: {gap.Code} is one of several for {gap.Source}. Set the right one on the condition, or mark this one userSelected.")
                    .With("source", gap.Source);
            }
            else if (gap.Kind == CodingGapKind.Diagnosis)
            {
                yield return Warn(Id, IssueType.NotFound, "Claim.diagnosis", $"Choose the code: {gap.System}|{gap.Code} ({gap.Display}) of {gap.Source} has no ICD-10-CM code. {gap.Advice}")
                    .With("system", gap.System).With("code", gap.Code);
            }
        }
    }

    private static bool IsChosen(ScrubDiagnosis diagnosis) =>
        (diagnosis.Component.Diagnosis as CodeableConcept)?.Coding.Exists(c => c.UserSelected == true) == true;
}
