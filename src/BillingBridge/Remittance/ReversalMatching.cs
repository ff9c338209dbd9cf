using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>Whether a CLP02 22 takes back an earlier posting to the cent: charge, payment and every adjustment negated.</summary>
internal static class ReversalMatching
{
    public static bool Reverses(Claim claim, Remittance835Item.Claim reversal, ClaimResponse earlier) =>
        earlier.Status is FinancialResourceStatusCodes.Active
        && earlier.GetExtensionValue<Code>(RemittanceUrls.ClaimStatus)?.Value is { } status && status != Clp.Reversal
        && earlier.Payment?.Amount?.Value == -reversal.Clp.PaidUsd
        && Amount(earlier, "submitted") == -reversal.Clp.ChargeUsd
        && Posted(earlier).SequenceEqual(Negated(claim, reversal));

    private static decimal? Amount(ClaimResponse response, string category) =>
        response.Total.Find(t => t.Category?.Coding.Exists(c => c.Code == category) == true)?.Amount?.Value;

    private static IEnumerable<string> Posted(ClaimResponse response)
    {
        var triples = response.Adjudication.Select(a => (Line: 0, a))
            .Concat(response.Item.SelectMany(i => i.Adjudication.Select(a => (Line: i.ItemSequence ?? 0, a))))
            .Concat(response.AddItem.SelectMany(i => i.Adjudication.Select(a => (Line: -1, a))));
        return triples
            .Where(t => t.a.GetExtension(BillingUrls.CagcExtension) is not null)
            .Select(t => Key(
                t.Line,
                t.a.GetExtensionValue<Code>(BillingUrls.CagcExtension)?.Value,
                t.a.Reason?.Coding.Find(c => c.Code is { Length: > 0 })?.Code,
                t.a.Amount?.Value ?? 0m))
            .Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Negated(Claim claim, Remittance835Item.Claim reversal)
    {
        var items = LineMatching.Match(claim, reversal);
        var ofLines = reversal.Lines.SelectMany((line, i) => Keys(items[i] is { } item ? item.Sequence ?? 0 : -1, line.Adjustments));
        return Keys(0, reversal.Adjustments).Concat(ofLines).Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Keys(int line, IEnumerable<Cas> adjustments) =>
        adjustments.SelectMany(c => c.Triples.Select(t => Key(line, c.Group, t.Reason, -t.AmountUsd)));

    private static string Key(int line, string? group, string? reason, decimal usd) =>
        string.Create(CultureInfo.InvariantCulture, $"{line}|{group}|{reason}|{usd:0.00}");
}
