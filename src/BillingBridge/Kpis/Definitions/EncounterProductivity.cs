using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>PROD-ENC: what providers do and bring in.</summary>
internal sealed class EncounterProductivity : Kpi
{
    public override string Id => "PROD-ENC";

    public override string Title => "Provider productivity";

    public override string HowComputed =>
        "Finished encounters, charges, payments so far and work RVUs of the dates of service in the period, each also by clinical day (a day on which the provider saw somebody). The figure is the payment for one work RVU.";

    public override KpiUnit Unit => KpiUnit.UsdPerRvu;

    public override KpiUnit NumeratorUnit => KpiUnit.Usd;

    public override KpiUnit DenominatorUnit => KpiUnit.Rvu;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        if (!claim.IsStanding || !tally.Scope.In(claim.Service))
            return;
        var (work, payments) = (0L, view.PaymentsSoFar);
        foreach (ref readonly var line in view.Lines)
            work += line.Work;
        tally.Add(view.At, claim.Service, payments, work);
        tally.Add(view.At, claim.Service, view.ChargeCents, 0, "charges");
        tally.Mark(0, claim.Service, claim.Provider, claim.Service);
    }

    internal override void Count(int at, in EncounterRow encounter, Tally tally)
    {
        if (!encounter.IsFinished || !tally.Scope.In(encounter.Day))
            return;
        tally.Add(at, encounter.Day, 1, 0, "encounters");
        tally.Mark(0, encounter.Day, encounter.Provider, encounter.Day);
    }

    internal override IEnumerable<KpiPart> Parts(Tally tally, int group)
    {
        var (sum, days) = (tally.Of(group), tally.Marks(0, group).Count());
        return
        [
            PerDay("encounters", KpiUnit.Count, tally.Of(group, "encounters").Numerator),
            PerDay("charges", KpiUnit.Usd, tally.Of(group, "charges").Numerator),
            PerDay("payments", KpiUnit.Usd, sum.Numerator),
            PerDay("work RVUs", KpiUnit.Rvu, sum.Denominator),
        ];

        KpiPart PerDay(string name, KpiUnit unit, long number) => new(name, unit, Shown(number, unit), days, days == 0 ? null : Shown(number, unit) / days);
    }
}
