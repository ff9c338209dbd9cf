using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>SCRUB-PASS: claims the rules let through at once.</summary>
internal sealed class ScrubPasses : Kpi
{
    public override string Id => "SCRUB-PASS";

    public override string Title => "Scrub pass rate";

    public override string HowComputed =>
        "Claims whose first scrub rejected nothing, over the claims scrubbed for the first time in the period.";

    public override KpiUnit Unit => KpiUnit.Rate;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        if (tally.Scope.In(claim.Scrubbed))
            tally.Add(view.At, claim.Scrubbed, claim.IsFirstScrubClean ? 1 : 0, 1);
    }
}
