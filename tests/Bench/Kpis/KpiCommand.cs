using System.Diagnostics;
using System.Globalization;
using FhirEmr.BillingBridge.Kpis;
using FhirEmr.BillingBridge.Kpis.Cube;
using FhirEmr.BillingBridge.Kpis.Definitions;

namespace FhirEmr.Bench.Kpis;

/// <summary><c>bench kpi</c>: a dashboard over so many claims, whole, cut, split and drilled into; and how fast claims are counted anew. Invented claims of three years, in process.</summary>
internal static class KpiCommand
{
    private static readonly DateOnly Today = new(2026, 11, 29);
    private static readonly IReadOnlyDictionary<string, string> Fee = new Dictionary<string, string> { ["work"] = "1.30", ["multiple"] = "0" };
    private static readonly KpiTables Tables = new() { Fee = (_, _, _) => Fee };

    public static Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        var (claims, rounds) = (options.Number("claims", 1_000_000), options.Number("rounds", 40));
        options.RefuseUnknown();
        using var cube = new KpiCube();
        var invent = new ClaimInventor(Today);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var bytes = 0L;
        var load = Stopwatch.StartNew();
        for (var n = 0; n < claims; n += 10_000)
        {
            ct.ThrowIfCancellationRequested();
            var at = n;
            cube.Change(() =>
            {
                for (var i = at; i < Math.Min(at + 10_000, claims); i++)
                {
                    var encounter = invent.Encounter(i);
                    var (id, parts) = invent.Claim(i);
                    bytes += PartsCodec.Write(parts).Length;
                    cube.Put(encounter);
                    cube.Put(id, parts, Tables);
                }
            });
        }

        var memory = (GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6;
        Say.Line($"{claims:N0} claims made, written and counted in {load.Elapsed.TotalSeconds:F1} s; {memory:F0} MB in memory, {bytes / 1e6:F0} MB as kept");

        Console.WriteLine($"{claims:N0} claims, {Environment.ProcessorCount} processors; milliseconds of {rounds} rounds");
        Console.WriteLine("asked                                   p50     p95     max");
        var quarter = new KpiQuery { Kpis = KpiBook.Dashboard, Start = Today.AddDays(-89), End = Today, Today = Today };
        var year = quarter with { Start = Today.AddYears(-1) };
        foreach (var (name, query) in ((string, KpiQuery)[])
        [
            ("dashboard, a quarter", quarter),
            ("dashboard, a year", year),
            ("dashboard, a year, one payer", year with { Payer = "Organization/payer-3" }),
            ("dashboard, a year, one provider", year with { Provider = "Practitioner/p-7" }),
            ("dashboard, a year, one code", year with { Code = "99213" }),
            ("dashboard, a year, by provider", year with { GroupBy = KpiGrouping.Provider }),
            ("dashboard, a year, by month", year with { GroupBy = KpiGrouping.Month }),
            ("dashboard, as of a year ago", quarter with { Start = Today.AddDays(-454), End = Today.AddDays(-365) }),
            ("all definitions, a year", year with { Kpis = KpiBook.All }),
            ("claims denied in a year, by id", year with { Kpis = [KpiBook.Find("IDR-N")!], Drill = KpiDrill.Numerator }),
            ("claims older than 120 days, by id", quarter with { Kpis = [KpiBook.Find("AR-AGING")!], Drill = KpiDrill.Numerator, DrillPart = "121+" }),
        ])
            Measure(name, cube, query, rounds, ct);

        Update(cube, invent, claims, ct);
        return Task.FromResult(0);
    }

    private static void Measure(string name, KpiCube cube, KpiQuery query, int rounds, CancellationToken ct)
    {
        cube.Count(query);
        cube.Count(query);
        var times = new double[rounds];
        for (var i = 0; i < rounds; i++)
        {
            ct.ThrowIfCancellationRequested();
            var clock = Stopwatch.StartNew();
            cube.Count(query);
            times[i] = clock.Elapsed.TotalMilliseconds;
        }

        Array.Sort(times);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-36}{times[rounds / 2],8:F1}{times[(int)(rounds * .95)],8:F1}{times[^1],8:F1}"));
    }

    /// <summary>Claims get a second answer: read as kept, filed, written, counted.</summary>
    private static void Update(KpiCube cube, ClaimInventor invent, int claims, CancellationToken ct)
    {
        var kept = Enumerable.Range(0, Math.Min(claims, 20_000)).Select(i => invent.Claim(i * (claims / Math.Min(claims, 20_000)))).Select(c => (c.Id, Body: PartsCodec.Write(c.Parts))).ToArray();
        var clock = Stopwatch.StartNew();
        foreach (var batch in kept.Chunk(500))
        {
            ct.ThrowIfCancellationRequested();
            var touched = batch.Select(c => (c.Id, Parts: PartsCodec.ReadClaim(c.Body))).ToArray();
            foreach (var (id, parts) in touched)
            {
                KpiFiling.File(parts, new KpiRecord.OfAnswer(id, ClaimInventor.Answer("later", Today, "1", parts.Header!.Lines, paidShare: .5m, denied: false)));
                PartsCodec.Write(parts);
            }

            cube.Change(() =>
            {
                foreach (var (id, parts) in touched)
                    cube.Put(id, parts, Tables);
            });
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"claims counted anew after an answer: {kept.Length / clock.Elapsed.TotalSeconds:N0} a second"));
    }
}
