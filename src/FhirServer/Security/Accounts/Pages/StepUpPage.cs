using FhirEmr.FhirServer.Security.Accounts.SignIn;

namespace FhirEmr.FhirServer.Security.Accounts.Pages;

/// <summary><c>/account/step-up</c>: proves again that it is the user who sits there, for what is risky (security S-21).</summary>
internal static class StepUpPage
{
    /// <summary>Sends the user here, and back to the page asked for.</summary>
    public static IResult Go(AccountRequest request)
    {
        var here = request.Http.Request.PathBase + request.Http.Request.Path;
        request.Http.Response.Headers.Location = request.Path($"/account/step-up?returnUrl={Uri.EscapeDataString(here)}");
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    public static Task<IResult> ShowAsync(AccountRequest request) => Task.FromResult<IResult>(Render(request, null));

    public static async Task<IResult> SendAsync(AccountRequest request) =>
        await request.Http.RequestServices.GetRequiredService<SignInFlow>().StepUpAsync(request.Live!, request.Field("proof"), request.Origin, request.Aborted) is { } refusal
            ? Render(request, refusal)
            : request.Arrive();

    private static Page Render(AccountRequest request, SignInOutcome? refusal)
    {
        var (status, sentence) = SignInPage.Of(request, refusal);
        var field = request.Live!.Account.AuthenticatorSeed is not null
            ? Html.Of($"<label for=\"proof\">Code from your authenticator app</label><input class=\"code\" id=\"proof\" name=\"proof\" autocomplete=\"one-time-code\" required maxlength=\"40\" autofocus>")
            : Html.Of($"<label for=\"proof\">Your password</label><input id=\"proof\" name=\"proof\" type=\"password\" autocomplete=\"current-password\" required maxlength=\"{Passwords.MaxLength}\" autofocus>");
        return new("Confirm that it is you", Html.Of($"{Page.Wrong(sentence)}{request.Form("/account/step-up", Html.Of($"{field}<button>Go on</button>"))}"), status);
    }
}
