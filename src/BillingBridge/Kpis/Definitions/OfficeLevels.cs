using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>EM-DIST: which levels are billed, against the other providers.</summary>
internal sealed class OfficeLevels : Kpi
{
    private static readonly string[][] Families = [["99202", "99203", "99204", "99205"], ["99211", "99212", "99213", "99214", "99215"]];
    private static readonly HashSet<string> Levels = [.. Families.SelectMany(f => f)];

    public override string Id => "EM-DIST";

    public override string Title => "Office visit levels";

    public override string HowComputed =>
        "Shares of each level among the new (99202-99205) and the established (99211-99215) office visits with a date of service in the period, beside the shares of the other providers; the z-score says how many standard deviations lie between.";

    public override KpiUnit Unit => KpiUnit.Count;

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
                if (own[i] != 0 || peers[i] != 0)
                    yield return new(family[i], KpiUnit.Rate, own[i], mine, share) { PeerValue = peer, ZScore = Z(share, peer, mine) };
            }
        }
    }

    private static decimal? Z(decimal? share, decimal? peer, long visits) => share is { } p && peer is > 0m and < 1m and { } q && visits > 0
        ? Math.Round((decimal)((double)(p - q) / Math.Sqrt((double)(q * (1 - q)) / visits)), 4)
        : null;

    private static void Count(in ClaimRow claim, in ClaimView view, Tally tally, string prefix)
    {
        if (!claim.IsStanding || !tally.Scope.In(claim.Service))
            return;
        foreach (ref readonly var line in view.Lines)
        {
            if (tally.Scope.Cube.Codes[line.Code] is not { Length: 5 } code || code[0] != '9' || !Levels.Contains(code))
                continue;
            tally.Add(view.At, claim.Service, 1, 0, prefix + code);
            if (prefix.Length == 0)
                tally.Add(view.At, claim.Service, 1, 1);
        }
    }
}
