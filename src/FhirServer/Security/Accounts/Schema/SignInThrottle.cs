namespace FhirEmr.FhirServer.Security.Accounts.Schema;

/// <summary>Failures to sign in, counted per name and per address (security S-22). Names that nobody has are counted like those of users.</summary>
internal sealed class SignInThrottle
{
    /// <summary>Hash of the name or address.</summary>
    public required string Id { get; init; }

    /// <summary>Failures since the last success or lockout.</summary>
    public int Failures { get; set; }

    /// <summary>Lockouts in a row: each is longer than the one before.</summary>
    public int Lockouts { get; set; }

    public DateTimeOffset LastFailure { get; set; }

    public DateTimeOffset? LockedUntil { get; set; }
}
