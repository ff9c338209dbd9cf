using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>DENIAL-WO: revenue given up to denials.</summary>
internal sealed class DenialWriteOffs : Kpi
{
    public override string Id => "DENIAL-WO";

    public override string Title => "Denial write-offs";

    public override string HowComputed =>
        "What was written off as denied in the period, over net patient revenue: charges less contractual adjustments, charity and courtesy, all by posting date.";

    public override KpiUnit Unit => KpiUnit.Rate;

    public override KpiUnit NumeratorUnit => KpiUnit.Usd;

    public override KpiUnit DenominatorUnit => KpiUnit.Usd;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally) => tally.Add(
        view.At, tally.Scope.To, view.Posted(Measure.DenialWriteOff), view.Posted(Measure.Charge) - view.Posted(Measure.Contractual) - view.Posted(Measure.OtherWriteOff));
}
