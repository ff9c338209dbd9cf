using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>DENIAL-MIX: why claims are denied at first.</summary>
internal sealed class DenialMix : Kpi
{
    public override string Id => "DENIAL-MIX";

    public override string Title => "Denials by cause";

    public override string HowComputed =>
        "The claims of the initial denial rate by category, reason (group and CARC), payer, provider, and root cause: the scrub rule that would have caught it. A claim counts once under each name.";

    public override KpiUnit Unit => KpiUnit.Rate;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        if (!tally.Scope.In(claim.Answered))
            return;
        tally.Add(view.At, claim.Answered, view.Denials.Length > 0 ? 1 : 0, 1);
        if (view.Denials.Length == 0)
            return;
        var cube = tally.Scope.Cube;
        var names = new HashSet<string>(StringComparer.Ordinal) { $"payer:{cube.Payers[claim.Payer] ?? "none"}", $"provider:{cube.Providers[claim.Provider] ?? "none"}" };
        foreach (ref readonly var denial in view.Denials)
        {
            names.Add($"category:{cube.Words[denial.Category]}");
            names.Add($"reason:{cube.Words[denial.Reason]}");
            names.Add($"root-cause:{cube.Words[denial.RootCause]}");
        }

        foreach (var name in names)
            tally.Add(view.At, claim.Answered, 1, 0, name);
    }

    internal override IEnumerable<KpiPart> Parts(Tally tally, int group)
    {
        var whole = tally.Of(group).Denominator;
        return tally.PartNames.Select(name => Share(tally, group, name, whole, KpiUnit.Count)).Where(p => p.Numerator != 0m)
            .OrderBy(p => p.Name[..p.Name.IndexOf(':', StringComparison.Ordinal)], StringComparer.Ordinal).ThenByDescending(p => p.Numerator).ThenBy(p => p.Name, StringComparer.Ordinal);
    }
}
