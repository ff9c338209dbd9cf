using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>CCR: claims that went out and in at once.</summary>
internal sealed class CleanClaims : Kpi
{
    public override string Id => "CCR";

    public override string Title => "Clean-claim rate";

    public override string HowComputed =>
        "Claims whose first scrub rejected nothing and whose first submission was accepted (999 and 277CA) without anybody having had them back, over the claims first submitted in the period.";

    public override KpiUnit Unit => KpiUnit.Rate;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        if (tally.Scope.In(claim.Submitted))
            tally.Add(view.At, claim.Submitted, claim is { IsFirstScrubClean: true, IsTouched: false, AcceptedFirst: 1 } ? 1 : 0, 1);
    }
}
