namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>Prolonged services: 15-minute units beyond the highest level of a setting (billing spec 4.3).</summary>
/// <remarks>
/// CPT counts from the code's minimum and 15 minutes; Medicare from the thresholds of its fee schedule rules (2023 final rule as corrected in
/// March 2023, table of prolonged services). Medicare has none for consultations, which it does not know.
/// </remarks>
internal static class ProlongedServices
{
    private const int UnitMinutes = 15;

    private static readonly Dictionary<string, (string Cpt, string? Medicare, int MedicareFrom)> Rows = new(StringComparer.Ordinal)
    {
        ["99205"] = ("99417", "G2212", 89),
        ["99215"] = ("99417", "G2212", 69),
        ["99245"] = ("99417", null, 0),
        ["99345"] = ("99417", "G0318", 140),
        ["99350"] = ("99417", "G0318", 110),
        ["99223"] = ("99418", "G0316", 90),
        ["99233"] = ("99418", "G0316", 65),
        ["99236"] = ("99418", "G0316", 110),
        ["99255"] = ("99418", null, 0),
        ["99306"] = ("99418", "G0317", 95),
        ["99310"] = ("99418", "G0317", 85),
    };

    /// <summary>The add-on for a code chosen by time; null below its threshold and for codes that are not their setting's highest.</summary>
    public static (string Code, int Units, int From)? For(string code, int minutes, bool isMedicare) =>
        Threshold(code, isMedicare) is { } row && minutes >= row.From ? (row.Code, Units(minutes, row.From), row.From) : null;

    /// <summary>The add-on and the minutes of its first unit; null when the code has none.</summary>
    public static (string Code, int From)? Threshold(string code, bool isMedicare)
    {
        if (!Rows.TryGetValue(code, out var row))
            return null;
        if (!isMedicare)
            return (row.Cpt, VisitCodes.All.Single(c => c.Code == code).Minutes!.Value + UnitMinutes);
        return row.Medicare is { } medicare ? (medicare, row.MedicareFrom) : null;
    }

    private static int Units(int minutes, int from) => ((minutes - from) / UnitMinutes) + 1;
}
