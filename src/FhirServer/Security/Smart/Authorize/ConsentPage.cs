using System.Text;
using FhirEmr.FhirServer.Security.Access.Scopes;
using FhirEmr.FhirServer.Security.Accounts.Pages;
using FhirEmr.FhirServer.Security.Smart.Launch;
using FhirEmr.FhirServer.Security.Smart.Scopes;

namespace FhirEmr.FhirServer.Security.Smart.Authorize;

/// <summary>Asks, in words, whether an app may have what it asks for; each kind of data can be left out.</summary>
internal static class ConsentPage
{
    public const string Decision = "decision";
    public const string Allow = "allow";
    public const string Deny = "deny";
    public const string Grant = "grant";
    public const string Remember = "remember";

    /// <summary>Whether the user may leave it out and the app still be started.</summary>
    public static bool IsOptional(string scope) => SmartScope.IsMeant(scope) || scope is ScopeGrant.Offline or ScopeGrant.Online or SmartScopes.Rights;

    public static Task WriteAsync(
        HttpContext http, string appName, SignedIn user, PatientChoice? patient, IReadOnlyList<string> scopes, IEnumerable<KeyValuePair<string, string>> carried, string redirectUri)
    {
        var record = patient is null ? "the record of the patient you have open"
            : user.IsPatientOrProxy && user.Account.FhirUser == $"Patient/{patient.Id}" ? "your record" : $"the record of {patient.Name}";
        var (data, more) = (new StringBuilder(), new StringBuilder());
        foreach (var scope in scopes)
        {
            var words = SmartPage.Text(ScopeWords.Of(scope, record));
            if (IsOptional(scope))
                data.Append("<li><label><input type=\"checkbox\" name=\"").Append(Grant).Append("\" value=\"").Append(SmartPage.Text(scope)).Append("\" checked>").Append(words).Append("</label></li>\n");
            else
                more.Append("<li>").Append(words).Append("</li>\n");
        }

        var body = $"""
            <p><strong>{SmartPage.Text(appName)}</strong> asks for access. You are signed in as {SmartPage.Text(Name(user))}.
            {(patient is null ? "" : $"It is about {SmartPage.Text(patient.Name)}{(patient.BirthDate is { } born ? $", born {SmartPage.Text(born)}" : "")}.")}</p>
            {SmartPage.Form(carried, $"""
            {(data.Length == 0 ? "" : $"<h2>It wants to</h2>\n<ul class=\"plain\">\n{data}</ul>\n<p class=\"note\">Untick what it shall not do; the app may then not work in full.</p>\n")}
            {(more.Length == 0 ? "" : $"<h2>With it, it will always</h2>\n<ul>\n{more}</ul>\n")}
            <p class="note">Your answer goes to {SmartPage.Text(Host(redirectUri))}. What the app does with what it sees is not in this practice's hands.
            You can take your permission back at any time: <a href="{SmartPage.Text(http.Request.PathBase + AppsPage.Path)}">apps you let in</a>.</p>
            <p><label><input type="checkbox" name="{Remember}" value="yes">Do not ask me again for this app</label></p>
            <button class="main" name="{Decision}" value="{Allow}">Allow</button>
            <button name="{Decision}" value="{Deny}">Do not allow</button>
            """)}
            """;
        return SmartPage.WriteAsync(http, StatusCodes.Status200OK, $"Allow {appName}?", body, redirectUri);
    }

    private static string Name(SignedIn user) => user.Account.DisplayName.Length > 0 ? user.Account.DisplayName : user.Account.UserName ?? "";

    private static string Host(string redirectUri) => Uri.TryCreate(redirectUri, UriKind.Absolute, out var uri) ? uri.Scheme is "http" or "https" ? uri.Authority : uri.Scheme : redirectUri;
}
