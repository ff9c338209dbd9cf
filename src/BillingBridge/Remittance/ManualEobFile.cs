using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>A paper EOB → an 835, so that it is balanced, matched and posted as one, and the same check twice is the same payment.</summary>
/// <remarks>The codes, charges and dates of a line are the claim's own; the hand enters what the payer decided.</remarks>
public sealed class ManualEobFile(IFhirRecords records, TimeProvider time)
{
    /// <summary>ISA06 of what is entered by hand.</summary>
    public const string Sender = "MANUAL";

    private static readonly string[] Groups = ["CO", "PR", "PI", "OA", "CR"];
    private static readonly string[] Statuses = ["1", "2", "3", "4", "19", "20", "21", "22"];

    /// <summary>The file, or sentences that say why there is none.</summary>
    public async Task<(byte[]? File, IReadOnlyList<string> Faults)> WriteAsync(ManualEob eob, CancellationToken ct)
    {
        var faults = new List<string>();
        if (string.IsNullOrWhiteSpace(eob.PayerId))
            faults.Add("The EOB names no payer.");
        if (string.IsNullOrWhiteSpace(eob.TraceNumber))
            faults.Add("The EOB has no check or EFT number; without it the same EOB could be posted twice.");
        if (eob.Claims.Count == 0 && eob.ProviderAdjustments.Count == 0)
            faults.Add("The EOB has neither claims nor provider adjustments.");
        var claims = new List<Remittance835Item.Claim>();
        foreach (var claim in eob.Claims)
        {
            if (await records.ReadAsync<Claim>(claim.ClaimId, ct) is not { } stored)
                faults.Add($"Claim/{claim.ClaimId} is not known here.");
            else if (Of(claim, stored, claims.Count + 1, faults) is { } remittance)
                claims.Add(remittance);
        }

        foreach (var repeated in eob.Claims.Where(c => c.Status != Clp.Reversal).GroupBy(c => c.ClaimId).Where(g => g.Count() > 1))
            faults.Add($"Claim/{repeated.Key} is entered twice.");
        if (faults.Count > 0)
            return (null, faults);

        var findings = new X12Findings();
        var file = Remittance835File.Write(Sender, [Payment(eob), .. claims, End(eob)], time.GetUtcNow(), findings);
        return findings.Items is { Count: > 0 } items ? (null, [.. items.Select(f => f.ToString())]) : (file, []);
    }

    private static Remittance835Item.Payment Payment(ManualEob eob)
    {
        var (isDebit, day) = (eob.AmountUsd < 0, X12Text.Date(eob.PaidOn));
        return new(
            Remittance835File.Set,
            [
                new Bpr(eob.AmountUsd == 0 ? "H" : "I", Math.Abs(eob.AmountUsd), isDebit ? "D" : "C", eob.AmountUsd == 0 ? "NON" : "CHK", day),
                new Trn("1", eob.TraceNumber, eob.PayerId, null),
                new Dtm("405", day),
                new N1("PR", eob.PayerName ?? eob.PayerId, "XV", eob.PayerId),
            ]);
    }

    private static Remittance835Item.End End(ManualEob eob) => new(
        Remittance835File.SetControlNumber,
        [],
        [.. eob.ProviderAdjustments.Chunk(6).Select(six => new Plb(Sender, $"{eob.PaidOn.Year.ToString("0000", CultureInfo.InvariantCulture)}1231", [.. six.Select(a => new PlbAdjustment(a.Code, a.Reference, a.AmountUsd))]))],
        IsRefused: false);

    private static Remittance835Item.Claim? Of(ManualEobClaim eob, Claim claim, int ordinal, List<string> faults)
    {
        var before = faults.Count;
        if (claim.PatientControlNumber() is not { } number)
        {
            faults.Add($"Claim/{eob.ClaimId} has no patient control number: it was never billed from here.");
            return null;
        }

        if (!Statuses.Contains(eob.Status))
            faults.Add($"'{eob.Status}' is no claim status of a payment; they are {string.Join(", ", Statuses)}.");
        if (eob.Lines.Count == 0)
            faults.Add($"Claim/{eob.ClaimId} has no lines in the EOB.");
        var sign = eob.Status == Clp.Reversal ? -1 : 1;
        var lines = new List<RemittanceLine>();
        foreach (var line in eob.Lines)
        {
            if (claim.Item.Find(i => i.Sequence == line.Item) is not { } item)
                faults.Add($"Claim/{eob.ClaimId} has no line {line.Item}.");
            else
                lines.Add(Of(line, item, number, claim, sign, faults));
        }

        foreach (var twice in eob.Lines.GroupBy(l => l.Item).Where(g => g.Count() > 1))
            faults.Add($"Line {twice.Key} of Claim/{eob.ClaimId} is entered twice.");
        if (faults.Count > before)
            return null;
        var patient = lines.SelectMany(l => l.Adjustments).Where(c => c.Group == "PR").Sum(c => c.TotalUsd);
        return new Remittance835Item.Claim(
            ordinal, ordinal == 1 ? [new Lx("1")] : [],
            new Clp(number, eob.Status, lines.Sum(l => l.Svc.ChargeUsd), lines.Sum(l => l.Svc.PaidUsd), patient > 0 ? patient : null, null, eob.PayerControlNumber, null, null), [], lines);
    }

    private static RemittanceLine Of(ManualEobLine line, Claim.ItemComponent item, string number, Claim claim, int sign, List<string> faults)
    {
        foreach (var (group, reason, _) in line.Adjustments.Where(a => !Groups.Contains(a.Group) || string.IsNullOrWhiteSpace(a.Reason)))
            faults.Add($"{group}-{reason} on line {line.Item} is no adjustment: a group is one of {string.Join(", ", Groups)}, and a reason is needed.");
        var details = new List<IX12Segment>();
        if (LineMatching.Start(item) is { } day)
            details.Add(new Dtm("472", X12Text.Date(day)));
        // Six to a CAS, as the guide has it.
        foreach (var group in line.Adjustments.GroupBy(a => a.Group))
            details.AddRange(group.Chunk(6).Select(six => new Cas(group.Key, [.. six.Select(a => new CasTriple(a.Reason, sign * a.AmountUsd))])));
        details.Add(new Ref("6R", LineMatching.LineNumber(claim, item)));
        if (line.AllowedUsd is { } allowed)
            details.Add(new Amt("B6", sign * allowed));
        var code = item.ProductOrService?.Coding.Find(c => c.Code is { Length: > 0 })?.Code ?? "";
        var modifiers = item.Modifier.Select(m => m.Coding.Find(c => c.Code is { Length: > 0 })?.Code).OfType<string>().ToList();
        return new RemittanceLine(
            new Svc(new X12.Segments.Procedure("HC", code, modifiers), sign * (item.Net?.Value ?? 0m), sign * line.PaidUsd, null, item.Quantity?.Value, null, null), details);
    }
}
