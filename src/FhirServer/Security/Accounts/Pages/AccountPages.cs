using System.Net;
using FhirEmr.FhirServer.Security.Accounts.Sessions;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;

namespace FhirEmr.FhirServer.Security.Accounts.Pages;

/// <summary>The pages below <c>/account</c>, in one list, behind one door: no plain http from afar, small bodies, our own forms only.</summary>
internal sealed class AccountPages(AccountSessions sessions, IAntiforgery antiforgery)
{
    private const int MaxBody = 32 * 1024;

    public void Map(WebApplication app)
    {
        Add(app, "/account", Stage.SignedIn, OverviewPage.ShowAsync);
        Add(app, "/account/sign-in", Stage.Nobody, SignInPage.ShowAsync, SignInPage.SendAsync);
        Add(app, "/account/second-factor", Stage.Password, SecondFactorPage.ShowAsync, SecondFactorPage.SendAsync);
        Add(app, "/account/set-up", Stage.Nobody, SetUpPage.ShowAsync, SetUpPage.SendAsync);
        Add(app, "/account/password", Stage.SignedIn, PasswordPage.ShowAsync, PasswordPage.SendAsync);
        Add(app, "/account/authenticator", Stage.Enrolment, AuthenticatorPage.ShowAsync, AuthenticatorPage.SendAsync);
        Add(app, "/account/passkey", Stage.Enrolment, PasskeyPages.ShowAddAsync, PasskeyPages.AddAsync);
        Add(app, "/account/passkey/edit", Stage.SignedIn, PasskeyPages.ShowEditAsync, PasskeyPages.EditAsync);
        Add(app, "/account/passkey/creation", Stage.Enrolment, null, PasskeyPages.AskForCreationAsync);
        Add(app, "/account/passkey/proof", Stage.AfterPassword, null, PasskeyPages.AskForProofAsync);
        Add(app, "/account/passkey/sign-in", Stage.Nobody, null, PasskeyPages.AskForSignInAsync, isActivity: false); // asked again and again by a page that lies open
        app.MapGet(PasskeyPages.ScriptPath, PasskeyPages.ScriptFile).ExcludeFromDescription();
        Add(app, "/account/recovery-codes", Stage.SignedIn, RecoveryCodesPage.ShowAsync, RecoveryCodesPage.SendAsync);
        Add(app, "/account/step-up", Stage.SignedIn, StepUpPage.ShowAsync, StepUpPage.SendAsync);
        Add(app, "/account/end-session", Stage.SignedIn, null, OverviewPage.EndAsync);
        Add(app, AppsPage.Path, Stage.SignedIn, AppsPage.ShowAsync, AppsPage.SendAsync);
        Add(app, "/account/sign-out", Stage.Nobody, SignOutPage.ShowAsync, SignOutPage.SendAsync);
        app.MapGet("/account/session", SessionStateAsync).ExcludeFromDescription();
    }

    private delegate Task<IResult> Handler(AccountRequest request);

    /// <summary>How far somebody has to have come to see a page.</summary>
    private enum Stage
    {
        Nobody,
        Password,
        Enrolment,
        AfterPassword,
        SignedIn,
    }

    private void Add(WebApplication app, string path, Stage stage, Handler? show, Handler? send = null, bool isActivity = true)
    {
        if (show is not null)
            app.MapGet(path, http => RunAsync(http, stage, show, isActivity)).ExcludeFromDescription();
        if (send is not null)
            app.MapPost(path, http => RunAsync(http, stage, send, isActivity)).ExcludeFromDescription();
    }

    private async Task RunAsync(HttpContext http, Stage stage, Handler handler, bool isActivity) => await (await AnswerAsync(http, stage, handler, isActivity)).ExecuteAsync(http);

