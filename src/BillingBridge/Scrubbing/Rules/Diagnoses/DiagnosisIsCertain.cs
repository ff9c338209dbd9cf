using System.Text.RegularExpressions;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-024: outside a hospital stay no suspected disease is coded as a confirmed one.</summary>
internal sealed partial class DiagnosisIsCertain(ITerminology terminology) : IScrubRule
{
    public string Id => "DX-024";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Lines.Any(l => l.Place is "21" or "51" or "61"))
            yield break; // inpatient, a suspected disease is coded as if it existed
        foreach (var condition in claim.Chart.OfType<Condition>().Where(c => c.Encounter?.Reference == $"Encounter/{claim.Chart.Encounter.Id}" && IsDoubted(c)))
        {
            var codes = CodesOf(condition);
            foreach (var diagnosis in claim.Diagnoses.Where(d => codes.Contains(d.Plain)))
            {
                // Another condition of the chart may say the same without doubt.
                if (!claim.Charges.Diagnoses.Any(c => ChargeDiagnosis.Plain(c.Code) == diagnosis.Plain && c.Source != $"Condition/{condition.Id}"))
                    yield return Warn(Id, IssueType.BusinessRule, diagnosis.Path, $"Uncertain diagnosis cannot be coded outpatient: {diagnosis.Code} is only suspected. Code the sign or symptom instead.").With("code", diagnosis.Code).From($"Condition/{condition.Id}");
            }
        }
    }

    private static bool IsDoubted(Condition condition) =>
        condition.VerificationStatus.HasAny("unconfirmed", "provisional", "differential")
        || Doubt().IsMatch(condition.Code?.Text ?? condition.Code?.Coding.FirstOrDefault()?.Display ?? "");

    private HashSet<string> CodesOf(Condition condition) =>
    [
        .. condition.Code.Codes().SelectMany(c => c.System == CodeSystemUrls.Icd10Cm
            ? [c.Code]
            : terminology.Translate(c.System, c.Code, CodeSystemUrls.Icd10Cm).Select(m => m.Code)).Select(ChargeDiagnosis.Plain),
    ];

    [GeneratedRegex(@"\b(rule[ -]?out|r/o|probable|suspected|possible|likely)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Doubt();
}
