using FhirEmr.FhirServer.Security.Accounts.SignIn;

namespace FhirEmr.FhirServer.Security.Accounts.Pages;

/// <summary><c>/account/second-factor</c>: the code of the authenticator, or a recovery code.</summary>
internal static class SecondFactorPage
{
    public static Task<IResult> ShowAsync(AccountRequest request) => Task.FromResult<IResult>(Render(request, null));

    public static async Task<IResult> SendAsync(AccountRequest request)
    {
        var outcome = await request.Http.RequestServices.GetRequiredService<SignInFlow>().SecondFactorAsync(request.Live!, request.Field("code"), request.Origin, request.Aborted);
        return outcome is SignInOutcome.Begun begun ? request.GoOn(begun) : Render(request, outcome);
    }

    private static Page Render(AccountRequest request, SignInOutcome? refusal)
    {
        var (status, sentence) = SignInPage.Of(request, refusal);
        var form = request.Form("/account/second-factor", Html.Of($"""
            <label for="code">Code from your authenticator app</label>
            <input class="code" id="code" name="code" inputmode="text" autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" required maxlength="40" autofocus aria-describedby="code-hint">
            <p class="hint" id="code-hint">Six digits; each code works once. Without your phone, type one of your recovery codes.</p>
            <button>Go on</button>
            """));
        return new("One more step", Html.Of($"{Page.Wrong(sentence)}{form}<nav><a href=\"{request.Path("/account/sign-out")}\">Sign in as somebody else</a></nav>"), status);
    }
}
