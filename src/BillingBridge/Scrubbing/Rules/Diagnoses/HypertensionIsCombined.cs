using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-021: hypertension with heart or kidney disease is one combination code.</summary>
internal sealed class HypertensionIsCombined : IScrubRule
{
    public string Id => "DX-021";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var plain = claim.Diagnoses.FirstOrDefault(d => d.Plain == "I10");
        if (plain is not null && claim.Diagnoses.Any(d => d.Between("I11", "I13") || d.Category is "N18" or "I50"))
            yield return Warn(Id, IssueType.BusinessRule, plain.Path, "Use combination code: I10 with heart failure or kidney disease becomes I11, I12 or I13.");
    }
}
