namespace FhirEmr.FhirServer.Security.Accounts.Schema;

/// <summary>A client assertion that was shown once and counts no second time; shared by all nodes (security S-14). Answered challenges of passkeys are kept here, too.</summary>
internal sealed class UsedAssertion
{
    public required string ClientId { get; init; }

    /// <summary>Hash of the assertion's <c>jti</c>, which may be of any length.</summary>
    public required string JtiHash { get; init; }

    /// <summary>When the assertion itself has expired and the row may go.</summary>
    public DateTimeOffset Expires { get; init; }
}
