using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-024: a therapy line names its discipline.</summary>
internal sealed class TherapyDisciplineIsSaid : IScrubRule
{
    public string Id => "MOD-024";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => CodeFacts.IsTherapy(l.Code) && !l.HasAny(["GP", "GO", "GN"])))
            yield return Reject(Id, IssueType.Required, $"{line.Path}.modifier", $"Therapy modifier: {line.Code} needs GP, GO or GN.").On(line);
    }
}
