using System.Runtime.InteropServices;
using FhirEmr.BillingBridge.Kpis.Definitions;

namespace FhirEmr.BillingBridge.Kpis.Cube;

/// <summary>One walk over the cube for all figures that are asked for, on all processors.</summary>
internal sealed class KpiCount(KpiCube cube, KpiQuery query)
{
    /// <summary>Below so many claims a second worker costs more than it saves.</summary>
    private const int ClaimsAWorker = 40_000;

    private static readonly int Measures = Enum.GetValues<Measure>().Length;

    private readonly KpiScope scope = new(cube, query);
    private readonly Kpi[] kpis = [.. query.Kpis];

    public IReadOnlyList<KpiFigure> Run()
    {
        var count = cube.ClaimRows.Length;
        var workers = Math.Clamp(count / ClaimsAWorker, 1, Environment.ProcessorCount);
        var tallies = new Tally[workers][];
        Parallel.For(0, workers, w =>
        {
            tallies[w] = [.. kpis.Select(_ => new Tally(scope))];
            WalkClaims(tallies[w], (int)((long)count * w / workers), (int)((long)count * (w + 1) / workers));
        });
        var whole = tallies[0];
        foreach (var other in tallies.Skip(1))
            for (var i = 0; i < kpis.Length; i++)
                whole[i].Merge(other[i]);
        if (scope.Code == 0 && query.GroupBy != KpiGrouping.Code)
        {
            WalkEncounters(whole);
            WalkVisits(whole);
        }

        return [.. kpis.SelectMany((kpi, i) => Figures(kpi, whole[i]))];
    }

    private IEnumerable<KpiFigure> Figures(Kpi kpi, Tally tally)
    {
        int[] groups = query.GroupBy == KpiGrouping.None ? [0] : [.. tally.Groups];
        string[] ids = [.. tally.Ids.Select(at => $"{kpi.CountedType}/{Book(kpi)[at]}")];
        return groups.Select(g => kpi.Figure(scope.NameOf(g), tally, g) with { Ids = ids }).OrderBy(f => f.Group, StringComparer.Ordinal);
    }

    private Names Book(Kpi kpi) => kpi.CountedType switch { "Encounter" => cube.Encounters, "Appointment" => cube.Visits, _ => cube.Claims };

    private void WalkClaims(Tally[] tallies, int from, int to)
    {
        Span<long> period = stackalloc long[Measures], soFar = stackalloc long[Measures];
        List<LineRow> lines = [];
        List<DenialRow> denials = [];
        List<Posting> money = [];
        HashSet<int> codes = [];
        for (var at = from; at < to; at++)
        {
            ref readonly var row = ref cube.ClaimRows[at];
            if (!row.IsUsed || !scope.MatchesPeers(row))
                continue;
            var isPeer = !scope.MatchesProvider(row);
            if (query.GroupBy != KpiGrouping.Code && scope.Code == 0)
            {
                Count(tallies, at, row, isPeer, cube.Lines.Of(row.LineAt, row.Lines), cube.Denials.Of(row.DenialAt, row.Denials), cube.Money.Of(row.PostAt, row.Posts), period, soFar, Group(row));
                continue;
            }

            codes.Clear();
            foreach (ref readonly var line in cube.Lines.Of(row.LineAt, row.Lines))
                if (scope.Code == 0 || line.Code == scope.Code)
                    codes.Add(line.Code);
            foreach (var code in codes)
            {
                Cut(row, code, lines, denials, money);
                Count(tallies, at, row, isPeer, CollectionsMarshal.AsSpan(lines), CollectionsMarshal.AsSpan(denials), CollectionsMarshal.AsSpan(money), period, soFar,
                    query.GroupBy == KpiGrouping.Code ? code : Group(row));
            }
        }
    }

