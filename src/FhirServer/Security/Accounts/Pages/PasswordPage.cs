using FhirEmr.FhirServer.Security.Accounts.SignIn;

namespace FhirEmr.FhirServer.Security.Accounts.Pages;

/// <summary><c>/account/password</c>: a new password for the old one.</summary>
internal static class PasswordPage
{
    public static Html NewPasswordFields { get; } = Html.Of($"""
        <label for="new">New password</label>
        <input id="new" name="password" type="password" autocomplete="new-password" required minlength="{Passwords.MinLength}" maxlength="{Passwords.MaxLength}" aria-describedby="new-hint">
        <p class="hint" id="new-hint">At least {Passwords.MinLength} characters. A few words that do not belong together are easy to keep in mind.</p>
        <label for="again">New password once more</label>
        <input id="again" name="again" type="password" autocomplete="new-password" required maxlength="{Passwords.MaxLength}">
        """);

    public static Task<IResult> ShowAsync(AccountRequest request) => Task.FromResult<IResult>(Render(request, StatusCodes.Status200OK, null));

    public static async Task<IResult> SendAsync(AccountRequest request)
    {
        if (request.Field("password") != request.Field("again"))
            return Render(request, StatusCodes.Status400BadRequest, "The two new passwords differ.");
        var (fault, outcome) = await request.Http.RequestServices.GetRequiredService<OwnAccount>()
            .ChangePasswordAsync(request.Live!, request.Field("old"), request.Field("password"), request.Origin, request.Aborted);
        if (fault is not null)
            return Render(request, StatusCodes.Status400BadRequest, fault);
        if (outcome is SignInOutcome.Begun begun)
            return request.GoOn(begun);
        var (status, sentence) = SignInPage.Of(request, outcome);
        return Render(request, status, sentence);
    }

    private static Page Render(AccountRequest request, int status, string? wrong)
    {
        var form = request.Form("/account/password", Html.Of($"""
            <input type="hidden" name="name" autocomplete="username" value="{request.Live!.Account.UserName}">
            <label for="old">Password until now</label>
            <input id="old" name="old" type="password" autocomplete="current-password" required maxlength="{Passwords.MaxLength}">
            {NewPasswordFields}
            <button>Change password</button>
            """));
        return new("Change password", Html.Of($"{Page.Wrong(wrong)}{form}<p class=\"hint\">You are then signed out everywhere else, and apps have to ask you again.</p><nav><a href=\"{request.Path("/account")}\">Your account</a></nav>"), status);
    }
}
