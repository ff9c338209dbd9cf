using FhirEmr.BillingBridge.EvaluationManagement;

namespace FhirEmr.BillingBridge;

/// <summary>How a look at a visit's level ended.</summary>
public abstract record VisitLevelResult
{
    private VisitLevelResult()
    {
    }

    /// <summary>The level with its facts; its code is null when no fact supports one.</summary>
    public sealed record Found(VisitLevel Level) : VisitLevelResult;

    public sealed record NoSuchEncounter(string EncounterId) : VisitLevelResult;

    /// <summary>The visit cannot be judged as it stands; <paramref name="Expression"/> is the element at fault.</summary>
    public sealed record NotJudged(string Why, string? Expression) : VisitLevelResult;
}
