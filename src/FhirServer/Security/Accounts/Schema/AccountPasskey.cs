namespace FhirEmr.FhirServer.Security.Accounts.Schema;

/// <summary>A passkey of an account: the public half of a key pair whose other half an authenticator keeps to itself (Web Authentication, level 3).</summary>
/// <remarks>The table is the one that ASP.NET Core Identity describes; what is kept in its JSON is ours, which also knows when a passkey was last used.</remarks>
internal sealed class AccountPasskey
{
    public required byte[] CredentialId { get; init; }

    public required string UserId { get; init; }

    public required PasskeyData Data { get; init; }

    /// <summary>What pages call it: the credential's own id may have a thousand bytes.</summary>
    public string Key => Secret.Hash(Convert.ToBase64String(CredentialId));
}

/// <summary>What is known of a passkey, as JSON in its row.</summary>
internal sealed class PasskeyData
{
    /// <summary>COSE key.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>What the user calls it.</summary>
    public required string Name { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? LastUsed { get; set; }

    /// <summary>How often the authenticator says it has signed; always 0 for those that do not count.</summary>
    public long SignCount { get; set; }

    /// <summary>How the authenticator is reached, as the browser said: a hint for the next time.</summary>
    public string[] Transports { get; init; } = [];

    public bool IsUserVerified { get; init; }

    /// <summary>Whether it may be synced to other devices at all.</summary>
    public bool IsBackupEligible { get; init; }

    /// <summary>Whether it was synced when it was last used.</summary>
    public bool IsBackedUp { get; set; }
}
