using FhirEmr.FhirServer.Security.Accounts.SignIn;

namespace FhirEmr.FhirServer.Security.Accounts.Pages;

/// <summary><c>/account/step-up</c>: proves again that it is the user who sits there, for what is risky (security S-21).</summary>
internal static class StepUpPage
{
    /// <summary>Sends the user here, and back to the page asked for.</summary>
    public static IResult Go(AccountRequest request)
    {
        var here = request.Http.Request.PathBase + request.Http.Request.Path + (request.IsPost ? "" : request.Http.Request.QueryString.Value);
        request.Http.Response.Headers.Location = request.Path($"/account/step-up?returnUrl={Uri.EscapeDataString(here)}");
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    public static async Task<IResult> ShowAsync(AccountRequest request) => await RenderAsync(request, null);

    public static async Task<IResult> SendAsync(AccountRequest request)
    {
        var refusal = PasskeyPages.Answer(request) is { } answer && PasskeyPages.Site(request) is { } site
            ? await Flow(request).StepUpAsync(request.Live!, answer, site, request.Origin, request.Aborted)
            : await Flow(request).StepUpAsync(request.Live!, request.Field("proof"), request.Origin, request.Aborted);
        return refusal is null ? request.Arrive() : await RenderAsync(request, refusal);
    }

    private static SignInFlow Flow(AccountRequest request) => request.Http.RequestServices.GetRequiredService<SignInFlow>();

    private static async Task<Page> RenderAsync(AccountRequest request, SignInOutcome? refusal)
    {
        var (status, sentence) = SignInPage.Of(request, refusal);
        var typed = await Flow(request).TypedProofAsync(request.Live!.Account, request.Aborted);
        var passkey = await PasskeyPages.OwnButtonAsync(request, "/account/step-up", isMain: typed == TypedProof.RecoveryCode);
        var field = typed != TypedProof.Password
            ? Html.Of($"<label for=\"proof\">{(typed == TypedProof.Code ? "Code from your authenticator app" : "One of your recovery codes")}</label><input class=\"code\" id=\"proof\" name=\"proof\" autocomplete=\"one-time-code\" required maxlength=\"40\" autofocus>")
            : Html.Of($"<label for=\"proof\">Your password</label><input id=\"proof\" name=\"proof\" type=\"password\" autocomplete=\"current-password\" required maxlength=\"{Passwords.MaxLength}\" autofocus>");
        var form = request.Form("/account/step-up", Html.Of($"{field}<button class=\"{(typed == TypedProof.RecoveryCode ? "other" : "main")}\">Go on</button>"));
        return new("Confirm that it is you", Html.Of($"{Page.Wrong(sentence)}{(typed == TypedProof.RecoveryCode ? passkey : form)}{(typed == TypedProof.RecoveryCode ? form : passkey)}"), status) { HasScript = passkey != Html.Empty };
    }
}
