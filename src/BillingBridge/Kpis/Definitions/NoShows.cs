using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>NO-SHOW: visits nobody came to (product 4.12).</summary>
internal sealed class NoShows : Kpi
{
    public override string Id => "NO-SHOW";

    public override string Title => "No-shows";

    public override string HowComputed =>
        "Scheduled visits nobody came to, over the scheduled visits of the period.";

    public override KpiUnit Unit => KpiUnit.Rate;

    public override string CountedType => "Appointment";

    internal override void Count(int at, in VisitRow visit, Tally tally)
    {
        if (visit.IsScheduled && tally.Scope.In(visit.Day))
            tally.Add(at, visit.Day, visit.IsNoShow ? 1 : 0, 1);
    }
}
