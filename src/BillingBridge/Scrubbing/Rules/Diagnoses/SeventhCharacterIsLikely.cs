using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-017: the seventh character fits the visit: no follow-up care in an emergency room, no first treatment a month later.</summary>
/// <remarks>When the injury began is the claim's onset or accident date, else the onset of the condition in the chart.</remarks>
internal sealed class SeventhCharacterIsLikely : IScrubRule
{
    private const int FirstTreatmentDays = 30;

    public string Id => "DX-017";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var isEmergency = claim.Lines.Any(l => l.Place == "23");
        var isFollowUp = claim.LastSeen is not null && claim.Lines.Any(l => l.Place == "11" && CodeFacts.IsForNewPatient(l.Code) == false);
        foreach (var diagnosis in claim.Diagnoses.Where(d => d.Plain.Length == 7 && d.Between("S00", "T88")))
        {
            if (isEmergency && diagnosis.Plain[6] is 'D' or 'S')
                yield return Warn(Id, IssueType.BusinessRule, diagnosis.Path, $"7th character unlikely: {diagnosis.Code} says follow-up care, but the place is an emergency room.");
            else if (isFollowUp && diagnosis.Plain[6] == 'A' && Began(claim, diagnosis) is { } began && began.Day.AddDays(FirstTreatmentDays) < claim.FirstServiceDate)
            {
                yield return Warn(Id, IssueType.BusinessRule, diagnosis.Path,
                        $"7th character unlikely: {diagnosis.Code} says first treatment, but the injury is of {DateOfService.Text(began.Day)}. Use D for aftercare, unless it is still being treated.")
                    .With("onset", DateOfService.Text(began.Day)).From(began.Reference);
            }
        }
    }

    private static (DateOnly Day, string? Reference)? Began(ClaimGraph claim, ScrubDiagnosis diagnosis)
    {
        var onset = claim.Claim.Info(SupportingInfo.Onset).Select(i => DateOfService.From((i.Timing as Date)?.Value ?? (i.Timing as Period)?.Start)).FirstOrDefault(d => d is not null)
            ?? DateOfService.From(claim.Claim.Accident?.Date);
        if (onset is { } day)
            return (day, null);
        foreach (var condition in claim.Chart.OfType<Condition>().Where(c => c.Code.Codes().Any(k => ChargeDiagnosis.Plain(k.Code.ToUpperInvariant()) == diagnosis.Plain)))
            if (DateOfService.From((condition.Onset as FhirDateTime)?.Value ?? (condition.Onset as Period)?.Start, claim.Zone) is { } began)
                return (began, $"Condition/{condition.Id}");
        return null;
    }
}
