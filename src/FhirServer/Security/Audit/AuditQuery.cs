namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>What to look for in the audit: every filter must hold, by any of its values.</summary>
/// <param name="From">Smallest key, inclusive.</param>
/// <param name="Until">Largest key, exclusive.</param>
internal sealed record AuditQuery(long From, long Until, IReadOnlyList<AuditFilter> Filters)
{
    public static AuditQuery Everything { get; } = new(0, long.MaxValue, []);

    public bool IsAscending { get; init; }
}

/// <param name="Kind">One of <see cref="AuditTerms"/>.</param>
internal sealed record AuditFilter(short Kind, IReadOnlyList<long> Values);

/// <summary>A row that was found.</summary>
internal sealed record AuditFound(long Number, AuditRecord Record);
