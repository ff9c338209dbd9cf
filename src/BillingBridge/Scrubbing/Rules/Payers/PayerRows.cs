using Hl7.Fhir.FhirPath;
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
            if (Fault(row, claim) is { } fault)
            {
                yield return new ScrubFinding(row.Id, FindingSeverity.Information, IssueType.Exception, $"Row {row.Id} of {claim.PayerName} cannot be evaluated: {fault} Correct its condition.", "Claim");
                continue;
            }

            foreach (var line in claim.Lines.Where(l => Matches(row, l, claim)))
                yield return new ScrubFinding(row.Id, row.Severity, IssueType.BusinessRule, row.Message, line.Path).On(line).With("payer", claim.PayerName);
        }
    }

    /// <summary>Why a row's condition cannot be asked; null when it can. One bad row never hides the others.</summary>
    private static string? Fault(PayerRuleRow row, ClaimGraph claim)
    {
        if (row.Condition is null)
            return null;
        try
        {
            claim.Claim.IsTrue(row.Condition);
            return null;
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException or InvalidCastException or NotSupportedException)
        {
            return e.Message.Split('\n')[0].TrimEnd('.') + ".";
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
            && (row.Sex is not { } sex || claim.Patient.Gender == sex)
            && (row.Condition is not { } condition || claim.Claim.IsTrue(condition))
            && (row.UnitsAbove is not { } units || line.Units > units);
    }
}
