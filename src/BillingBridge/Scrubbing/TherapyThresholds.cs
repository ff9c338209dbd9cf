using System.Globalization;
using FhirEmr.BillingBridge.Scrubbing.Edits;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>Medicare's yearly amount of therapy above which the line says KX (42 CFR 410.59, 410.60, 410.62): one for physical and speech therapy together, one for occupational.</summary>
/// <remarks>CMS sets the amounts anew each year, so they are a table that the practice loads, with its source named.</remarks>
internal static class TherapyThresholds
{
    /// <summary>The discipline group of a line's modifier: <c>PT-SLP</c> or <c>OT</c>; null when it names none.</summary>
    public static string? GroupOf(ScrubLine line) => line.Has("GO") ? "OT" : line.HasAny(["GP", "GN"]) ? "PT-SLP" : null;

    /// <summary>The amount in force on a day and where it is from; null when the table has none.</summary>
    public static (decimal Usd, string Source)? Of(string group, DateOnly day, ReferenceTable? table) =>
        table?.Find(group, day).FirstOrDefault() is { } row && decimal.TryParse(row["usd"], NumberStyles.Number, CultureInfo.InvariantCulture, out var usd) ? (usd, row["source"]) : null;
}
