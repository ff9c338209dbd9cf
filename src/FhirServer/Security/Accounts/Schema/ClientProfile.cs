namespace FhirEmr.FhirServer.Security.Accounts.Schema;

/// <summary>What an administrator has said about a client beside what OpenIddict keeps (security S-14, S-19, S-86).</summary>
/// <remarks>Lists are texts separated by blanks, as scopes are.</remarks>
internal sealed class ClientProfile
{
    public required string ClientId { get; init; }

    public ClientKind Kind { get; set; }

    public bool IsDisabled { get; set; }

    /// <summary><c>standalone</c>, <c>ehr</c>.</summary>
    public string LaunchKinds { get; set; } = "";

    /// <summary>The most it can be granted.</summary>
    public string AllowedScopes { get; set; } = "";

    /// <summary>Whom a back-end client acts as, as a resource: <c>Device/1</c>.</summary>
    public string? FhirUser { get; set; }

    /// <summary>The person who answers for it.</summary>
    public string? Owner { get; set; }

    public string? JwksUri { get; set; }

    /// <summary>JSON Web Key Set that was registered as a document.</summary>
    public string? Jwks { get; set; }

    /// <summary>Networks it may come from (CIDR); empty for any.</summary>
    public string AllowedNetworks { get; set; } = "";

    /// <summary>Origins of its pages in browsers.</summary>
    public string AllowedOrigins { get; set; } = "";

    public DateTimeOffset ChangedAt { get; set; }

    public required string ChangedBy { get; set; }
}

/// <summary>How a client can keep a secret, and who is behind it.</summary>
internal enum ClientKind
{
    /// <summary>A page in a browser: no secret.</summary>
    Public,

    /// <summary>An app on somebody's device: no secret, answers come to a loopback port.</summary>
    Native,

    /// <summary>An app with a server of its own.</summary>
    Confidential,

    /// <summary>A back-end service that acts for itself.</summary>
    System,
}
