using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-023: a screening colonoscopy that became a treatment says that it began as a screening.</summary>
internal sealed class ScreeningStaysPreventive : IScrubRule
{
    public string Id => "MOD-023";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => l.Code.Length == 5 && string.CompareOrdinal("45379", l.Code) <= 0 && string.CompareOrdinal(l.Code, "45398") <= 0 && !l.HasAny(["33", "PT"])))
        {
            // Z12.11 and Z12.12 first: the patient came for the screening (ICD-10-CM guideline I.C.21.c.5).
            if (claim.PointedBy(line).FirstOrDefault()?.Plain is "Z1211" or "Z1212" or "Z8601" or "Z86010")
                yield return Warn(Id, IssueType.Incomplete, $"{line.Path}.modifier", $"Preventive modifier: {line.Code} began as a screening. Add {(claim.Payer.Family == PayerFamily.Medicare ? "PT" : "33")}, so that the patient pays no share.").On(line);
        }
    }
}
