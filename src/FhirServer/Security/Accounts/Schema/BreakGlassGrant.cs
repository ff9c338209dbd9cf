namespace FhirEmr.FhirServer.Security.Accounts.Schema;

/// <summary>Emergency access of one user to one patient, for an hour, to be reviewed afterwards (security S-47).</summary>
internal sealed class BreakGlassGrant
{
    public long Id { get; init; }

    public required string UserId { get; init; }

    public required string PatientId { get; init; }

    public required string Reason { get; init; }

    /// <summary>Purpose of use, as a code of v3 ActReason: <c>BTG</c>.</summary>
    public required string Purpose { get; init; }

    public DateTimeOffset From { get; init; }

    public DateTimeOffset Until { get; set; }

    public string? ReviewedBy { get; set; }

    public DateTimeOffset? ReviewedAt { get; set; }
}