    private async Task<IResult> AnswerAsync(HttpContext http, Stage stage, Handler handler, bool isActivity)
    {
        if (!http.Request.IsHttps && !IsLoopback(http))
            return new Page("Use https", Html.Of($"<p>Passwords are not taken over an unencrypted connection. Open this page by its https address.</p>"), StatusCodes.Status403Forbidden);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = MaxBody;

        var live = SessionCookie.Read(http.Request) is { } secret ? await sessions.FindAsync(secret, isActivity, http.RequestAborted) : null;
        if (live is not null)
            http.User = SessionHandler.PrincipalOf(live); // a form's token is bound to who it was made for
        IFormCollection form = FormCollection.Empty;
        if (HttpMethods.IsPost(http.Request.Method))
        {
            if (!IsFromHere(http.Request) || !http.Request.HasFormContentType)
                return OutOfDate();
            form = await http.Request.ReadFormAsync(http.RequestAborted);
            if (!await antiforgery.IsRequestValidAsync(http))
                return OutOfDate();
        }

        var request = new AccountRequest(http, antiforgery, live, form);
        return Redirection(request, stage) ?? await handler(request);
    }

    /// <summary>Where somebody is sent who has not come far enough for the page, or is past it.</summary>
    private static IResult? Redirection(AccountRequest request, Stage stage) => (stage, request.Live?.Session.Stage) switch
    {
        (Stage.Nobody, _) => null,
        (Stage.Password, Schema.SessionStage.NeedsSecondFactor) => null,
        (Stage.Password, Schema.SessionStage.SignedIn) => request.Arrive(),
        (Stage.Enrolment, Schema.SessionStage.NeedsEnrolment or Schema.SessionStage.SignedIn) => null,
        (Stage.AfterPassword, Schema.SessionStage.NeedsSecondFactor or Schema.SessionStage.SignedIn) => null,
        (Stage.SignedIn, Schema.SessionStage.SignedIn) => null,
        (_, Schema.SessionStage.NeedsEnrolment) => request.Go("/account/authenticator"),
        (_, Schema.SessionStage.NeedsSecondFactor) => request.Go("/account/second-factor"),
        _ => request.IsPost || request.ReturnUrl is not null ? request.Go("/account/sign-in") : SignInAndReturn(request),
    };

    private static IResult SignInAndReturn(AccountRequest request)
    {
        var here = request.Http.Request.PathBase + request.Http.Request.Path;
        request.Http.Response.Headers.Location = request.Path($"/account/sign-in?returnUrl={Uri.EscapeDataString(here)}");
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    /// <summary>How long the session lasts, for pages that warn before it ends; asking does not keep it awake (S-23).</summary>
    private async Task SessionStateAsync(HttpContext http, TimeProvider clock)
    {
        var live = SessionCookie.Read(http.Request) is { } secret ? await sessions.FindAsync(secret, isActivity: false, http.RequestAborted) : null;
        if (live is not { IsSignedIn: true })
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        var (now, session) = (clock.GetUtcNow(), live.Session);
        var idle = session.LastSeen + SessionTimes.Idle(session) - now;
        var rest = session.Expires - now;
        await http.Response.WriteAsJsonAsync(new System.Text.Json.Nodes.JsonObject
        {
            ["user"] = live.Account.UserName,
            ["name"] = live.Account.DisplayName,
            ["secondsLeft"] = (int)Math.Min(idle.TotalSeconds, rest.TotalSeconds),
            ["canBeProlonged"] = rest > idle,
        }, http.RequestAborted);
    }

    /// <summary>Browsers say where a form was sent from; what does not say so is left to the token.</summary>
    /// <remarks>With our own <c>Referrer-Policy: no-referrer</c> browsers send <c>Origin: null</c> with our own forms: that says nothing.</remarks>
    private static bool IsFromHere(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        return request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none"
            && (origin is "" or "null" || (Uri.TryCreate(origin, UriKind.Absolute, out var url) && url.Authority == request.Host.Value && url.Scheme == request.Scheme));
    }

    private static Page OutOfDate() => new("This form is out of date",
        Html.Of($"<p>Nothing was changed. It was opened before you signed in or out, or it did not come from this site. Open the page again and send it once more.</p>"), StatusCodes.Status400BadRequest);

    private static bool IsLoopback(HttpContext http) => http.Connection.RemoteIpAddress is not { } address || IPAddress.IsLoopback(address);
}
