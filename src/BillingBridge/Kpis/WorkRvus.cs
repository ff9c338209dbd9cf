using System.Globalization;

namespace FhirEmr.BillingBridge.Kpis;

/// <summary>Physician work of the lines of a claim: units × the work RVU valid on the day, as the modifiers change it (PROD-wRVU, billing spec 6).</summary>
internal static class WorkRvus
{
    public const int PerRvu = 10_000;

    /// <summary>By line, in ten-thousandths of an RVU; 0 for what the fee schedule does not know.</summary>
    public static IReadOnlyList<int> Of(IReadOnlyList<LineFacts> lines, Func<string, string, DateOnly, IReadOnlyDictionary<string, string>?> fee)
    {
        var work = new decimal[lines.Count];
        var isReduced = new bool[lines.Count];
        var ranked = new List<(int At, DateOnly Day)>();
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i];
            if (line.Day is not { } day || Row(line, day, fee) is not { } row)
                continue;
            work[i] = Number(row, "work") * Factor(line, row, isOwnRow: fee(line.Code, "53", day) is not null);
            if (line.Modifiers.Contains("51"))
                isReduced[i] = true;
            else if (row.GetValueOrDefault("multiple") == "2" && !line.Modifiers.Contains("59"))
                ranked.Add((i, day));
        }

        // Standard multiple-procedure rule: the dearest of a day counts whole, the others half; what is marked 51 is one of the others.
        foreach (var sameDay in ranked.GroupBy(r => r.Day))
            foreach (var (at, _) in sameDay.OrderByDescending(r => work[r.At]).Skip(1))
                isReduced[at] = true;
        return [.. lines.Select((line, i) => (int)decimal.Round(line.Units * work[i] * (isReduced[i] ? .5m : 1m) * PerRvu, MidpointRounding.AwayFromZero))];
    }

    private static IReadOnlyDictionary<string, string>? Row(LineFacts line, DateOnly day, Func<string, string, DateOnly, IReadOnlyDictionary<string, string>?> fee) =>
        line.Modifiers.Contains("TC") ? null
        : (line.Modifiers.Contains("26") ? fee(line.Code, "26", day) : line.Modifiers.Contains("53") ? fee(line.Code, "53", day) : null) ?? fee(line.Code, "", day);

    private static decimal Factor(LineFacts line, IReadOnlyDictionary<string, string> row, bool isOwnRow)
    {
        var factor = 1m;
        foreach (var modifier in line.Modifiers)
        {
            factor *= modifier switch
            {
                "50" => 1.5m,
                "62" => .625m,
                "80" or "81" or "82" => .16m,
                "AS" => .136m,
                "52" => .5m,
                "53" => isOwnRow ? 1m : .5m, // the schedule has a row of its own for some codes that were broken off
                "54" => Share(row, "intraOp"),
                "55" => Share(row, "postOp"),
                "56" => Share(row, "preOp"),
                _ => 1m,
            };
        }

        return factor;
    }

    /// <summary>A surgeon's part; the whole where the schedule splits nothing.</summary>
    private static decimal Share(IReadOnlyDictionary<string, string> row, string column) => Number(row, column) is > 0 and var share ? share : 1m;

    private static decimal Number(IReadOnlyDictionary<string, string> row, string column) =>
        decimal.TryParse(row.GetValueOrDefault(column), NumberStyles.Number, CultureInfo.InvariantCulture, out var value) ? value : 0m;
}
