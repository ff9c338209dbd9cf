using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>EM-DIST: which levels are billed, against the other providers and against the curve that CMS has for the specialty.</summary>
/// <remarks>Of several specialties together the curve is theirs in the proportion of the visits that can be compared, and the z-score goes by those visits.</remarks>
internal sealed class OfficeLevels : Kpi
{
    private static readonly string[][] Families = [["99202", "99203", "99204", "99205"], ["99211", "99212", "99213", "99214", "99215"]];
    private static readonly HashSet<string> Levels = [.. Families.SelectMany(f => f)];

    public override string Id => "EM-DIST";

    public override string Title => "Office visit levels";

    public override string HowComputed =>
        "Shares of each level among the new (99202-99205) and the established (99211-99215) office visits with a date of service in the period, beside the shares of the other providers; the z-score says how many standard deviations lie between. So too against the shares that CMS publishes for the specialties of the providers, where that table is loaded.";

    public override KpiUnit Unit => KpiUnit.Count;

    public override bool ComparesSpecialties => true;

    internal override bool ComparesPeers => true;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally) => Count(claim, view, tally, "");

    internal override void CountPeer(in ClaimRow claim, in ClaimView view, Tally tally) => Count(claim, view, tally, "peer ");

    internal override decimal? Value(decimal over, decimal under) => over == 0m ? null : over;

    internal override IEnumerable<KpiPart> Parts(Tally tally, int group)
    {
        int[] groups = [.. tally.Groups];
        foreach (var family in Families)
        {
            long[] own = [.. family.Select(c => tally.Of(group, c).Numerator)];
            // The others: all groups but this one, where the groups are providers; and those the filter leaves out.
            long[] peers = [.. family.Select((c, i) => groups.Sum(g => tally.Of(g, "peer " + c).Numerator)
                + (tally.Scope.Query.GroupBy == KpiGrouping.Provider ? groups.Sum(g => tally.Of(g, c).Numerator) - own[i] : 0))];
            var (mine, theirs) = (own.Sum(), peers.Sum());
            for (var i = 0; i < family.Length; i++)
            {
                decimal? share = mine == 0 ? null : (decimal)own[i] / mine, peer = theirs == 0 ? null : (decimal)peers[i] / theirs;
                var (curve, curveZ) = Curve(tally, group, family, family[i]);
                if (own[i] != 0 || peers[i] != 0)
                    yield return new(family[i], KpiUnit.Rate, own[i], mine, share) { PeerValue = peer, ZScore = Z(share, peer, mine), CurveValue = curve, CurveZScore = curveZ };
            }
        }
    }

    internal override IEnumerable<string> Notes(Tally tally, int group)
    {
        if (tally.Scope.Query.Curves is not { } curves)
        {
            yield return "Not compared with CMS's specialty curve: the table office-levels is not loaded.";
            yield break;
        }

        var compared = 0L;
        foreach (var (at, curve) in curves.All.Index())
        {
            var visits = Levels.Sum(c => Compared(tally, group, at, c));
            compared += visits;
            if (visits > 0)
                yield return $"Visits compared with Medicare specialty {curve.Specialty} ({curve.Edition}): {visits}.";
        }

        if (tally.Of(group).Numerator - compared is > 0 and var others)
            yield return $"Visits not compared with CMS's specialty curve, because medicare-specialties knows no taxonomy of their provider or office-levels has nothing of the specialty for their day: {others}.";
    }

    /// <summary>What share of a code is expected of the visits that have a curve, and how far they are from it: the sum of independent draws, each with the odds of its own specialty.</summary>
    private static (decimal? Expected, decimal? Z) Curve(Tally tally, int group, string[] family, string code)
    {
        var (visits, seen, expected, variance) = (0L, 0L, 0m, 0m);
        foreach (var (at, curve) in (tally.Scope.Query.Curves?.All ?? []).Index())
        {
            if (family.Sum(c => Compared(tally, group, at, c)) is > 0 and var count && curve.Share(code, family) is { } odds)
            {
                visits += count;
                seen += Compared(tally, group, at, code);
                expected += count * odds;
                variance += count * odds * (1 - odds);
            }
        }

        return (visits == 0 ? null : expected / visits, variance > 0 ? Math.Round((seen - expected) / (decimal)Math.Sqrt((double)variance), 4) : null);
    }

    private static long Compared(Tally tally, int group, int curve, string code) => tally.Of(group, ComparedPart(curve, code)).Numerator;

    private static string ComparedPart(int curve, string code) => $"curve {curve} {code}";

    private static decimal? Z(decimal? share, decimal? peer, long visits) => share is { } p && peer is > 0m and < 1m and { } q && visits > 0
        ? Math.Round((decimal)((double)(p - q) / Math.Sqrt((double)(q * (1 - q)) / visits)), 4)
        : null;

    private static void Count(in ClaimRow claim, in ClaimView view, Tally tally, string prefix)
    {
        if (!claim.IsStanding || !tally.Scope.In(claim.Service))
            return;
        var curve = prefix.Length == 0 && tally.Scope.Query.Curves is { } curves ? curves.Of(tally.Scope.Cube.Providers[claim.Provider], DateOnly.FromDayNumber(claim.Service)) : -1;
        foreach (ref readonly var line in view.Lines)
        {
            if (tally.Scope.Cube.Codes[line.Code] is not { Length: 5 } code || code[0] != '9' || !Levels.Contains(code))
                continue;
            tally.Add(view.At, claim.Service, 1, 0, prefix + code);
            if (prefix.Length > 0)
                continue;
            tally.Add(view.At, claim.Service, 1, 1);
            if (curve >= 0)
                tally.Add(view.At, claim.Service, 1, 0, ComparedPart(curve, code));
        }
    }
}
