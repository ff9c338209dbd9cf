using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-014: telehealth modifier and telehealth place come together.</summary>
internal sealed class TelehealthIsPaired : IScrubRule
{
    public string Id => "MOD-014";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            var isPlace = line.Place is "02" or "10";
            var isMarked = line.HasAny(claim.Payer.TelehealthModifiers);
            if (isMarked && !isPlace)
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", $"Telehealth pairing: the modifier says telehealth, the place is {line.Place}.").On(line);
            else if (isPlace && !isMarked && claim.Payer.TelehealthModifierRequired && CodeFacts.IsEvaluationAndManagement(line.Code))
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", $"Telehealth pairing: place {line.Place} needs {claim.Payer.TelehealthModifiers[0]}.").On(line);
        }
    }
}
