using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-011: 50 stands alone with one unit.</summary>
internal sealed class BilateralIsWhole : IScrubRule
{
    public string Id => "MOD-011";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => l.Has("50")))
        {
            if (line.HasAny(["RT", "LT"]) || line.Units != 1)
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", "Bilateral: 50 goes without RT or LT and with one unit.").On(line);
        }
    }
}
