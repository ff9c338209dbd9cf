namespace FhirEmr.FhirServer.Security.Accounts.Schema;

/// <summary>A link, shown once and good once, with which an account gets its first or a new password (security S-102).</summary>
internal sealed class SetUpLink
{
    /// <summary>Hash of the token in the link.</summary>
    public required string Id { get; init; }

    public required string UserId { get; init; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset Expires { get; init; }

    public DateTimeOffset? Used { get; set; }
}
