using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-010: the diagnosis can be the patient's by sex.</summary>
internal sealed class DiagnosisFitsSex : IScrubRule
{
    public string Id => "DX-010";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var diagnosis in claim.Diagnoses)
        {
            var femaleOnly = diagnosis.Between("N70", "N98") || diagnosis.Between("O00", "O9A") || diagnosis.Between("C51", "C58")
                || diagnosis.Category is "Z34" or "Z33" or "Z39" || diagnosis.Plain is "D390" or "D391" or "D3910" or "D392";
            var maleOnly = diagnosis.Between("N40", "N53") || diagnosis.Between("C60", "C63") || diagnosis.Category == "D40" || diagnosis.Plain == "Z125";
            var conflict = (femaleOnly && claim.Patient.Gender == AdministrativeGender.Male) || (maleOnly && claim.Patient.Gender == AdministrativeGender.Female);
            if (!conflict)
                continue;

            var text = $"Diagnosis not for {(femaleOnly ? "male" : "female")}: {diagnosis.Code}. Check the sex on file and the code.";
            var mayBe = claim.Patient.Extension.Exists(e => e.Url?.EndsWith("genderIdentity", StringComparison.Ordinal) == true);
            yield return mayBe ? Warn(Id, IssueType.BusinessRule, diagnosis.Path, text) : Reject(Id, IssueType.BusinessRule, diagnosis.Path, text);
        }
    }
}
