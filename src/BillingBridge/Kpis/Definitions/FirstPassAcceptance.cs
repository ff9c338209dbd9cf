using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>FPA: original claims a payer took in at once.</summary>
internal sealed class FirstPassAcceptance : Kpi
{
    public override string Id => "FPA";

    public override string Title => "First-pass acceptance";

    public override string HowComputed =>
        "Original claims whose first submission the payer accepted (277CA A1 or A2, or an adjudication without one), over the original claims first submitted in the period.";

    public override KpiUnit Unit => KpiUnit.Rate;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        if (claim.IsOriginal && tally.Scope.In(claim.Submitted))
            tally.Add(view.At, claim.Submitted, claim.AcceptedFirst > 0 ? 1 : 0, 1);
    }
}
