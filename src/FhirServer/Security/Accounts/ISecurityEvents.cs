namespace FhirEmr.FhirServer.Security.Accounts;

/// <summary>Is told what happens to accounts, for the audit (security S-50).</summary>
internal interface ISecurityEvents
{
    /// <summary>Returns when the event is kept; when it cannot be kept it throws, and what was asked for fails.</summary>
    ValueTask RaiseAsync(SecurityEvent happened, CancellationToken ct);
}

/// <summary>One thing that happened to an account.</summary>
/// <param name="UserId">Key of the account it happened to; null when the name is nobody's.</param>
/// <param name="UserName">Sign-in name, as it was typed when it is nobody's.</param>
/// <param name="By">Who did it: a sign-in name, or <c>cli</c>.</param>
internal sealed record SecurityEvent(SecurityEventKind Kind, string? UserId, string? UserName, string By)
{
    public bool Succeeded { get; init; } = true;

    /// <summary>Where the request came from; null on the command line.</summary>
    public string? Address { get; init; }

    /// <summary>What else is worth knowing: the role, the reason of a refusal. No secrets.</summary>
    public string? Detail { get; init; }
}

internal enum SecurityEventKind
{
    SignIn,
    SignInRefused,
    Lockout,
    Unlock,
    SignOut,
    SessionEnded,
    StepUp,
    AccountCreated,
    AccountDisabled,
    AccountEnabled,
    SetUpLinkIssued,
    PasswordChanged,
    SecondFactorChanged,
    PasskeyAdded,
    PasskeyRemoved,
    RecoveryCodesChanged,
    RecoveryCodeUsed,
    RoleAssigned,
    RoleRevoked,
    RoleChanged,
    BreakGlass,
    BreakGlassReviewed,
    TokenIssued,
    TokenRefused,
    TokensRevoked,
    ConsentGiven,
    ConsentRefused,
    AppOpened,
    ClientChanged,
    KeysRotated,
    CommandUnreadable,
}

/// <summary>Where no audit is kept: commands on an empty installation, tests.</summary>
internal sealed class NobodyListens : ISecurityEvents
{
    public ValueTask RaiseAsync(SecurityEvent happened, CancellationToken ct) => ValueTask.CompletedTask;
}
