using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-005: the procedure can be the patient's by sex.</summary>
internal sealed class ProcedureFitsSex : IScrubRule
{
    public string Id => "PROC-005";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            var femaleOnly = Between(line.Code, "56405", "59899") || Between(line.Code, "76801", "76828") || line.Code is "G0101" or "Q0091" or "88141" or "88142" or "88150" or "88164" or "88175";
            var maleOnly = Between(line.Code, "54000", "55899") || line.Code is "G0102" or "G0103" or "84153";
            if ((femaleOnly && claim.Patient.Gender == AdministrativeGender.Male) || (maleOnly && claim.Patient.Gender == AdministrativeGender.Female))
            {
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.productOrService", $"Procedure not for {(femaleOnly ? "male" : "female")}: {line.Code}. Check the sex on file and the code.")
                    .On(line);
            }
        }
    }

    private static bool Between(string code, string from, string to) =>
        code.Length == 5 && string.CompareOrdinal(from, code) <= 0 && string.CompareOrdinal(code, to) <= 0;
}
