using FhirEmr.BillingBridge.Kpis;
using FhirEmr.BillingBridge.Kpis.Cube;
using FhirEmr.BillingBridge.Kpis.Definitions;

namespace FhirEmr.BillingBridge.Tests.Kpis;

/// <summary>Claims put into a cube one by one, and figures asked of it.</summary>
internal sealed class KpiPractice : IDisposable
{
    public static readonly DateOnly Start = new(2026, 1, 1);
    public static readonly DateOnly End = new(2026, 3, 31);

    private int claims;

    public KpiCube Cube { get; } = new();

    public KpiQuery Query { get; init; } = new() { Kpis = KpiBook.All, Start = Start, End = End, Today = new(2026, 11, 29) };

    /// <summary>Puts claims like the given ones, each with an id of its own.</summary>
    public KpiPractice Claims(int count, Func<string, ClaimFacts> make)
    {
        Cube.Change(() =>
        {
            for (var i = 0; i < count; i++)
                Cube.Put(make($"c{++claims}"));
        });
        return this;
    }

    public KpiFigure Figure(string kpi, Func<KpiQuery, KpiQuery>? ask = null) => Assert.Single(Figures(kpi, ask));

    public IReadOnlyList<KpiFigure> Figures(string kpi, Func<KpiQuery, KpiQuery>? ask = null)
    {
        var query = Query with { Kpis = [KpiBook.Find(kpi)!] };
        return Cube.Count(ask is null ? query : ask(query));
    }

    public static ClaimHeader Header(string id, params LineFacts[] lines) => new()
    {
        Id = id,
        Patient = "Patient/p1",
        Payer = "Organization/acme",
        PayerClass = "commercial",
        Provider = "Practitioner/ada",
        Location = "Location/main",
        Created = new(2026, 2, 3),
        Lines = lines.Length > 0 ? lines : [Line(1, 100m)],
    };

    public static LineFacts Line(int number, decimal usd, string code = "99213", decimal units = 1m, params string[] modifiers) =>
        new(number, code, modifiers, units, (long)(usd * 100m), new(2026, 2, 2), "11");

    public static ClaimFacts Facts(string id) => new() { Header = Header(id), ServiceDay = new(2026, 2, 2) };

    public static Posting Post(Measure measure, decimal usd, DateOnly day, short line = 1) => new((long)(usd * 100m), day.DayNumber, line, measure);

    public static DeniedLine Denied(decimal chargeUsd, string carc = "197", string category = "auth", DateOnly? closed = null, decimal laterUsd = 0m, bool isAppealed = false) => new(
        1, (long)(chargeUsd * 100m), new(2026, 2, 20), [new DenialCause("CO", carc, category, "AUT-002", (long)(chargeUsd * 100m))], closed, (long)(laterUsd * 100m), isAppealed);

    public void Dispose() => Cube.Dispose();
}
