using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>OVERTURN: denials that were won.</summary>
internal sealed class Overturns : Kpi
{
    public override string Id => "OVERTURN";

    public override string Title => "Overturn rate";

    public override string HowComputed =>
        "Denied lines that were paid later, over the denied lines closed in the period: paid, written off, or on a claim that was closed, voided or left to the patient. Also of those appealed, and in dollars. A replaced claim closes nothing: its replacement goes on.";

    public override KpiUnit Unit => KpiUnit.Rate;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        foreach (ref readonly var line in view.Denials)
        {
            if (!line.IsFirst || !tally.Scope.In(line.Closed))
                continue;
            var won = line.PaidLaterCents > 0 ? 1 : 0;
            tally.Add(view.At, line.Closed, won, 1);
            tally.Add(view.At, line.Closed, line.PaidLaterCents, line.ChargeCents, "dollars");
            if (line.IsAppealed)
                tally.Add(view.At, line.Closed, won, 1, "appealed");
        }
    }

    internal override IEnumerable<KpiPart> Parts(Tally tally, int group) =>
    [
        Part(tally, group, "appealed", KpiUnit.Rate, KpiUnit.Count, KpiUnit.Count),
        Part(tally, group, "dollars", KpiUnit.Rate, KpiUnit.Usd, KpiUnit.Usd),
    ];
}
