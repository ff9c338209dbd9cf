using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>PAY-LAG: how long payers take.</summary>
internal sealed class PayLag : Kpi
{
    public override string Id => "PAY-LAG";

    public override string Title => "Pay lag";

    public override string HowComputed =>
        "Days from the first submission to the payment date of the first 835, mean and median, of claims with a first 835 in the period.";

    public override KpiUnit Unit => KpiUnit.Days;

    public override KpiUnit NumeratorUnit => KpiUnit.Days;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        if (claim.Submitted != 0 && tally.Scope.In(claim.Answered))
            tally.Sample(view.At, claim.Answered, claim.Answered - claim.Submitted);
    }

    internal override IEnumerable<KpiPart> Parts(Tally tally, int group) => [new("median", KpiUnit.Days, 0m, tally.Of(group).Denominator, tally.Median(group))];
}
