using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-025: every line comes from something in the chart.</summary>
internal sealed class ChargeHasSource : IScrubRule
{
    public string Id => "PROC-025";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var sourced = claim.Charges.Lines.Where(l => !l.Source.StartsWith("ChargeItem/", StringComparison.Ordinal)).Select(l => l.Code).ToHashSet();
        foreach (var line in claim.Lines.Where(l => !sourced.Contains(l.Code)))
            yield return Warn(Id, IssueType.BusinessRule, line.Path, $"No documentation found for {line.Code}: no visit, procedure, vaccine or report of the encounter gives it.").On(line);
    }
}
