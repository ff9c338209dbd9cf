using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>COST-TO-COLLECT: what a collected dollar costs.</summary>
internal sealed class CostToCollect : Kpi
{
    public override string Id => "COST-TO-COLLECT";

    public override string Title => "Cost to collect";

    public override string HowComputed =>
        "What billing cost in the period, entered by hand, over the payments posted in it. Null until a cost is entered, and for any group of payments: the cost is the practice's.";

    public override KpiUnit Unit => KpiUnit.Rate;

    public override KpiUnit NumeratorUnit => KpiUnit.Usd;

    public override KpiUnit DenominatorUnit => KpiUnit.Usd;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally) =>
        tally.Add(view.At, tally.Scope.To, 0, view.Posted(Measure.PayerPayment) + view.Posted(Measure.PatientPayment));

    internal override KpiFigure Figure(string? group, Tally tally, int number)
    {
        var paid = Shown(tally.Of(number).Denominator, KpiUnit.Usd);
        var query = tally.Scope.Query;
        decimal? cost = query is { Payer: null, PayerClass: null, Provider: null, Location: null, Code: null } && group is null ? query.BillingCostUsd : null;
        return new(this, group, cost ?? 0m, paid, paid == 0m ? null : cost / paid, [], []);
    }
}
