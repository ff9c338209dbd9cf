using FhirEmr.FhirServer.Security.Accounts.Sessions;
using FhirEmr.FhirServer.Security.Accounts.SignIn;
using Microsoft.AspNetCore.Antiforgery;

namespace FhirEmr.FhirServer.Security.Accounts.Pages;

/// <summary>A request to one of the accounts' pages: who it is from, what was typed, and the token that proves our own form sent it.</summary>
internal sealed class AccountRequest(HttpContext http, IAntiforgery antiforgery, LiveSession? live, IFormCollection form)
{
    public HttpContext Http { get; } = http;

    public Origin Origin { get; } = Origin.Of(http);

    /// <summary>The session, at whatever stage; null for nobody.</summary>
    public LiveSession? Live { get; } = live;

    public CancellationToken Aborted => Http.RequestAborted;

    public bool IsPost => HttpMethods.IsPost(Http.Request.Method);

    /// <summary>What was typed into the field; empty when it is missing.</summary>
    public string Field(string name) => form[name].ToString();

    /// <summary>A value of the address; empty when it is missing.</summary>
    public string Query(string name) => Http.Request.Query[name].ToString();

    /// <summary>Where the user wanted to go; null for nowhere, or for another server.</summary>
    public string? ReturnUrl => LocalUrl.Of(IsPost ? Field("returnUrl") : Query("returnUrl"));

    /// <summary>A path of this server with what a proxy puts before it.</summary>
    public string Path(string path) => Http.Request.PathBase + path;

    /// <summary>A form that is sent back to <paramref name="path"/>, with its token and the place to return to.</summary>
    public Html Form(string path, Html fields)
    {
        var token = antiforgery.GetAndStoreTokens(Http);
        var back = ReturnUrl is { } url ? Html.Of($"<input type=\"hidden\" name=\"returnUrl\" value=\"{url}\">") : Html.Empty;
        return Html.Of($"<form method=\"post\" action=\"{Path(path)}\"><input type=\"hidden\" name=\"{token.FormFieldName}\" value=\"{token.RequestToken}\">{back}{fields}</form>");
    }

    /// <summary>To another of our pages, which is told where the user wanted to go.</summary>
    public IResult Go(string path)
    {
        var url = ReturnUrl is { } back ? $"{path}?returnUrl={Uri.EscapeDataString(back)}" : path;
        Http.Response.Headers.Location = Path(url);
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    /// <summary>Sets the new session's cookie and goes on to what is missing, or to where the user wanted to go.</summary>
    public IResult GoOn(SignInOutcome.Begun begun)
    {
        SessionCookie.Write(Http, begun.Secret, begun.Live.Session);
        return begun.Live.Session.Stage switch
        {
            Schema.SessionStage.NeedsSecondFactor => Go("/account/second-factor"),
            Schema.SessionStage.NeedsEnrolment => Go("/account/authenticator"),
            _ => Arrive(),
        };
    }

    /// <summary>
    /// Goes to where the user wanted to go, by a page: the answer to a form may redirect to this server only (<c>form-action 'self'</c>), and an
    /// app's authorization goes on to the app.
    /// </summary>
    public IResult Arrive() => ReturnUrl is { } url
        ? new Page("You are signed in", Html.Of($"<p><a href=\"{url}\">Go on</a></p>")) { GoOnTo = url }
        : Go("/account");
}
