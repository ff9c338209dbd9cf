using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>Puts the ChargeItems already in the record over the computed lines: people review charges, and their word stands.</summary>
/// <remarks>
/// An item with our key replaces the line it came from (units, modifiers, price); one set to not-billable, aborted or entered-in-error
/// removes it; one without a key is a charge entered by hand and is added.
/// </remarks>
internal static class EnteredCharges
{
    public static IReadOnlyList<ChargeLine> Apply(
        IReadOnlyList<ChargeLine> computed, EncounterChart chart, DateOnly day, string? place, IReadOnlyList<ChargeDiagnosis> diagnoses, TimeZoneInfo? zone)
    {
        var encounterId = chart.Encounter.Id!;
        var items = chart.OfType<ChargeItem>().Where(c => c.Context?.Reference == $"Encounter/{encounterId}").ToList();
        var byKey = items.Select(i => (Key: KeyOf(i), Item: i)).Where(p => p.Key is not null).ToLookup(p => p.Key, p => p.Item);

        var lines = new List<ChargeLine>();
        foreach (var line in computed)
        {
            var item = byKey[line.Key(encounterId)].FirstOrDefault();
            if (item is null)
                lines.Add(line);
            else if (IsCharged(item))
                lines.Add(Overlay(line, item));
        }

        var primary = diagnoses.Take(1).Select(d => d.Code).ToArray();
        foreach (var item in items.Where(i => KeyOf(i) is null && IsCharged(i)))
        {
            if (Coding(item) is not { } coding)
                continue;
            var entered = new ChargeLine
            {
                Source = $"ChargeItem/{item.Id}",
                System = coding.System,
                Code = coding.Code.ToUpperInvariant(),
                Display = coding.Display,
                ServiceDate = DayOf(item, zone) ?? day,
                PlaceOfService = place,
                DiagnosisCodes = primary,
            };
            lines.Add(Overlay(entered, item));
        }

        return lines;
    }

    private static ChargeLine Overlay(ChargeLine line, ChargeItem item)
    {
        var quantity = item.Quantity?.Value ?? line.Quantity;
        var modifiers = Modifiers(item);
        return line with
        {
            ChargeItemId = item.Id,
            Quantity = quantity,
            Modifiers = modifiers.Length > 0 ? modifiers : line.Modifiers,
            // priceOverride is the price of the whole item.
            UnitPriceUsd = item.PriceOverride?.Value is { } total && quantity > 0 ? total / quantity : line.UnitPriceUsd,
        };
    }

    private static string? KeyOf(ChargeItem item) => item.Identifier.Find(i => i.System == BillingUrls.IdempotencyKey)?.Value;

    private static bool IsCharged(ChargeItem item) => item.Status
        is ChargeItem.ChargeItemStatus.Billable or ChargeItem.ChargeItemStatus.Billed or ChargeItem.ChargeItemStatus.Planned or ChargeItem.ChargeItemStatus.Unknown;

    private static CodedValue? Coding(ChargeItem item) =>
        item.Code.Codes().FirstOrDefault(c => c.Code.Length == 5 && c.System is CodeSystemUrls.Cpt or CodeSystemUrls.Hcpcs);

    /// <summary>Modifiers travel as two-character codings beside the code (billing spec 0.1).</summary>
    private static string[] Modifiers(ChargeItem item) =>
        [.. (item.Code?.Coding ?? []).Where(c => c.Code is { Length: 2 }).Select(c => c.Code!.ToUpperInvariant())];

    private static DateOnly? DayOf(ChargeItem item, TimeZoneInfo? zone) => item.Occurrence switch
    {
        FhirDateTime moment => DateOfService.From(moment.Value, zone),
        Period period => DateOfService.From(period.Start, zone),
        _ => null,
    };
}
