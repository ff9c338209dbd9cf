using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>AR-AGING: what is owed, by its age.</summary>
internal sealed class AgedReceivables : Kpi
{
    private static readonly string[] Ages = ["0-30", "31-60", "61-90", "91-120", "121+"];

    public override string Id => "AR-AGING";

    public override string Title => "A/R aging";

    public override string HowComputed =>
        "Open balances at the end of the period by the age of the date of service (or of the first bill): 0-30, 31-60, 61-90, 91-120, 121 days and more, of payers and of patients. The figure is the share older than 90 days.";

    public override KpiUnit Unit => KpiUnit.Rate;

    public override KpiUnit NumeratorUnit => KpiUnit.Usd;

    public override KpiUnit DenominatorUnit => KpiUnit.Usd;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        var from = tally.Scope.Query.AgesFromFirstBill && claim.Submitted != 0 ? claim.Submitted : claim.Service;
        Count(view.PayerBalance, from, "payer ", view.At, tally);
        Count(view.PatientBalance, from, "patient ", view.At, tally);
    }

    internal override IEnumerable<KpiPart> Parts(Tally tally, int group)
    {
        var whole = tally.Of(group).Denominator;
        return Ages.Concat(Ages.Select(a => "payer " + a)).Concat(Ages.Select(a => "patient " + a)).Select(name => Share(tally, group, name, whole, KpiUnit.Usd));
    }

    private static void Count(long cents, int from, string whose, int at, Tally tally)
    {
        if (cents <= 0)
            return;
        var to = tally.Scope.To;
        var age = from == 0 ? 0 : Math.Max(0, to - from);
        var name = Ages[age <= 30 ? 0 : age <= 60 ? 1 : age <= 90 ? 2 : age <= 120 ? 3 : 4];
        tally.Add(at, to, age > 90 ? cents : 0, cents);
        tally.Add(at, to, cents, 0, name);
        tally.Add(at, to, cents, 0, whose + name);
    }
}
