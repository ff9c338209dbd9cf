using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>SVC → Claim.item: by our line number (REF*6R), else by code, modifiers, charge and date, each line once.</summary>
internal static class LineMatching
{
    /// <summary>For each line of the remittance the item it pays, null when none fits.</summary>
    public static IReadOnlyList<Claim.ItemComponent?> Match(Claim claim, Remittance835Item.Claim remittance)
    {
        var open = claim.Item.ToList();
        var result = new Claim.ItemComponent?[remittance.Lines.Count];
        foreach (var (i, line) in remittance.Lines.Index())
        {
            if (line.Reference("6R") is { } number)
                result[i] = Take(open, item => LineNumber(claim, item) == number);
        }

        foreach (var (i, line) in remittance.Lines.Index())
            result[i] ??= Take(open, item => Fits(item, line));
        return result;
    }

    private static Claim.ItemComponent? Take(List<Claim.ItemComponent> open, Predicate<Claim.ItemComponent> fits)
    {
        var at = open.FindIndex(fits);
        if (at < 0)
            return null;
        var item = open[at];
        open.RemoveAt(at);
        return item;
    }

    /// <summary>Our number of a line, REF*6R.</summary>
    public static string LineNumber(Claim claim, Claim.ItemComponent item) =>
        item.GetExtensionValue<Identifier>(BillingUrls.LineControlNumber)?.Value
        ?? string.Create(
            CultureInfo.InvariantCulture,
            $"{claim.Identifier.Find(i => i.System == BillingUrls.PatientControlNumber)?.Value}-{claim.Item.OrderBy(x => x.Sequence).ToList().IndexOf(item) + 1}");

    private static bool Fits(Claim.ItemComponent item, RemittanceLine line)
    {
        var submitted = line.Svc.Submitted ?? line.Svc.Procedure;
        return Code(item.ProductOrService) == submitted.Code
            && item.Modifier.Select(Code).OfType<string>().SequenceEqual(submitted.Modifiers)
            && item.Net?.Value == Math.Abs(line.Svc.ChargeUsd)
            && (line.ServiceDate is not { } day || Start(item) == day);
    }

    private static string? Code(CodeableConcept? concept) => concept?.Coding.Find(c => c.Code is { Length: > 0 })?.Code?.Trim().ToUpperInvariant();

    public static DateOnly? Start(Claim.ItemComponent item)
    {
        var text = item.Serviced switch
        {
            Date date => date.Value,
            Period period => period.Start,
            _ => null,
        };
        return text is { Length: >= 10 } && DateOnly.TryParseExact(text.AsSpan(0, 10), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
    }
}
