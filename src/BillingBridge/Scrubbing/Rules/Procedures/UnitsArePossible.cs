using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-013: units are whole and positive; a visit is one.</summary>
internal sealed class UnitsArePossible : IScrubRule
{
    public string Id => "PROC-013";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            var mayBeDecimal = claim.Payer.DecimalUnits && CodeFacts.IsDrug(line.Code);
            var wrong = line.Units <= 0
                || (line.Units != decimal.Truncate(line.Units) && !mayBeDecimal)
                || (line.Units > 1 && CodeFacts.IsEvaluationAndManagement(line.Code) && line.Code != "99292");
            if (wrong)
                yield return Reject(Id, IssueType.Value, $"{line.Path}.quantity", string.Create(CultureInfo.InvariantCulture, $"Units: {line.Units} of {line.Code} cannot be; enter a whole number, one for a visit.")).On(line);
        }
    }
}
