using FhirEmr.FhirServer.Security.Accounts.Sessions;
using FhirEmr.FhirServer.Security.Accounts.SignIn;

namespace FhirEmr.FhirServer.Security.Accounts.Pages;

/// <summary><c>/account/sign-out</c>: by button, since a link on another page must not sign anybody out.</summary>
internal static class SignOutPage
{
    public static Task<IResult> ShowAsync(AccountRequest request) => Task.FromResult(request.Live is null
        ? request.Go("/account/sign-in")
        : new Page("Sign out", Html.Of($"<p>You are {request.Live.Account.DisplayName}.</p>{request.Form("/account/sign-out", Html.Of($"<button>Sign out</button>"))}")));

    public static async Task<IResult> SendAsync(AccountRequest request)
    {
        if (request.Live is { } live)
            await request.Http.RequestServices.GetRequiredService<OwnAccount>().EndSessionAsync(live, live.Session.Id, request.Origin, request.Aborted);
        SessionCookie.Clear(request.Http);
        return new Page("You are signed out", Html.Of($"<p><a href=\"{request.Path("/account/sign-in")}\">Sign in</a></p>"));
    }
}
