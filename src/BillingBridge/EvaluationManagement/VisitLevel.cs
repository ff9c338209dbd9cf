namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>The level of a visit with all it stands on.</summary>
public sealed record VisitLevel
{
    public required VisitFacts Facts { get; init; }

    /// <summary>The setting whose codes were used: Medicare's consultations are visits of another setting.</summary>
    public required VisitSetting CodedAs { get; init; }

    public required ElementLevel Problems { get; init; }

    public required ElementLevel Data { get; init; }

    public required ElementLevel Risk { get; init; }

    /// <summary>Two of three, documented facts only.</summary>
    public required MdmLevel Mdm { get; init; }

    /// <summary>Two of three, once the inferred facts are confirmed.</summary>
    public required MdmLevel MdmIfConfirmed { get; init; }

    /// <summary>Null when MDM reaches no code.</summary>
    public string? CodeByMdm { get; init; }

    /// <summary>The clinician's documented total time; null when there is none.</summary>
    public TimeFact? Time { get; init; }

    /// <summary>Null when time reaches no code, is not documented, or does not choose in this setting.</summary>
    public string? CodeByTime { get; init; }

    /// <summary>The better of the two; null when no fact supports any code.</summary>
    public string? Code { get; init; }

    public LevelBasis? Basis { get; init; }

    /// <summary>What the code would be once the inferred facts are confirmed.</summary>
    public string? CodeIfConfirmed { get; init; }

    public IReadOnlyList<AddOnService> AddOns { get; init; } = [];

    /// <summary>What is missing to the next level, one way a sentence; empty at the highest.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];
}
