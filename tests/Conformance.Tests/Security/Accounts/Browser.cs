using System.Net;
using System.Text.RegularExpressions;

namespace FhirEmr.Conformance.Tests.Security.Accounts;

/// <summary>As much of a browser as pages without script need: cookies, forms, and no redirect that is not asked for.</summary>
internal sealed partial class Browser(string root) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(root), Timeout = TimeSpan.FromMinutes(2) };

    public Dictionary<string, string> Cookies { get; } = [];

    /// <summary>The page shown last.</summary>
    public string Body { get; private set; } = "";

    public HttpResponseMessage Response { get; private set; } = new();

    public int Status => (int)Response.StatusCode;

    public string? Location => Response.Headers.Location?.OriginalString;

    public string? Session => Cookies.GetValueOrDefault("fhir-emr");

    public Task GetAsync(string path) => SendAsync(new(HttpMethod.Get, path));

    /// <summary>Sends the first form of the page shown, with its hidden fields, to where it says.</summary>
    public Task SubmitAsync(params (string Name, string Value)[] fields) => SubmitAsync(_ => { }, fields);

    public Task SubmitAsync(Action<HttpRequestMessage> change, params (string Name, string Value)[] fields)
    {
        var form = Form().Match(Body);
        Assert.True(form.Success, Body);
        var values = Hidden().Matches(form.Groups["fields"].Value).ToDictionary(m => WebUtility.HtmlDecode(m.Groups["name"].Value), m => WebUtility.HtmlDecode(m.Groups["value"].Value));
        foreach (var (name, value) in fields)
            values[name] = value;
        return PostAsync(WebUtility.HtmlDecode(form.Groups["action"].Value), values, change);
    }

    public Task PostAsync(string path, IReadOnlyDictionary<string, string> fields, Action<HttpRequestMessage>? change = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) };
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        request.Headers.Add("Origin", root);
        change?.Invoke(request);
        return SendAsync(request);
    }

    /// <summary>Goes where the answer leads.</summary>
    public async Task FollowAsync()
    {
        for (var i = 0; i < 5 && Status is 302 or 303; i++)
            await GetAsync(Location!);
    }

    public async Task SignInAsync(string name, string password, string query = "")
    {
        await GetAsync("/account/sign-in" + query);
        await SubmitAsync(("name", name), ("password", password));
    }

    public void Dispose() => http.Dispose();

    private async Task SendAsync(HttpRequestMessage request)
    {
        if (Cookies.Count > 0)
            request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", Cookies.Select(c => $"{c.Key}={c.Value}")));
        Response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Body = await Response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        if (!Response.Headers.TryGetValues("Set-Cookie", out var set))
            return;
        foreach (var cookie in set.Select(c => c.Split(';')[0].Split('=', 2)))
            if (cookie[1].Length == 0)
                Cookies.Remove(cookie[0]);
            else
                Cookies[cookie[0]] = cookie[1];
    }

    [GeneratedRegex("<form method=\"post\" action=\"(?<action>[^\"]*)\">(?<fields>.*?)</form>", RegexOptions.Singleline)]
    private static partial Regex Form();

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]*)\"(?: autocomplete=\"username\")? value=\"(?<value>[^\"]*)\">")]
    private static partial Regex Hidden();
}
