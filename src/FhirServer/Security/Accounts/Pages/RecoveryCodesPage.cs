using FhirEmr.FhirServer.Security.Accounts.SignIn;

namespace FhirEmr.FhirServer.Security.Accounts.Pages;

/// <summary><c>/account/recovery-codes</c>: ten new codes for the old ones.</summary>
internal static class RecoveryCodesPage
{
    public static async Task<IResult> ShowAsync(AccountRequest request) => await RefusalAsync(request) ?? new Page("New recovery codes", Html.Of($"""
        <p>You get {RecoveryCodes.Count} new codes. Those you have stop working.</p>
        {request.Form("/account/recovery-codes", Html.Of($"<button>Make new codes</button>"))}
        <nav><a href="{request.Path("/account")}">Your account</a></nav>
        """));

    public static async Task<IResult> SendAsync(AccountRequest request) => await RefusalAsync(request)
        ?? Once(request, await request.Http.RequestServices.GetRequiredService<OwnAccount>().NewRecoveryCodesAsync(request.Live!, request.Origin, request.Aborted), "New recovery codes");

    /// <summary>Shows codes for the only time.</summary>
    public static Page Once(AccountRequest request, IReadOnlyList<string> codes, string title)
    {
        var onward = request.ReturnUrl ?? request.Path("/account");
        return new(title, Html.Of($"""
            <p class="good" role="status">Done. Keep these codes on paper or in a safe place: each lets you sign in once when your phone, or the device with your passkey, is lost. They are not shown again.</p>
            <ul class="codes">{Html.Join(codes.Select(code => Html.Of($"<li>{code}</li>")))}</ul>
            <p><a class="button" href="{onward}">I have kept them</a></p>
            """));
    }

    private static async Task<IResult?> RefusalAsync(AccountRequest request)
    {
        if (await request.Http.RequestServices.GetRequiredService<SignInFlow>().TypedProofAsync(request.Live!.Account, request.Aborted) == TypedProof.Password)
            return request.Go("/account/authenticator"); // nobody would ask for one
        return request.Live.IsSteppedUp(request.Http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow()) ? null : StepUpPage.Go(request);
    }
}
