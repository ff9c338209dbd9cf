namespace FhirEmr.FhirServer.Security.Smart;

/// <summary>How callers prove who they are. Bound from <c>Auth</c>, checked at start-up.</summary>
public sealed class AuthOptions
{
    /// <summary><c>embedded</c>, <c>external</c> or <c>demo</c>; there is no mode without sign-in (security §2).</summary>
    public AuthMode Mode { get; set; }

    /// <summary>Folder of the keys that sign and seal tokens; nodes of one installation share it. Empty: <c>keys</c> in the data folder.</summary>
    public string KeyFolder { get; set; } = "";

    /// <summary>Life of a user's access token; an hour at most (security S-15).</summary>
    public TimeSpan UserTokenLife { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Life of a back-end client's access token; five minutes at most.</summary>
    public TimeSpan SystemTokenLife { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a refresh token lives unused (security S-17).</summary>
    public TimeSpan RefreshIdleLife { get; set; } = TimeSpan.FromDays(14);

    /// <summary>How long a grant can be refreshed at all.</summary>
    public TimeSpan RefreshAbsoluteLife { get; set; } = TimeSpan.FromDays(90);

    /// <summary>After how long a new signing key takes over; the old one goes on verifying (security S-62).</summary>
    public TimeSpan KeyLife { get; set; } = TimeSpan.FromDays(90);

    /// <summary>What apps are told in <c>tenant</c> of the token response; empty for nothing.</summary>
    public string Tenant { get; set; } = "";

    public ExternalIssuerOptions External { get; set; } = new();

    /// <summary>Null, or what is wrong in a sentence with the fix.</summary>
    public string? Fault()
    {
        if (UserTokenLife <= TimeSpan.Zero || UserTokenLife > TimeSpan.FromHours(1))
            return "Auth:UserTokenLife must be more than nothing and at most 01:00:00.";
        if (SystemTokenLife <= TimeSpan.Zero || SystemTokenLife > TimeSpan.FromMinutes(5))
            return "Auth:SystemTokenLife must be more than nothing and at most 00:05:00.";
        if (RefreshIdleLife <= TimeSpan.Zero || RefreshAbsoluteLife < RefreshIdleLife)
            return "Auth:RefreshAbsoluteLife must not be shorter than Auth:RefreshIdleLife, and both more than nothing.";
        if (KeyLife < TimeSpan.FromDays(1))
            return "Auth:KeyLife must be a day or more.";
        return Mode == AuthMode.External ? External.Fault() : null;
    }
}

/// <summary>Who issues the tokens this server takes.</summary>
public enum AuthMode
{
    /// <summary>This server itself.</summary>
    Embedded,

    /// <summary>Another issuer; this server only checks its tokens.</summary>
    External,

    /// <summary>As embedded, for <c>serve --demo</c>: loopback only, with one ready-made administrator token.</summary>
    Demo,
}

/// <summary>The other issuer and what its claims are called. Bound from <c>Auth:External</c>.</summary>
public sealed class ExternalIssuerOptions
{
    /// <summary>Exactly as in its tokens' <c>iss</c>; its discovery document lies under it.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>What <c>aud</c> must say; empty: the FHIR base of this server.</summary>
    public string Audience { get; set; } = "";

    /// <summary>Roles are assigned here to the value of this claim.</summary>
    public string UserClaim { get; set; } = "sub";

    public string NameClaim { get; set; } = "preferred_username";

    public string FhirUserClaim { get; set; } = "fhirUser";

    public string PatientClaim { get; set; } = "patient";

    public string EncounterClaim { get; set; } = "encounter";

    public string ScopeClaim { get; set; } = "scope";

    public string ClientClaim { get; set; } = "client_id";

    /// <summary>Value of the header <c>typ</c>; empty for any but those of tokens that are not for access.</summary>
    public string TokenType { get; set; } = "at+jwt";

    internal string? Fault() =>
        !Uri.TryCreate(Issuer, UriKind.Absolute, out var issuer) || issuer.Scheme is not ("http" or "https")
            ? "Auth:Mode is external, so Auth:External:Issuer must be the address of the issuer, as in https://login.example.org/realms/clinic."
            : null;
}
