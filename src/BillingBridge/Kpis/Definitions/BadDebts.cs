using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>BAD-DEBT: charges patients never pay.</summary>
internal sealed class BadDebts : Kpi
{
    public override string Id => "BAD-DEBT";

    public override string Title => "Bad debt";

    public override string HowComputed =>
        "Bad debt written off, over the gross charges, both posted in the period.";

    public override KpiUnit Unit => KpiUnit.Rate;

    public override KpiUnit NumeratorUnit => KpiUnit.Usd;

    public override KpiUnit DenominatorUnit => KpiUnit.Usd;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally) =>
        tally.Add(view.At, tally.Scope.To, view.Posted(Measure.BadDebt), view.Posted(Measure.Charge));
}
