using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.Sessions;
using FhirEmr.FhirServer.Security.Accounts.SignIn;

namespace FhirEmr.FhirServer.Security.Accounts.Pages;

/// <summary><c>/account/authenticator</c>: enrols an authenticator app, the first one or another.</summary>
internal static class AuthenticatorPage
{
    public static async Task<IResult> ShowAsync(AccountRequest request) => MustProve(request) ? StepUpPage.Go(request) : await RenderAsync(request, null);

    public static async Task<IResult> SendAsync(AccountRequest request)
    {
        if (MustProve(request))
            return StepUpPage.Go(request);
        if (await Own(request).EnrolAsync(request.Live!, request.Field("code"), request.Origin, request.Aborted) is not { } done)
            return await RenderAsync(request, "That is not the code that the app shows now. Check that the phone's clock is right, and type the next one.");
        SessionCookie.Write(request.Http, done.Begun.Secret, done.Begun.Live.Session);
        return RecoveryCodesPage.Once(request, done.Codes, "Your authenticator is set up");
    }

    /// <summary>Whoever finds an unlocked screen must not be able to put their own phone in place of the user's.</summary>
    public static bool MustProve(AccountRequest request) =>
        request.Live!.Session.Stage == SessionStage.SignedIn && !request.Live.IsSteppedUp(request.Http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());

    private static OwnAccount Own(AccountRequest request) => request.Http.RequestServices.GetRequiredService<OwnAccount>();

    private static async Task<Page> RenderAsync(AccountRequest request, string? wrong)
    {
        var seed = await Own(request).PendingSeedAsync(request.Live!, request.Aborted);
        var uri = Totp.Uri(seed, request.Live!.Account.UserName!);
        var groups = string.Join(' ', Totp.Text(seed).Chunk(4).Select(four => new string(four)));
        var form = request.Form("/account/authenticator", Html.Of($"""
            <label for="code">Code that the app shows</label>
            <input class="code" id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="7">
            <button>Use this app</button>
            """));
        return new("Set up your authenticator app", Html.Of($"""
            {Page.Wrong(wrong)}
            <p>Besides your password you sign in with a code that an app on your phone shows, such as the password manager you already have.</p>
            {Passkey(request)}
            <p>Scan this picture with the app:</p>
            {QrCode.Svg(uri)}
            <p>Or <a href="{uri}">open the app on this device</a>, or type this key into it: <code>{groups}</code></p>
            {form}
            <nav><a href="{request.Path("/account/sign-out")}">Sign out</a></nav>
            """), wrong is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    /// <summary>The other way to enrol, for whoever has to; the page of the account has it for everybody else.</summary>
    private static Html Passkey(AccountRequest request)
    {
        if (request.Live!.IsSignedIn || PasskeyPages.Site(request) is null)
            return Html.Empty;
        var back = request.ReturnUrl is { } url ? "?returnUrl=" + Uri.EscapeDataString(url) : "";
        return Html.Of($"<p>Or <a href=\"{request.Path("/account/passkey")}{back}\">make a passkey instead</a>: your fingerprint, face or device PIN in place of password and code.</p>");
    }
}
