using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>DNFB: visits that are not billed yet.</summary>
internal sealed class NotBilled : Kpi
{
    public override string Id => "DNFB";

    public override string Title => "Discharged, not final billed";

    public override string HowComputed =>
        "Finished encounters of the period without a claim that went to each of their first payers, or as self-pay to the patient, by its end: how many, their charges, and how many days ago they ended.";

    public override KpiUnit Unit => KpiUnit.Count;

    public override string CountedType => "Encounter";

    internal override void Count(int at, in EncounterRow encounter, Tally tally)
    {
        var (scope, day) = (tally.Scope, encounter.Day);
        if (!encounter.IsFinished || !scope.In(day) || encounter.End > scope.To)
            return;
        var isOpen = encounter.Billed == 0 || encounter.Billed > scope.To;
        tally.Add(at, day, isOpen ? 1 : 0, 1);
        if (!isOpen)
            return;
        tally.Add(at, day, encounter.ChargeCents, 0, "charges");
        tally.Sample(at, day, scope.To - encounter.End, tally.Part("days"));
    }

    internal override decimal? Value(decimal over, decimal under) => over;

    internal override IEnumerable<KpiPart> Parts(Tally tally, int group)
    {
        var open = tally.Of(group).Numerator;
        return
        [
            new("charges", KpiUnit.Usd, Shown(tally.Of(group, "charges").Numerator, KpiUnit.Usd), open, Shown(tally.Of(group, "charges").Numerator, KpiUnit.Usd)),
            Part(tally, group, "days", KpiUnit.Days, KpiUnit.Days, KpiUnit.Count),
            new("median days", KpiUnit.Days, 0m, open, tally.Median(group, tally.Part("days"))),
        ];
    }
}
