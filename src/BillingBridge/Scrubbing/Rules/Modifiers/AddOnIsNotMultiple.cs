using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-019: 51 is not for add-on codes.</summary>
internal sealed class AddOnIsNotMultiple(EditTables edits) : IScrubRule
{
    public string Id => "MOD-019";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => l.Has("51") && edits.GlobalDays(l.Code, claim.FirstServiceDate) == "ZZZ"))
            yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", $"51 on add-on code {line.Code}: remove it.").On(line);
    }
}
