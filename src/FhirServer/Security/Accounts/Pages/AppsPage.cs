using System.Globalization;

namespace FhirEmr.FhirServer.Security.Accounts.Pages;

/// <summary><c>/account/apps</c>: the apps that the user has let in, each with a button that takes it back.</summary>
internal static class AppsPage
{
    public const string Path = "/account/apps";

    public static Task<IResult> ShowAsync(AccountRequest request) => RenderAsync(request, Html.Empty);

    public static async Task<IResult> SendAsync(AccountRequest request)
    {
        var name = request.Http.RequestServices.GetService<IAppGrants>() is { } apps ? await apps.TakeBackAsync(request.Live!.Account.Id, request.Field("app"), request.Aborted) : null;
        return await RenderAsync(request, name is null
            ? Html.Of($"<p class=\"good\" role=\"status\">That app has no access.</p>")
            : Html.Of($"<p class=\"good\" role=\"status\"><strong>{name}</strong> has no access any more. It can ask you again.</p>"));
    }

    private static async Task<IResult> RenderAsync(AccountRequest request, Html said)
    {
        var services = request.Http.RequestServices;
        var account = request.Live!.Account;
        var zone = services.GetService<TimeZoneInfo>() ?? TimeZoneInfo.Utc;
        var granted = services.GetService<IAppGrants>() is { } apps ? await apps.ListAsync(account.Id, request.Aborted) : [];
        var list = Html.Join(granted.Select(app => Html.Of($"""
            <h2>{app.Name}</h2>
            <p class="hint">Let in on {TimeZoneInfo.ConvertTime(app.Since, zone).ToString("d MMM yyyy", CultureInfo.InvariantCulture)}{Of(app, account.FhirUser)}. It may</p>
            <ul>{Html.Join(app.Words.Select(w => Html.Of($"<li>{w}</li>")))}</ul>
            {request.Form(Path, Html.Of($"<input type=\"hidden\" name=\"app\" value=\"{app.ClientId}\"><button class=\"quiet\" aria-label=\"Take back the access of {app.Name}\">Take back</button>"))}
            """)));
        return new Page("Apps you let in", Html.Of($"""
            {said}
            {(granted.Count == 0 ? Html.Of($"<p>No app has access by your leave.</p>") : Html.Of($"<p>What you take back ends at once. What an app has seen before stays with it.</p>{list}"))}
            <nav><a href="{request.Path("/account")}">Your account</a></nav>
            """));
    }

    private static string Of(AppGrant app, string? fhirUser)
    {
        var whose = app.Patients.Select(p => "Patient/" + p == fhirUser ? "your record" : $"the record Patient/{p}").ToArray();
        return whose.Length == 0 ? "" : ", for " + string.Join(" and ", whose);
    }
}
