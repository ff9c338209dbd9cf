using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>CREDIT-BAL: money that is not ours.</summary>
internal sealed class CreditBalances : Kpi
{
    public override string Id => "CREDIT-BAL";

    public override string Title => "Credit balances";

    public override string HowComputed =>
        "What payers and patients have paid beyond what they owed, at the end of the period; and how much of it has been so for more than 60 days. The denominator is the number of such balances.";

    public override KpiUnit Unit => KpiUnit.Usd;

    public override KpiUnit NumeratorUnit => KpiUnit.Usd;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        if (view.PayerBalance < 0)
            Count(view, -view.PayerBalance, Measure.PayerBalance, tally);
        if (view.PatientBalance < 0)
            Count(view, -view.PatientBalance, Measure.PatientBalance, tally);
    }

    internal override decimal? Value(decimal over, decimal under) => over;

    internal override IEnumerable<KpiPart> Parts(Tally tally, int group)
    {
        var old = tally.Of(group, "over 60 days");
        return [new("over 60 days", KpiUnit.Usd, Shown(old.Numerator, KpiUnit.Usd), old.Denominator, Shown(old.Numerator, KpiUnit.Usd))];
    }

    private static void Count(in ClaimView view, long cents, Measure whose, Tally tally)
    {
        var to = tally.Scope.To;
        tally.Add(view.At, to, cents, 1);
        if (to - Since(view, whose, to) > 60)
            tally.Add(view.At, to, cents, 1, "over 60 days");
    }

    /// <summary>The day since which the balance is a credit without a break.</summary>
    private static int Since(in ClaimView view, Measure whose, int to)
    {
        var days = new SortedDictionary<int, long>();
        foreach (ref readonly var posting in view.Money)
            if (posting.Measure == whose && posting.Day <= to)
                days[posting.Day] = days.GetValueOrDefault(posting.Day) + posting.Cents;
        var (balance, since) = (0L, to);
        foreach (var (day, moved) in days)
        {
            if (balance >= 0 && balance + moved < 0)
                since = day;
            balance += moved;
        }

        return since;
    }
}
