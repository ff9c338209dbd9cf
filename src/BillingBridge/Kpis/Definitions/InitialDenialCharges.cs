using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>IDR-$: charges denied at first.</summary>
internal sealed class InitialDenialCharges : Kpi
{
    public override string Id => "IDR-$";

    public override string Title => "Initial denial rate by charges";

    public override string HowComputed =>
        "Charges of the lines that first 835s deny, over the charges of the claims with a first 835 in the period.";

    public override KpiUnit Unit => KpiUnit.Rate;

    public override KpiUnit NumeratorUnit => KpiUnit.Usd;

    public override KpiUnit DenominatorUnit => KpiUnit.Usd;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        if (!tally.Scope.In(claim.Answered))
            return;
        var denied = 0L;
        foreach (ref readonly var denial in view.Denials)
            if (denial.IsFirst)
                denied += denial.ChargeCents;
        tally.Add(view.At, claim.Answered, denied, view.ChargeCents);
    }
}
