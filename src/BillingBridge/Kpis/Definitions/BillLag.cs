using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>BILL-LAG: how late claims go out.</summary>
internal sealed class BillLag : Kpi
{
    public override string Id => "BILL-LAG";

    public override string Title => "Bill lag";

    public override string HowComputed =>
        "Days from the date of service to the first submission, mean and median, of claims first submitted in the period.";

    public override KpiUnit Unit => KpiUnit.Days;

    public override KpiUnit NumeratorUnit => KpiUnit.Days;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        if (claim is { IsPrimary: true, IsOriginal: true, Service: not 0 } && tally.Scope.In(claim.Submitted))
            tally.Sample(view.At, claim.Submitted, claim.Submitted - claim.Service);
    }

    internal override IEnumerable<KpiPart> Parts(Tally tally, int group) => [new("median", KpiUnit.Days, 0m, tally.Of(group).Denominator, tally.Median(group))];
}
