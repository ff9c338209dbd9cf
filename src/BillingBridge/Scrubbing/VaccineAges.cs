using System.Globalization;
using FhirEmr.BillingBridge.Scrubbing.Edits;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>The ages a vaccine product is made for, in completed months: the practice's own table, from the label or the payer, with its source named.</summary>
internal static class VaccineAges
{
    /// <summary>First and last month of age and where they are from; null when the product is for all.</summary>
    public static (int From, int To, string Source)? Of(string code, DateOnly day, ReferenceTable table) => table.Find(code, day).FirstOrDefault() is { } row
        ? (Months(row["from_months"]) ?? 0, Months(row["to_months"]) ?? int.MaxValue, row["source"])
        : null;

    private static int? Months(string cell) => int.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var months) ? months : null;
}
