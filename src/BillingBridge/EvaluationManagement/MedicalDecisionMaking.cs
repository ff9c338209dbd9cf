using static FhirEmr.BillingBridge.EvaluationManagement.MdmLevel;

namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>The three tables of MDM and the "2 of 3" rule (billing spec 4.1). Pure.</summary>
internal static class MedicalDecisionMaking
{
    /// <summary>Two of three elements must reach the level: sort them and take the middle one.</summary>
    public static MdmLevel TwoOfThree(MdmLevel problems, MdmLevel data, MdmLevel risk)
    {
        MdmLevel[] sorted = [problems, data, risk];
        Array.Sort(sorted);
        return sorted[1];
    }

    public static ElementLevel Problems(IReadOnlyList<ProblemFact> facts)
    {
        var (level, why) = Problems([.. facts.Select(f => f.Kind).OfType<ProblemKind>()]);
        return new(level, Problems([.. facts.Select(f => f.IfConfirmed).OfType<ProblemKind>()]).Level, why);
    }

    public static ElementLevel Data(IReadOnlyList<DataFact> facts)
    {
        var (level, why) = Level([.. facts.Where(f => f.Confidence == Confidence.Documented)]);
        return new(level, Level(facts).Level, why);
    }

    public static ElementLevel Risk(IReadOnlyList<RiskFact> facts)
    {
        var documented = facts.Where(f => f.Confidence == Confidence.Documented).ToList();
        var highest = documented.MaxBy(f => RiskKinds.LevelOf(f.Kind));
        return new(
            highest is null ? None : RiskKinds.LevelOf(highest.Kind),
            facts.Select(f => RiskKinds.LevelOf(f.Kind)).DefaultIfEmpty(None).Max(),
            highest is null ? "No decision about treatment is documented." : $"The highest of {documented.Count}: {RiskKinds.TextOf(highest.Kind)}.");
    }

    private static (MdmLevel Level, string Why) Problems(IReadOnlyList<ProblemKind> kinds)
    {
        if (kinds.Count == 0)
            return (None, "No problem is documented as addressed.");

        var worst = kinds.Max();
        var level = ProblemKinds.LevelOf(worst);
        var stable = kinds.Count(k => k == ProblemKind.StableChronic);
        if (level < Moderate && stable >= 2)
            return (Moderate, $"{stable} stable chronic illnesses.");
        if (level < Low && kinds.Count >= 2)
            return (Low, $"{kinds.Count} self-limited or minor problems.");
        return (level, $"1 {ProblemKinds.TextOf(worst)}{(kinds.Count > 1 ? $" among {kinds.Count} problems" : "")}.");
    }

    private static (MdmLevel Level, string Why) Level(IReadOnlyList<DataFact> facts)
    {
        var items = Unique(facts, DataKind.ExternalNote) + Unique(facts, DataKind.TestResult) + Unique(facts, DataKind.TestOrder);
        var historian = Has(facts, DataKind.IndependentHistorian);
        // The historian is one of the items of A from moderate on, and category B of its own only at limited: never both.
        var withHistorian = items + (historian ? 1 : 0);
        var (a, b, c) = (withHistorian >= 3, Has(facts, DataKind.IndependentInterpretation), Has(facts, DataKind.Discussion));
        List<string> met = [];
        if (a)
            met.Add($"A: {withHistorian} of external notes, results, orders and historian");
        if (b)
            met.Add("B: independent interpretation of a test");
        if (c)
            met.Add("C: discussion with an external clinician or source");

        return (met.Count, items, historian, facts.Count) switch
        {
            ( >= 2, _, _, _) => (High, $"{string.Join("; ", met)}."),
            (1, _, _, _) => (Moderate, $"{met[0]}."),
            (_, >= 2, _, _) => (Low, $"A: {items} of external notes, results and orders."),
            (_, _, true, _) => (Low, "B: assessment needing an independent historian."),
            (_, _, _, > 0) => (Straightforward, $"{items} item, less than limited."),
            _ => (None, "No data are documented as reviewed or analysed."),
        };
    }

    private static int Unique(IReadOnlyList<DataFact> facts, DataKind kind) => facts.Where(f => f.Kind == kind).DistinctBy(f => f.Key).Count();

    private static bool Has(IReadOnlyList<DataFact> facts, DataKind kind) => facts.Any(f => f.Kind == kind);
}
