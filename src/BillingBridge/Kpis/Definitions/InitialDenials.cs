using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>IDR-N: claims denied at first.</summary>
internal sealed class InitialDenials : Kpi
{
    public override string Id => "IDR-N";

    public override string Title => "Initial denial rate";

    public override string HowComputed =>
        "Claims whose first 835 denies at least one line, over the claims with a first 835 in the period.";

    public override KpiUnit Unit => KpiUnit.Rate;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        if (tally.Scope.In(claim.Answered))
            tally.Add(view.At, claim.Answered, view.Denials.Length > 0 ? 1 : 0, 1);
    }
}
