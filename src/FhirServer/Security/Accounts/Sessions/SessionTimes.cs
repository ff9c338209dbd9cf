using FhirEmr.FhirServer.Security.Accounts.Schema;

namespace FhirEmr.FhirServer.Security.Accounts.Sessions;

/// <summary>How long sessions last (security S-21, S-23).</summary>
internal static class SessionTimes
{
    /// <summary>From the sign-in on, however busy.</summary>
    public static readonly TimeSpan Absolute = TimeSpan.FromHours(12);

    /// <summary>Between the password and the code.</summary>
    public static readonly TimeSpan ForSecondFactor = TimeSpan.FromMinutes(5);

    /// <summary>Between the password and an enrolled authenticator: somebody may have to install one first.</summary>
    public static readonly TimeSpan ForEnrolment = TimeSpan.FromMinutes(30);

    /// <summary>How long a second factor counts as fresh.</summary>
    public static readonly TimeSpan StepUp = TimeSpan.FromMinutes(5);

    /// <summary>Since when it was last seen is written no more often than this.</summary>
    public static readonly TimeSpan SeenEvery = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan IdleOfAdministrators = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan IdleOfOthers = TimeSpan.FromMinutes(15);

    public static TimeSpan Idle(AccountSession session) => session.Stage == SessionStage.NeedsEnrolment ? ForEnrolment : session.IsAdministrator ? IdleOfAdministrators : IdleOfOthers;

    public static TimeSpan Longest(SessionStage stage) => stage switch
    {
        SessionStage.SignedIn => Absolute,
        SessionStage.NeedsEnrolment => ForEnrolment,
        _ => ForSecondFactor,
    };
}
