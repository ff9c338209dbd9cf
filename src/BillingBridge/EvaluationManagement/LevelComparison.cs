namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>A level as the rules that compare it with what is billed need it (DOC-001, DOC-002).</summary>
public static class LevelComparison
{
    /// <summary>How many levels a billed code stands above the supported one, negative when below; null when there is none to compare with.</summary>
    public static int? LevelsAbove(string billed, VisitLevel level) =>
        VisitCodes.Rank(billed) is { } rank && level.Code is { } code && VisitCodes.Rank(code) is { } supported ? rank - supported : null;

    /// <summary>The three elements and the time, in words.</summary>
    public static string Why(VisitLevel level)
    {
        var mdm = $"problems {Word(level.Problems.Level)} ({level.Problems.Why.TrimEnd('.')}), data {Word(level.Data.Level)} ({level.Data.Why.TrimEnd('.')}), risk {Word(level.Risk.Level)} ({level.Risk.Why.TrimEnd('.')})";
        return level.Time is { } time ? $"{mdm}; {time.Minutes} minutes" : $"{mdm}; no total time";
    }

    /// <summary>The resources the level stands on, those that were looked at and not counted left out.</summary>
    public static IEnumerable<string> Evidence(VisitLevel level)
    {
        var facts = level.Facts;
        return facts.Problems.Select(f => f.Support).Concat(facts.Data.Select(f => f.Support)).Concat(facts.Risks.Select(f => f.Support)).Concat(facts.Times.Select(f => f.Support))
            .Append(facts.PatientSupport).Select(s => s.Reference).Distinct();
    }

    private static string Word(MdmLevel level) => level switch
    {
        MdmLevel.None => "none",
        MdmLevel.Straightforward => "minimal",
        MdmLevel.Low => "low",
        MdmLevel.Moderate => "moderate",
        _ => "high",
    };
}
