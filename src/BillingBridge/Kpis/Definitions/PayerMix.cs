using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>PAYER-MIX: who pays for what.</summary>
internal sealed class PayerMix : Kpi
{
    public override string Id => "PAYER-MIX";

    public override string Title => "Payer mix";

    public override string HowComputed =>
        "Shares of the charges posted, of the payments posted, and of the finished encounters of the period, by payer class of the focal coverage. The figure is the charges shared out.";

    public override KpiUnit Unit => KpiUnit.Usd;

    public override KpiUnit NumeratorUnit => KpiUnit.Usd;

    public override KpiUnit DenominatorUnit => KpiUnit.Usd;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        var (charges, payments) = (view.Posted(Measure.Charge), view.Posted(Measure.PayerPayment) + view.Posted(Measure.PatientPayment));
        if (charges == 0 && payments == 0)
            return;
        var name = tally.Scope.Cube.PayerClasses[claim.PayerClass] ?? "none";
        tally.Add(view.At, tally.Scope.To, charges, charges);
        tally.Add(view.At, tally.Scope.To, charges, 0, $"charges {name}");
        tally.Add(view.At, tally.Scope.To, payments, 0, $"payments {name}");
    }

    internal override void Count(int at, in EncounterRow encounter, Tally tally)
    {
        if (encounter is { IsFinished: true, PayerClass: not 0 } && tally.Scope.In(encounter.Day))
            tally.Add(at, tally.Scope.To, 1, 0, $"encounters {tally.Scope.Cube.PayerClasses[encounter.PayerClass]}");
    }

    internal override decimal? Value(decimal over, decimal under) => under == 0m ? null : over;

    internal override IEnumerable<KpiPart> Parts(Tally tally, int group)
    {
        var names = tally.PartNames.Order(StringComparer.Ordinal).ToArray();
        foreach (var kind in (string[])["charges ", "payments ", "encounters "])
        {
            var whole = names.Where(n => n.StartsWith(kind, StringComparison.Ordinal)).Sum(n => tally.Of(group, n).Numerator);
            foreach (var name in names.Where(n => n.StartsWith(kind, StringComparison.Ordinal) && tally.Of(group, n).Numerator != 0))
                yield return Share(tally, group, name, whole, kind == "encounters " ? KpiUnit.Count : KpiUnit.Usd);
        }
    }
}
