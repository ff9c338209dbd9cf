using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-011: the diagnosis can be the patient's by age.</summary>
internal sealed class DiagnosisFitsAge : IScrubRule
{
    public string Id => "DX-011";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Facts is not { AgeYears: { } years, AgeDays: { } days })
            yield break;

        foreach (var diagnosis in claim.Diagnoses)
        {
            var conflict = diagnosis.Category switch
            {
                _ when diagnosis.Between("P00", "P96") => days > 28,
                "Z38" => days > 0,
                _ when diagnosis.Between("O00", "O9A") => years is < 9 or > 64,
                _ when diagnosis.Plain is "Z0000" or "Z0001" => years < 15,
                _ when diagnosis.Plain is "Z00121" or "Z00129" => years > 17,
                _ => false,
            };
            if (conflict)
                yield return Reject(Id, IssueType.BusinessRule, diagnosis.Path, $"Diagnosis not for age {years}: {diagnosis.Code}. Check the birth date and the code.").With("age", $"{years}");
        }
    }
}
