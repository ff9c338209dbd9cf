using System.Globalization;
using FhirEmr.BillingBridge.Scrubbing.Edits;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>Medicare's yearly amount of therapy above which the line says KX (42 CFR 410.59, 410.60, 410.62): one for physical and speech therapy together, one for occupational.</summary>
internal static class TherapyThresholds
{
    // The amount is the same for both disciplines; a practice's own table goes before these.
    private static readonly (int Year, decimal Usd)[] Default = [(2023, 2230m), (2024, 2330m), (2025, 2410m), (2026, 2480m)];

    /// <summary>The discipline group of a line's modifier: <c>PT-SLP</c> or <c>OT</c>; null when it names none.</summary>
    public static string? GroupOf(ScrubLine line) => line.Has("GO") ? "OT" : line.HasAny(["GP", "GN"]) ? "PT-SLP" : null;

    /// <summary>The amount in force on a day; null when none is known.</summary>
    public static decimal? Usd(string group, DateOnly day, EditTables edits)
    {
        if (edits.Table(TableNames.TherapyThresholds)?.Find(group, day).FirstOrDefault() is { } row
            && decimal.TryParse(row["usd"], NumberStyles.Number, CultureInfo.InvariantCulture, out var own))
            return own;
        return Array.Find(Default, d => d.Year == day.Year) is { Usd: > 0 } found ? found.Usd : null;
    }
}
