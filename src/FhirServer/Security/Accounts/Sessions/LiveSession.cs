using FhirEmr.FhirServer.Security.Accounts.Schema;

namespace FhirEmr.FhirServer.Security.Accounts.Sessions;

/// <summary>A session that holds now, and whose it is.</summary>
internal sealed record LiveSession(AccountSession Session, Account Account)
{
    public bool IsSignedIn => Session.Stage == SessionStage.SignedIn;

    /// <summary>Whether a second factor was proved in the last minutes: what the riskiest acts ask for (security S-21).</summary>
    public bool IsSteppedUp(DateTimeOffset now) => IsSignedIn && Session.SecondFactorAt is { } at && now - at <= SessionTimes.StepUp;
}
