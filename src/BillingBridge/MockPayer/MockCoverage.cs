namespace FhirEmr.BillingBridge.MockPayer;

/// <summary>What the mock payer says about a member's coverage. Not how any real payer behaves.</summary>
public enum MockCoverage
{
    /// <summary>Active, copay 30 for an office visit, 20 % after a deductible of 1,500 of which 412 are left.</summary>
    Active,

    /// <summary>Ended on the last day of last year.</summary>
    Inactive,

    /// <summary>The subscriber is not found (AAA 75).</summary>
    NotFound,

    /// <summary>The birth date does not match (AAA 71).</summary>
    OtherBirthDate,

    /// <summary>Active, all of a large deductible left, no copay.</summary>
    HighDeductible,

    /// <summary>Active, and another payer is first.</summary>
    OtherPayer,

    /// <summary>Active, and office visits need an authorization.</summary>
    AuthorizationNeeded,

    /// <summary>The question is taken, and no answer ever comes.</summary>
    Silent,
}

/// <summary>Chooses what is said about a member: by the first letters of the member id.</summary>
public static class MockCoverages
{
    /// <summary>Member ids that begin so.</summary>
    public static IReadOnlyDictionary<string, MockCoverage> Prefixes { get; } = new Dictionary<string, MockCoverage>
    {
        ["ENDED"] = MockCoverage.Inactive,
        ["UNKNOWN"] = MockCoverage.NotFound,
        ["BIRTH"] = MockCoverage.OtherBirthDate,
        ["HIGHDED"] = MockCoverage.HighDeductible,
        ["OTHERPAYER"] = MockCoverage.OtherPayer,
        ["AUTHNEED"] = MockCoverage.AuthorizationNeeded,
        ["SILENT"] = MockCoverage.Silent,
    };

    public static MockCoverage Of(string? memberId) => memberId is null
        ? MockCoverage.NotFound
        : Prefixes.Where(p => memberId.StartsWith(p.Key, StringComparison.OrdinalIgnoreCase)).Select(p => p.Value).FirstOrDefault(MockCoverage.Active);
}
