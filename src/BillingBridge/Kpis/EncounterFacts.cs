namespace FhirEmr.BillingBridge.Kpis;

/// <summary>One encounter, and the charges entered for it.</summary>
public sealed record EncounterFacts
{
    public required string Id { get; init; }

    /// <summary>Null until the Encounter itself was read.</summary>
    public DateOnly? Day { get; init; }

    public DateOnly? EndDay { get; init; }

    public bool IsFinished { get; init; }

    public string? Provider { get; init; }

    public string? Location { get; init; }

    /// <summary>ChargeItems by id: the day each was entered, and its price times its quantity.</summary>
    public IReadOnlyDictionary<string, EnteredCharge> Charges { get; init; } = new Dictionary<string, EnteredCharge>();
}