    /// <summary>The lines with a code, what denied them and what was posted to them. Money posted to the whole claim counts where all its lines have the code.</summary>
    private void Cut(in ClaimRow row, int code, List<LineRow> lines, List<DenialRow> denials, List<Posting> money)
    {
        lines.Clear();
        denials.Clear();
        money.Clear();
        foreach (ref readonly var line in cube.Lines.Of(row.LineAt, row.Lines))
            if (line.Code == code)
                lines.Add(line);
        foreach (ref readonly var denial in cube.Denials.Of(row.DenialAt, row.Denials))
            if (Has(lines, denial.Number))
                denials.Add(denial);
        foreach (ref readonly var posting in cube.Money.Of(row.PostAt, row.Posts))
            if (posting.Line == 0 ? lines.Count == row.Lines : Has(lines, posting.Line))
                money.Add(posting);
    }

    private static bool Has(List<LineRow> lines, short number)
    {
        foreach (var line in lines)
            if (line.Number == number)
                return true;
        return false;
    }

    private void Count(
        Tally[] tallies, int at, in ClaimRow row, bool isPeer, ReadOnlySpan<LineRow> lines, ReadOnlySpan<DenialRow> denials, ReadOnlySpan<Posting> money, Span<long> period, Span<long> soFar, int group)
    {
        period.Clear();
        soFar.Clear();
        var (payer, patient, ninety) = (0L, 0L, 0L);
        foreach (ref readonly var posting in money)
        {
            soFar[(int)posting.Measure] += posting.Cents;
            if (posting.Day > scope.To)
                continue;
            if (posting.Measure == Measure.PayerBalance)
                payer += posting.Cents;
            else if (posting.Measure == Measure.PatientBalance)
                patient += posting.Cents;
            else if (posting.Measure == Measure.Charge && posting.Day > scope.To - 90)
                ninety += posting.Cents;
            if (posting.Day >= scope.From)
                period[(int)posting.Measure] += posting.Cents;
        }

        var view = new ClaimView
        {
            At = at,
            Lines = lines,
            Denials = denials,
            Money = money,
            Hccs = cube.Hccs.Of(row.HccAt, row.Hccs),
            Period = period,
            SoFar = soFar,
            PayerBalance = payer,
            PatientBalance = patient,
            NinetyDayCharges = ninety,
        };
        for (var i = 0; i < kpis.Length; i++)
        {
            tallies[i].Group = group;
            if (!isPeer)
                kpis[i].Count(row, view, tallies[i]);
            else if (kpis[i].ComparesPeers)
                kpis[i].CountPeer(row, view, tallies[i]);
        }
    }

    private void WalkEncounters(Tally[] tallies)
    {
        var rows = cube.EncounterRows;
        for (var at = 0; at < rows.Length; at++)
        {
            ref readonly var row = ref rows[at];
            if (!row.IsUsed || !scope.Matches(row))
                continue;
            var group = query.GroupBy switch
            {
                KpiGrouping.Payer => row.Payer,
                KpiGrouping.PayerClass => row.PayerClass,
                KpiGrouping.Provider => row.Provider,
                KpiGrouping.Location => row.Location,
                _ => 0,
            };
            for (var i = 0; i < kpis.Length; i++)
            {
                tallies[i].Group = group;
                kpis[i].Count(at, row, tallies[i]);
            }
        }
    }

    private void WalkVisits(Tally[] tallies)
    {
        var rows = cube.VisitRows;
        for (var at = 0; at < rows.Length; at++)
        {
            ref readonly var row = ref rows[at];
            if (!row.IsUsed || !scope.Matches(row))
                continue;
            var group = query.GroupBy switch { KpiGrouping.Provider => row.Provider, KpiGrouping.Location => row.Location, _ => 0 };
            for (var i = 0; i < kpis.Length; i++)
            {
                tallies[i].Group = group;
                kpis[i].Count(at, row, tallies[i]);
            }
        }
    }

    private int Group(in ClaimRow row) => query.GroupBy switch
    {
        KpiGrouping.Payer => row.Payer,
        KpiGrouping.PayerClass => row.PayerClass,
        KpiGrouping.Provider => row.Provider,
        KpiGrouping.Location => row.Location,
        _ => 0,
    };
}
