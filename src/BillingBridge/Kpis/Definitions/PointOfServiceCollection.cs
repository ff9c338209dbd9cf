using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>POS-COLL: what is collected while the patient is there.</summary>
internal sealed class PointOfServiceCollection : Kpi
{
    public override string Id => "POS-COLL";

    public override string Title => "Point-of-service collection";

    public override string HowComputed =>
        "What patients paid on the date of service, over what finally became theirs to pay, of the claims with a date of service in the period.";

    public override KpiUnit Unit => KpiUnit.Rate;

    public override KpiUnit NumeratorUnit => KpiUnit.Usd;

    public override KpiUnit DenominatorUnit => KpiUnit.Usd;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        if (!tally.Scope.In(claim.Service))
            return;
        var collected = 0L;
        foreach (ref readonly var posting in view.Money)
            if (posting.Measure == Measure.PatientPayment && posting.Day == claim.Service)
                collected += posting.Cents;
        tally.Add(view.At, claim.Service, collected, view.PostedSoFar(Measure.PatientShare));
    }
}
