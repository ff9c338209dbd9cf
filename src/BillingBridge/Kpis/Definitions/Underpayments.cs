using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>UNDERPAY: lines paid below the contract.</summary>
internal sealed class Underpayments : Kpi
{
    public override string Id => "UNDERPAY";

    public override string Title => "Underpayments";

    public override string HowComputed =>
        "What payers allowed less than their contract says, over the lines of first 835s in the period that are short by more than a dollar and by more than one per cent. The denominator is the lines a contract is known for.";

    public override KpiUnit Unit => KpiUnit.Usd;

    public override KpiUnit NumeratorUnit => KpiUnit.Usd;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        if (!tally.Scope.In(claim.Answered))
            return;
        foreach (ref readonly var line in view.Lines)
        {
            if (line.Short < 0)
                continue;
            tally.Add(view.At, claim.Answered, line.Short, 1);
            tally.Add(view.At, claim.Answered, line.Short > 0 ? 1 : 0, 1, "lines");
        }
    }

    internal override decimal? Value(decimal over, decimal under) => under == 0m ? null : over;

    internal override IEnumerable<KpiPart> Parts(Tally tally, int group) => [Part(tally, group, "lines", KpiUnit.Rate, KpiUnit.Count, KpiUnit.Count)];
}
