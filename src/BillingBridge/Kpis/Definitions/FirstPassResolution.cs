using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>FPR: claims the first answer settled.</summary>
internal sealed class FirstPassResolution : Kpi
{
    public override string Id => "FPR";

    public override string Title => "First-pass resolution";

    public override string HowComputed =>
        "Claims that the first 835 paid, or moved to the patient or above the contract, without a denied line, over the claims with a first 835 in the period.";

    public override KpiUnit Unit => KpiUnit.Rate;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        if (tally.Scope.In(claim.Answered))
            tally.Add(view.At, claim.Answered, claim.IsResolvedFirst ? 1 : 0, 1);
    }
}
