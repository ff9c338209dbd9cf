using FhirEmr.BillingBridge.Ports;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>Proposes 26 or TC for a code with a professional and a technical component (PC/TC indicator 1), by who owns the equipment and who reads.</summary>
internal static class Components
{
    public static ProposedModifier? For(ChargeLine line, EncounterChart chart, string? place, ChargeTables tables)
    {
        if (line.Modifiers.Any(m => m is "26" or "TC") || tables.ComponentsOf(line.Code, line.ServiceDate) != "1")
            return null;
        var facts = ServiceFacts.Of(line, chart);
        if (facts.ForeignOwner is { } owner)
            return new("26", $"{line.Source} used equipment of {owner}, which bills the technical component.");
        if (PlacesOfService.IsEquipped(place))
            return new("26", $"In place of service {place} the facility owns the equipment and bills the technical component.");
        return facts.ForeignReader is { } reader ? new("TC", $"{line.Source} was read by {reader}, which bills the professional component.") : null;
    }
}
