using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.SignIn;

namespace FhirEmr.FhirServer.Security.Accounts.Pages;

/// <summary><c>/account/set-up?token=…</c>: the first or a new password, by a link that works once (security S-102).</summary>
internal static class SetUpPage
{
    public static async Task<IResult> ShowAsync(AccountRequest request)
    {
        var token = request.Query("token");
        return await Own(request).OfLinkAsync(token, request.Aborted) is { } account ? Render(request, account, token, null) : Dead();
    }

    public static async Task<IResult> SendAsync(AccountRequest request)
    {
        var token = request.Field("token");
        if (await Own(request).OfLinkAsync(token, request.Aborted) is not { } account)
            return Dead();
        var password = request.Field("password");
        if (password != request.Field("again"))
            return Render(request, account, token, "The two passwords differ.");
        var (fault, outcome) = await Own(request).RedeemAsync(token, password, request.Origin, request.Aborted);
        if (fault is not null)
            return Render(request, account, token, fault);
        return outcome is SignInOutcome.Begun begun ? request.GoOn(begun) : Dead();
    }

    private static OwnAccount Own(AccountRequest request) => request.Http.RequestServices.GetRequiredService<OwnAccount>();

    private static Page Render(AccountRequest request, Account account, string token, string? wrong)
    {
        var form = request.Form("/account/set-up", Html.Of($"""
            <input type="hidden" name="token" value="{token}">
            <input type="hidden" name="name" autocomplete="username" value="{account.UserName}">
            {PasswordPage.NewPasswordFields}
            <button>Set password</button>
            """));
        return new($"Welcome, {account.DisplayName}", Html.Of($"{Page.Wrong(wrong)}<p>Your sign-in name is <strong>{account.UserName}</strong>. Choose a password.</p>{form}"),
            wrong is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static Page Dead() => new("This link does not work any more",
        Html.Of($"<p>A set-up link works once, for 30 minutes. Ask your administrator for a new one: <code>fhir-emr user reset-password NAME</code>.</p>"), StatusCodes.Status410Gone);
}
