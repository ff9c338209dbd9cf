using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>ELIG-RATE: visits whose coverage was checked in time.</summary>
internal sealed class EligibilityRate : Kpi
{
    public override string Id => "ELIG-RATE";

    public override string Title => "Eligibility checked";

    public override string HowComputed =>
        "Scheduled visits for which a 271 came at most so many days before (3 unless asked otherwise), over the scheduled visits of the period.";

    public override KpiUnit Unit => KpiUnit.Rate;

    public override string CountedType => "Appointment";

    internal override void Count(int at, in VisitRow visit, Tally tally)
    {
        if (!visit.IsScheduled || !tally.Scope.In(visit.Day))
            return;
        var isChecked = false;
        foreach (var day in tally.Scope.Cube.Eligibility.GetValueOrDefault(visit.Patient) ?? [])
            isChecked |= day <= visit.Day && day >= visit.Day - tally.Scope.Query.EligibilityDays;
        tally.Add(at, visit.Day, isChecked ? 1 : 0, 1);
    }
}
