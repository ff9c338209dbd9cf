namespace FhirEmr.BillingBridge.MockPayer;

/// <summary>Chooses the scenario of a claim: by an explicit map from member id, else by the first letters of the member id.</summary>
public sealed class MockScript
{
    /// <summary>Member ids that begin so.</summary>
    public static IReadOnlyDictionary<string, MockScenario> Prefixes { get; } = MockScenarios.All.ToDictionary(s => s.Name);

    /// <summary>Exact member ids; they win over prefixes.</summary>
    public IReadOnlyDictionary<string, MockScenario> ByMember { get; init; } = new Dictionary<string, MockScenario>();

    /// <summary>Chooses for member ids that neither the map nor a prefix names; null leaves them to be paid.</summary>
    public Func<string, MockScenario?>? Choose { get; init; }

    public MockScenario For(string? memberId)
    {
        if (memberId is null)
            return MockScenario.PaidInFull;
        if (ByMember.TryGetValue(memberId, out var named))
            return named;

        // The longest name: DEDCOINS is not DED.
        return MockScenarios.All.Where(s => memberId.StartsWith(s.Name, StringComparison.OrdinalIgnoreCase)).MaxBy(s => s.Name.Length)
            ?? Choose?.Invoke(memberId) ?? MockScenario.PaidInFull;
    }
}
