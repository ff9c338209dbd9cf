namespace FhirEmr.BillingBridge.MockPayer;

/// <summary>What the mock payer does with a claim. Not how any real payer behaves.</summary>
public enum MockScenario
{
    /// <summary>Allowed 62 % of the charge, copay 25.</summary>
    PaidInFull,

    /// <summary>All that is allowed goes to the deductible (PR-1).</summary>
    Deductible,

    /// <summary>20 % of the allowed amount is coinsurance (PR-2).</summary>
    Coinsurance,

    /// <summary>Diagnosis does not fit the procedure (CO-11), paid 0.</summary>
    DeniedCoding,

    /// <summary>No authorisation (CO-197), paid 0.</summary>
    DeniedAuth,

    /// <summary>The last line is bundled (CO-97); a single line is cut in frequency (CO-151).</summary>
    PartialDenial,

    /// <summary>The set is rejected in the 999.</summary>
    Reject999,

    /// <summary>The claim is rejected in the 277CA.</summary>
    Reject277,

    /// <summary>Accepted and under review in the 277CA; no remittance comes.</summary>
    Pended,

    /// <summary>Paid, and paid again in a second remittance.</summary>
    Duplicate,

    /// <summary>Capitated: nothing is paid and nothing is denied (CO-24).</summary>
    ZeroPay,

    /// <summary>Paid, less a recovery for an older claim (PLB WO).</summary>
    Recovery,

    /// <summary>Paid, then reversed and corrected in a second remittance.</summary>
    ReversalAndCorrection,

    /// <summary>Paid, and sent on to the next payer by the payer itself (CLP02 19).</summary>
    CrossedOver,
}

/// <summary>Chooses the scenario of a claim: by an explicit map from member id, else by the first letters of the member id.</summary>
public sealed class MockScript
{
    /// <summary>Member ids that begin so.</summary>
    public static IReadOnlyDictionary<string, MockScenario> Prefixes { get; } = new Dictionary<string, MockScenario>
    {
        ["DED"] = MockScenario.Deductible,
        ["COINS"] = MockScenario.Coinsurance,
        ["NOCODE"] = MockScenario.DeniedCoding,
        ["NOAUTH"] = MockScenario.DeniedAuth,
        ["PART"] = MockScenario.PartialDenial,
        ["REJ999"] = MockScenario.Reject999,
        ["REJ277"] = MockScenario.Reject277,
        ["PEND"] = MockScenario.Pended,
        ["DUP"] = MockScenario.Duplicate,
        ["ZERO"] = MockScenario.ZeroPay,
        ["RECOV"] = MockScenario.Recovery,
        ["REVERSE"] = MockScenario.ReversalAndCorrection,
        ["XOVER"] = MockScenario.CrossedOver,
    };

    /// <summary>Exact member ids; they win over prefixes.</summary>
    public IReadOnlyDictionary<string, MockScenario> ByMember { get; init; } = new Dictionary<string, MockScenario>();

    /// <summary>Chooses for member ids that the map does not name; null leaves them to the prefixes.</summary>
    public Func<string, MockScenario?>? Choose { get; init; }

    public MockScenario For(string? memberId)
    {
        if (memberId is null)
            return MockScenario.PaidInFull;
        if (ByMember.TryGetValue(memberId, out var named))
            return named;
        if (Choose?.Invoke(memberId) is { } chosen)
            return chosen;
        return Prefixes.Where(p => memberId.StartsWith(p.Key, StringComparison.OrdinalIgnoreCase))
            .Select(p => p.Value)
            .FirstOrDefault(MockScenario.PaidInFull);
    }
}
