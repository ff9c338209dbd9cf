namespace FhirEmr.FhirServer.Security.Accounts.Schema;

/// <summary>One browser that is signed in, or on its way there; kept here so that ending it ends it (security S-23).</summary>
internal sealed class AccountSession
{
    /// <summary>Hash of the secret in the cookie: who reads the table cannot take over a session.</summary>
    public required string Id { get; init; }

    public required string UserId { get; init; }

    public SessionStage Stage { get; set; }

    /// <summary>Whether the stricter times of administrators hold.</summary>
    public bool IsAdministrator { get; init; }

    /// <summary>The account's security stamp at sign-in: once that has changed, the session is over.</summary>
    public required string SecurityStamp { get; set; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset LastSeen { get; set; }

    /// <summary>When it ends, used or not.</summary>
    public DateTimeOffset Expires { get; init; }

    public DateTimeOffset? Ended { get; set; }

    /// <summary>When a second factor was last proved in it.</summary>
    public DateTimeOffset? SecondFactorAt { get; set; }

    /// <summary>Seed of an authenticator that is being enrolled, encrypted.</summary>
    public byte[]? PendingSeed { get; set; }

    public string Address { get; init; } = "";

    /// <summary>What the browser calls itself, for the list that the user sees.</summary>
    public string UserAgent { get; init; } = "";
}

/// <summary>How far a sign-in has come.</summary>
internal enum SessionStage
{
    /// <summary>The password was right; the code is missing.</summary>
    NeedsSecondFactor,

    /// <summary>The password was right; an authenticator has to be enrolled before anything else.</summary>
    NeedsEnrolment,

    /// <summary>Signed in.</summary>
    SignedIn,
}
