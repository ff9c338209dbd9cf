using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>GCR: payments over charges of one cohort.</summary>
internal sealed class GrossCollection : Kpi
{
    public override string Id => "GCR";

    public override string Title => "Gross collection rate";

    public override string HowComputed =>
        "What payers and patients paid so far, over the gross charges, of the claims with a date of service in the period.";

    public override KpiUnit Unit => KpiUnit.Rate;

    public override KpiUnit NumeratorUnit => KpiUnit.Usd;

    public override KpiUnit DenominatorUnit => KpiUnit.Usd;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        if (tally.Scope.In(claim.Service))
            tally.Add(view.At, claim.Service, view.PaymentsSoFar, view.PostedSoFar(Measure.Charge));
    }
}
