using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>AR-DAYS: how many days of charges are still owed.</summary>
internal sealed class DaysInReceivables : Kpi
{
    public override string Id => "AR-DAYS";

    public override string Title => "Days in A/R";

    public override string HowComputed =>
        "What payers and patients owe at the end of the period, without credit balances, over the gross charges of a day: those posted in the last 90 days, by 90.";

    public override KpiUnit Unit => KpiUnit.Days;

    public override KpiUnit NumeratorUnit => KpiUnit.Usd;

    public override KpiUnit DenominatorUnit => KpiUnit.Usd;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally) =>
        tally.Add(view.At, tally.Scope.To, Math.Max(0, view.PayerBalance) + Math.Max(0, view.PatientBalance), view.NinetyDayCharges);

    internal override decimal? Value(decimal over, decimal under) => under == 0m ? null : over * 90m / under;
}
