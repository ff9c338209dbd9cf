using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Payers;

/// <summary>PAY-001: the payer's own rows; each reports under its own number.</summary>
internal sealed class PayerRows : IScrubRule
{
    public string Id => "PAY-001";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var row in claim.Payer.Rules)
        {
            foreach (var line in claim.Lines.Where(l => Matches(row, l, claim)))
                yield return new ScrubFinding(row.Id, row.Severity, IssueType.BusinessRule, row.Message, line.Path).On(line).With("payer", claim.PayerName);
        }
    }

    private static bool Matches(PayerRuleRow row, ScrubLine line, ClaimGraph claim)
    {
        var day = line.From ?? claim.FirstServiceDate;
        return (row.From is not { } from || from <= day) && (row.To is not { } to || day <= to)
            && (row.Codes.Count == 0 || row.Codes.Contains(line.Code))
            && (row.Diagnoses.Count == 0 || claim.PointedBy(line).Any(d => row.Diagnoses.Any(p => d.Plain.StartsWith(p, StringComparison.Ordinal))))
            && (row.WithoutModifier is not { } modifier || !line.Has(modifier))
            && (row.Places.Count == 0 || row.Places.Contains(line.Place))
            && (row.AgeFrom is not { } youngest || claim.Facts.AgeYears >= youngest)
            && (row.AgeTo is not { } oldest || claim.Facts.AgeYears <= oldest)
            && (row.UnitsAbove is not { } units || line.Units > units);
    }
}
