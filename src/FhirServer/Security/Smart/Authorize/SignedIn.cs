using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Accounts.Schema;

namespace FhirEmr.FhirServer.Security.Smart.Authorize;

/// <summary>Who sits at the browser, by its session here.</summary>
/// <param name="SessionId">Key of the session's row.</param>
internal sealed record SignedIn(Account Account, string SessionId, DateTimeOffset Since, DateTimeOffset? SecondFactorAt, DateTimeOffset Ends)
{
    /// <summary>The user as a caller, with these scopes, for what has to be read while an app is started.</summary>
    public Principal As(string clientId, string scopes) => new(clientId, "session:" + SessionId, scopes)
    {
        UserId = Account.Id,
        UserName = Account.UserName,
        FhirUser = Account.FhirUser,
        StepUpAt = SecondFactorAt,
        ExpiresAt = Ends,
    };

    /// <summary>Whether the user is a patient or speaks for one, and so needs no list of everybody.</summary>
    public bool IsPatientOrProxy => Account.FhirUser is { } user
        && (user.StartsWith("Patient/", StringComparison.Ordinal) || user.StartsWith("RelatedPerson/", StringComparison.Ordinal));
}

/// <summary>The browser's session, as the accounts keep it.</summary>
internal interface ISignIns
{
    /// <summary>Null when nobody is signed in; else <see cref="HttpContext.User"/> is set too, which anti-forgery tokens are bound to.</summary>
    Task<SignedIn?> OfAsync(HttpContext http);

    /// <summary>Ends the session, so that the next step is to sign in.</summary>
    Task SignOutAsync(HttpContext http);

    /// <summary>Where one signs in, and is brought back from.</summary>
    string SignInPage(string returnTo);
}
