using FhirEmr.FhirServer.Security.Accounts.SignIn;

namespace FhirEmr.FhirServer.Security.Accounts.Pages;

/// <summary><c>/account/second-factor</c>: a passkey, the code of the authenticator, or a recovery code.</summary>
internal static class SecondFactorPage
{
    public static async Task<IResult> ShowAsync(AccountRequest request) => await RenderAsync(request, null);

    public static async Task<IResult> SendAsync(AccountRequest request)
    {
        var flow = request.Http.RequestServices.GetRequiredService<SignInFlow>();
        var outcome = PasskeyPages.Answer(request) is { } answer && PasskeyPages.Site(request) is { } site
            ? await flow.SecondFactorAsync(request.Live!, answer, site, request.Origin, request.Aborted)
            : await flow.SecondFactorAsync(request.Live!, request.Field("code"), request.Origin, request.Aborted);
        return outcome is SignInOutcome.Begun begun ? request.GoOn(begun) : await RenderAsync(request, outcome);
    }

    private static async Task<Page> RenderAsync(AccountRequest request, SignInOutcome? refusal)
    {
        var (status, sentence) = SignInPage.Of(request, refusal);
        var hasApp = request.Live!.Account.AuthenticatorSeed is not null;
        var passkey = await PasskeyPages.OwnButtonAsync(request, "/account/second-factor", isMain: !hasApp);
        var form = request.Form("/account/second-factor", Html.Of($"""
            <label for="code">{(hasApp ? "Code from your authenticator app" : "One of your recovery codes")}</label>
            <input class="code" id="code" name="code" inputmode="text" autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" required maxlength="40" autofocus aria-describedby="code-hint">
            <p class="hint" id="code-hint">{(hasApp ? "Six digits; each code works once. Without your phone, type one of your recovery codes." : "For when the device with your passkey is not at hand. Each code works once.")}</p>
            <button class="{(hasApp ? "main" : "other")}">Go on</button>
            """));
        return new("One more step", Html.Of($"{Page.Wrong(sentence)}{(hasApp ? form : passkey)}{(hasApp ? passkey : form)}<nav><a href=\"{request.Path("/account/sign-out")}\">Sign in as somebody else</a></nav>"), status) { HasScript = passkey != Html.Empty };
    }
}
