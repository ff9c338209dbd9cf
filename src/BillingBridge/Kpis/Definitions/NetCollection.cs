using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>NCR: payments over what could be collected.</summary>
internal sealed class NetCollection : Kpi
{
    public override string Id => "NCR";

    public override string Title => "Net collection rate";

    public override string HowComputed =>
        "What payers and patients paid so far, over the charges less contractual adjustments, of the claims with a date of service in the period and at least six months ago.";

    public override KpiUnit Unit => KpiUnit.Rate;

    public override KpiUnit NumeratorUnit => KpiUnit.Usd;

    public override KpiUnit DenominatorUnit => KpiUnit.Usd;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        if (tally.Scope.In(claim.Service) && claim.Service <= tally.Scope.SixMonthsAgo)
            tally.Add(view.At, claim.Service, view.PaymentsSoFar, view.PostedSoFar(Measure.Charge) - view.PostedSoFar(Measure.Contractual));
    }
}
