using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>CHARGE-LAG: how late charges are entered.</summary>
internal sealed class ChargeLag : Kpi
{
    public override string Id => "CHARGE-LAG";

    public override string Title => "Charge lag";

    public override string HowComputed =>
        "Days from the date of service to the day the charges were entered, mean and median, of claims whose charges were entered in the period.";

    public override KpiUnit Unit => KpiUnit.Days;

    public override KpiUnit NumeratorUnit => KpiUnit.Days;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        if (claim is { IsPrimary: true, IsOriginal: true, Service: not 0 } && tally.Scope.In(claim.Entered))
            tally.Sample(view.At, claim.Entered, claim.Entered - claim.Service);
    }

    internal override IEnumerable<KpiPart> Parts(Tally tally, int group) => [new("median", KpiUnit.Days, 0m, tally.Of(group).Denominator, tally.Median(group))];
}
