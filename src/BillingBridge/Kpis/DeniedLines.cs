using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Denials;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.Terminology.CodeSystems.Carc;

namespace FhirEmr.BillingBridge.Kpis;

/// <summary>Which adjustments are denials, and what became of the lines they denied (billing spec 6, 7).</summary>
internal static class DeniedLines
{
    /// <summary>The spec names these; whatever a table says, they deny nothing.</summary>
    private static readonly string[] Never = ["45", "253", "104", "131"];

    /// <summary>A denial-class CAS: its reason denies, the group is CO, PI or OA (PR for what is not covered), and the amount is positive.</summary>
    public static bool IsDenial(AnswerAdjustment adjustment, AnswerLine line) => adjustment.Cents > 0 && Reason(adjustment, line) is { IsDenial: true } reason
        && !Never.Contains(adjustment.Carc) && (adjustment.Group, adjustment.Carc) is not (("OA", "23") or ("PR", "1" or "2" or "3"))
        && (adjustment.Group is "CO" or "PI" or "OA" || (adjustment.Group == "PR" && reason.Category == "benefit"));

    /// <summary>Denied for want of an authorisation (AUTH-DENIAL).</summary>
    public static bool IsForAuthorisation(string carc) => carc is "15" or "197" or "198" or "210" or "284" or "296";

    /// <summary>The lines an answer denies. What is denied for the claim as a whole denies each of its lines.</summary>
    public static IReadOnlyList<DeniedLine> Of(ClaimParts parts, AnswerFacts first)
    {
        var header = parts.Header!;
        var denied = new List<DeniedLine>();
        var whole = first.Lines.FirstOrDefault(l => l.Number == 0) is { } claim ? Causes(claim) : [];
        foreach (var line in header.Lines)
        {
            DenialCause[] causes = [.. first.Lines.Where(l => l.Number == line.Number).SelectMany(Causes), .. whole];
            if (causes.Length > 0)
                denied.Add(Follow(parts, first, line, causes));
        }

        return denied;
    }

    private static DenialCause[] Causes(AnswerLine line) =>
    [
        .. line.Adjustments.Where(a => IsDenial(a, line)).Select(a => new DenialCause(
            a.Group, a.Carc, Reason(a, line).Category, CarcTable.Find(a.Carc)?.ScrubRule ?? "none", a.Cents)),
    ];

    private static DenialReason Reason(AnswerAdjustment adjustment, AnswerLine line) => DenialReason.Of(adjustment.Carc, [.. line.Remarks], line.PaidCents == 0);

    private static DeniedLine Follow(ClaimParts parts, AnswerFacts first, LineFacts line, DenialCause[] causes)
    {
        var paid = parts.Answers.Values
            .Where(a => a.IsAdjudication && !a.IsReversal && a.Id != first.Id && (a.PaidOn > first.PaidOn || (a.PaidOn == first.PaidOn && a.At >= first.At)))
            .OrderBy(a => a.PaidOn)
            .Select(a => (a.PaidOn, Cents: a.Lines.Where(l => l.Number == line.Number).Sum(l => l.PaidCents)))
            .FirstOrDefault(a => a.Cents > 0);
        var givenUp = GivenUpOn(parts, line.Number, first.PaidOn);
        DateOnly? closed = paid.Cents > 0 ? paid.PaidOn : givenUp;
        var isAppealed = parts.Steps.Values.Any(s => s.To == ClaimStage.Appealed && s.On >= first.PaidOn && (closed is not { } end || s.On <= end));
        return new(line.Number, line.ChargeCents, first.PaidOn, causes, closed, paid.Cents, isAppealed);
    }

    /// <summary>The denied amount was written off, or the claim was closed without it. A replaced claim is neither: its replacement goes on.</summary>
    private static DateOnly? GivenUpOn(ClaimParts parts, int line, DateOnly deniedOn)
    {
        var steps = parts.Steps.Values
            .Where(s => s.On >= deniedOn && s.To is ClaimStage.Closed or ClaimStage.WrittenOff or ClaimStage.Voided or ClaimStage.PatientBalance)
            .Select(s => s.On);
        var written = parts.Journal.Values
            .Where(e => e.PostedOn >= deniedOn && e.Lines.Any(l => l is { Account: LedgerAccount.DenialWriteOff, AmountUsd: > 0 } && (l.Item is null || l.Item == line)))
            .Select(e => e.PostedOn);
        return steps.Concat(written).Order().Select(d => (DateOnly?)d).FirstOrDefault();
    }
}
