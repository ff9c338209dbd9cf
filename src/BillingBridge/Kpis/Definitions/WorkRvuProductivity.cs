using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>PROD-wRVU: physician work done.</summary>
internal sealed class WorkRvuProductivity : Kpi
{
    public override string Id => "PROD-wRVU";

    public override string Title => "Work RVUs";

    public override string HowComputed =>
        "Units times the work RVU of the fee schedule on the date of service, as the modifiers change it, of claims with a date of service in the period, by rendering provider. The denominator is the number of claims.";

    public override KpiUnit Unit => KpiUnit.Rvu;

    public override KpiUnit NumeratorUnit => KpiUnit.Rvu;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        if (!claim.IsStanding || !tally.Scope.In(claim.Service))
            return;
        var work = 0L;
        foreach (ref readonly var line in view.Lines)
            work += line.Work;
        tally.Add(view.At, claim.Service, work, 1);
    }

    internal override decimal? Value(decimal over, decimal under) => over;
}
