namespace FhirEmr.FhirServer.Security.Accounts.Schema;

/// <summary>Who holds which role, where, up to how much money, and from when to when. Rows are closed, never deleted: auditors read them.</summary>
internal sealed class RoleAssignment
{
    public long Id { get; init; }

    public SubjectKind SubjectKind { get; init; }

    /// <summary>Key of the account, or the client's id.</summary>
    public required string Subject { get; init; }

    public required string RoleName { get; init; }

    /// <summary>Only in this organization (<c>Organization/1</c>); null for everywhere.</summary>
    public string? Organization { get; init; }

    /// <summary>The most that a single act may move; null for what the role itself says.</summary>
    public decimal? MoneyLimitUsd { get; init; }

    public DateTimeOffset From { get; init; }

    public DateTimeOffset? Until { get; set; }

    public required string AssignedBy { get; init; }

    public string? RevokedBy { get; set; }

    public bool IsInForce(DateTimeOffset now) => From <= now && (Until is null || now < Until);
}

/// <summary>What a role is assigned to.</summary>
internal enum SubjectKind
{
    User,
    Client,
}
