using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>PT-COLL: how much of their share patients pay.</summary>
internal sealed class PatientCollection : Kpi
{
    private const int Days = 120;

    public override string Id => "PT-COLL";

    public override string Title => "Patient collection rate";

    public override string HowComputed =>
        "What patients paid within 120 days of the day something first became theirs to pay, over what became theirs, of the claims where that day is in the period and at least 120 days ago.";

    public override KpiUnit Unit => KpiUnit.Rate;

    public override KpiUnit NumeratorUnit => KpiUnit.Usd;

    public override KpiUnit DenominatorUnit => KpiUnit.Usd;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        var assigned = 0;
        foreach (ref readonly var posting in view.Money)
            if (posting is { Measure: Measure.PatientShare, Cents: > 0 } && (assigned == 0 || posting.Day < assigned))
                assigned = posting.Day;
        if (assigned == 0 || !tally.Scope.In(assigned) || assigned + Days > tally.Scope.Today)
            return;
        var paid = 0L;
        foreach (ref readonly var posting in view.Money)
            if (posting.Measure == Measure.PatientPayment && posting.Day <= assigned + Days)
                paid += posting.Cents;
        tally.Add(view.At, assigned, paid, view.PostedSoFar(Measure.PatientShare));
    }
}
