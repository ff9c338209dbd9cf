namespace FhirEmr.FhirServer.Security.Accounts.Schema;

/// <summary>An authorization (OpenIddict's) that lasts no longer than the session it was given in: <c>online_access</c> (security S-16, S-17).</summary>
internal sealed class SessionAuthorization
{
    public required string SessionId { get; init; }

    public required long AuthorizationId { get; init; }
}
