namespace FhirEmr.FhirServer.Security.Accounts.Schema;

/// <summary>A code to sign in with once when the authenticator is lost; only its hash is kept (security S-21).</summary>
internal sealed class RecoveryCode
{
    public required string UserId { get; init; }

    public required string Hash { get; init; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset? Used { get; set; }
}
