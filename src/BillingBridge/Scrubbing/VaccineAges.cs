using System.Globalization;
using FhirEmr.BillingBridge.Scrubbing.Edits;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>The ages a vaccine product is made for, in completed months. A practice's own table goes before these.</summary>
internal static class VaccineAges
{
    private static readonly Dictionary<string, (int From, int To)> Default = new()
    {
        ["90632"] = (18 * 12, 200 * 12),
        ["90633"] = (12, (19 * 12) - 1),
        ["90651"] = (9 * 12, (46 * 12) - 1),
        ["90655"] = (6, 35),
        ["90657"] = (6, 35),
        ["90656"] = (36, 200 * 12),
        ["90658"] = (36, 200 * 12),
        ["90672"] = (24, (50 * 12) - 1),
        ["90680"] = (1, 8),
        ["90681"] = (1, 8),
        ["90685"] = (6, 35),
        ["90687"] = (6, 35),
        ["90700"] = (1, (7 * 12) - 1),
        ["90702"] = (1, (7 * 12) - 1),
        ["90710"] = (12, (13 * 12) - 1),
        ["90714"] = (7 * 12, 200 * 12),
        ["90715"] = (7 * 12, 200 * 12),
        ["90732"] = (24, 200 * 12),
        ["90736"] = (50 * 12, 200 * 12),
        ["90743"] = (11 * 12, (16 * 12) - 1),
        ["90744"] = (0, (20 * 12) - 1),
        ["90746"] = (18 * 12, 200 * 12),
        ["90750"] = (18 * 12, 200 * 12),
    };

    /// <summary>First and last month of age; null when the product is for all.</summary>
    public static (int From, int To)? Of(string code, DateOnly day, EditTables edits)
    {
        if (edits.Table(TableNames.VaccineAges)?.Find(code, day).FirstOrDefault() is { } row)
            return (Months(row["from_months"]) ?? 0, Months(row["to_months"]) ?? int.MaxValue);
        return Default.TryGetValue(code, out var ages) ? ages : null;
    }

    private static int? Months(string cell) => int.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var months) ? months : null;
}
