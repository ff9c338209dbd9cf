using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>RECAPTURE: chronic conditions documented again (billing spec 5.4).</summary>
internal sealed class Recapture : Kpi
{
    public override string Id => "RECAPTURE";

    public override string Title => "HCC recapture";

    public override string HowComputed =>
        "Chronic HCCs of patients that a claim of either of the two years before has, and that a claim of the year of the period's last day has again by then, over all that the two years before have.";

    public override KpiUnit Unit => KpiUnit.Rate;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        if (!claim.IsStanding || view.Hccs.Length == 0 || claim.Service == 0 || claim.Service > tally.Scope.To)
            return;
        var years = DateOnly.FromDayNumber(tally.Scope.To).Year - DateOnly.FromDayNumber(claim.Service).Year;
        if (years > 2)
            return;
        foreach (var hcc in view.Hccs)
            tally.Mark(years == 0 ? 1 : 0, tally.Scope.To, claim.Patient, hcc);
    }

    internal override KpiFigure Figure(string? group, Tally tally, int number)
    {
        var due = tally.Marks(0, number).ToHashSet();
        var again = due.Intersect(tally.Marks(1, number)).Count();
        return new(this, group, again, due.Count, Value(again, due.Count), [], []);
    }
}
