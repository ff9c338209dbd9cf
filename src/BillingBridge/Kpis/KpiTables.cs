namespace FhirEmr.BillingBridge.Kpis;

/// <summary>What KPIs look up beside the records; each may be unknown, and then counts for nothing.</summary>
public sealed record KpiTables
{
    /// <summary>A line of the physician fee schedule by code, modifier (empty, 26, TC, 53) and day, by its columns <c>work</c>, <c>preOp</c>, <c>intraOp</c>, <c>postOp</c>, <c>multiple</c>.</summary>
    public Func<string, string, DateOnly, IReadOnlyDictionary<string, string>?> Fee { get; init; } = (_, _, _) => null;

    /// <summary>Cents that the contract with the payer of a claim allows for one of its lines, at most its charge.</summary>
    public Func<ClaimHeader, LineFacts, long?> ContractAllowed { get; init; } = (_, _) => null;

    /// <summary>Chronic HCCs of a diagnosis in the year of a day (billing spec 5).</summary>
    public Func<string, DateOnly, IReadOnlyList<int>> ChronicHccs { get; init; } = (_, _) => [];
}
