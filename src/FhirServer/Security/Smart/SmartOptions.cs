namespace FhirEmr.FhirServer.Security.Smart;

/// <summary>Tokens: how long they live, what those of another issuer say. Bound from <c>Auth</c> beside the mode, checked at start-up.</summary>
public sealed class SmartOptions
{
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

    /// <summary>With <c>Auth:Mode=external</c>: what the other issuer's tokens are like.</summary>
    public ExternalTokenOptions External { get; set; } = new();

    /// <summary>Null, or what is wrong in a sentence with the fix.</summary>
    public string? Fault()
    {
        if (UserTokenLife <= TimeSpan.Zero || UserTokenLife > TimeSpan.FromHours(1))
            return "Auth:UserTokenLife must be more than nothing and at most 01:00:00.";
        if (SystemTokenLife <= TimeSpan.Zero || SystemTokenLife > TimeSpan.FromMinutes(5))
            return "Auth:SystemTokenLife must be more than nothing and at most 00:05:00.";
        if (RefreshIdleLife <= TimeSpan.Zero || RefreshAbsoluteLife < RefreshIdleLife)
            return "Auth:RefreshAbsoluteLife must not be shorter than Auth:RefreshIdleLife, and both more than nothing.";
        return KeyLife < TimeSpan.FromDays(1) ? "Auth:KeyLife must be a day or more." : null;
    }
}

/// <summary>What the claims of another issuer's access tokens are called. Bound from <c>Auth:External</c>.</summary>
public sealed class ExternalTokenOptions
{
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

    /// <summary>Value of the header <c>typ</c> (RFC 9068). An issuer that marks its access tokens as plain <c>JWT</c> needs an audience that its id tokens do not have.</summary>
    public string TokenType { get; set; } = "at+jwt";
}
