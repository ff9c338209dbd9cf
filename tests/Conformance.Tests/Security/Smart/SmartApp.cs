using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.Tokens;

namespace FhirEmr.Conformance.Tests.Security.Smart;

/// <summary>An app and the browser it runs in: asks for a code, lets the user answer our pages, exchanges the code.</summary>
internal sealed partial class SmartApp(SmartServer server)
{
    // Keeps neither cookies nor redirects: nothing of one app is in it.
    private static readonly HttpClient Http = new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });
    private readonly Dictionary<string, string> cookies = [];

    public string Verifier { get; } = Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(32));

    public string Challenge => Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    /// <summary>What the user leaves unticked, picks, and says.</summary>
    public HashSet<string> Unticked { get; } = [];

    public string? Picks { get; set; }

    public string? PicksVisit { get; set; }

    public string Decision { get; set; } = "allow";

    public bool Remembers { get; set; }

    /// <summary>The last page shown.</summary>
    public string Page { get; private set; } = "";

    public int Pages { get; private set; }

    public async Task SignInAsync(string userId)
    {
        var cookie = await server.SessionAsync(userId);
        cookies[cookie.Split('=')[0]] = cookie[(cookie.IndexOf('=', StringComparison.Ordinal) + 1)..];
    }

    public Dictionary<string, string?> Request(string client, string scope, params (string Name, string? Value)[] other)
    {
        var request = new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = client,
            ["redirect_uri"] = SmartServer.Redirect,
            ["scope"] = scope,
            ["state"] = "s1",
            ["aud"] = server.BaseUrl,
            ["code_challenge"] = Challenge,
            ["code_challenge_method"] = "S256",
        };
        foreach (var (name, value) in other)
            if (value is null)
                request.Remove(name);
            else
                request[name] = value;
        return request;
    }

    /// <summary>Where it ends: the redirect to the app, to the sign-in page, or null for a page that refuses.</summary>
    public async Task<Uri?> AuthorizeAsync(Dictionary<string, string?> request, bool byPost = false)
    {
        var response = byPost ? await SendAsync(HttpMethod.Post, "/auth/authorize", request.Select(p => KeyValuePair.Create(p.Key, p.Value!))) : await SendAsync(HttpMethod.Get, QueryHelpers.AddQueryString("/auth/authorize", request));
        for (var i = 0; i < 8; i++)
        {
            if (response.Location is { } location)
            {
                if (!location.OriginalString.Contains("/auth/authorize", StringComparison.Ordinal))
                    return location;
                response = await SendAsync(HttpMethod.Get, location.IsAbsoluteUri ? location.PathAndQuery : location.OriginalString);
                continue;
            }

            Page = response.Body;
            Pages++;
            if (response.Status != 200)
                return null;
            var form = Page[Page.LastIndexOf("<form", StringComparison.Ordinal)..];
            var fields = Hidden().Matches(form).Select(m => KeyValuePair.Create(m.Groups[1].Value, WebUtility.HtmlDecode(m.Groups[2].Value))).ToList();
            if (form.Contains("name=\"decision\"", StringComparison.Ordinal))
            {
                fields.Add(new("decision", Decision));
                fields.AddRange(Ticks().Matches(form).Select(m => WebUtility.HtmlDecode(m.Groups[1].Value)).Where(s => !Unticked.Contains(s)).Select(s => KeyValuePair.Create("grant", s)));
                if (Remembers)
                    fields.Add(new("remember", "yes"));
            }
            else if (form.Contains("name=\"picked_encounter\" value=\"-\"", StringComparison.Ordinal))
                fields.Add(new("picked_encounter", PicksVisit ?? "-"));
            else if (Picks is { } patient)
                fields.Add(new("picked_patient", patient));
            else
                return null;
            response = await SendAsync(HttpMethod.Post, "/auth/authorize", fields);
        }

        throw new InvalidOperationException("The pages come to no end: " + Page);
    }

    /// <summary>The code, when the user lets the app have one.</summary>
    public async Task<string> CodeAsync(string client, string scope, params (string Name, string? Value)[] other)
    {
        var end = await AuthorizeAsync(Request(client, scope, other));
        Assert.True(end is not null, Page);
        var answer = QueryHelpers.ParseQuery(end.Query);
        Assert.True(answer.ContainsKey("code"), end.ToString());
        Assert.Equal("s1", answer["state"]);
        Assert.Equal(server.Root + "/", answer["iss"]);
        return answer["code"].ToString();
    }

    public static string Error(Uri? end) => end is null ? "(page)" : QueryHelpers.ParseQuery(end.Query).TryGetValue("error", out var error) ? error.ToString() : "(none)";

    public Task<(int Status, JsonNode Json)> ExchangeAsync(string client, string code, params (string Name, string? Value)[] other)
    {
        var form = new Dictionary<string, string?> { ["grant_type"] = "authorization_code", ["client_id"] = client, ["code"] = code, ["redirect_uri"] = SmartServer.Redirect, ["code_verifier"] = Verifier };
        return TokenAsync(With(form, other));
    }

    public Task<(int Status, JsonNode Json)> RefreshAsync(string client, string token, params (string Name, string? Value)[] other) =>
        TokenAsync(With(new() { ["grant_type"] = "refresh_token", ["client_id"] = client, ["refresh_token"] = token }, other));

    public async Task<JsonNode> GrantAsync(string client, string scope, params (string Name, string? Value)[] other)
    {
        var (status, json) = await ExchangeAsync(client, await CodeAsync(client, scope, other));
        Assert.True(status == 200, json.ToJsonString());
        return json;
    }

    public async Task<(int Status, JsonNode Json)> TokenAsync(IReadOnlyDictionary<string, string?> form, string path = "/auth/token", string? basic = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Root + path) { Content = new FormUrlEncodedContent(form.Select(p => KeyValuePair.Create(p.Key, p.Value!))) };
        if (basic is not null)
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(basic)));
        using var response = await Http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        if (path == "/auth/token")
            Assert.Contains("no-store", response.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        return ((int)response.StatusCode, body.Length == 0 ? new JsonObject() : JsonNode.Parse(body)!);
    }

    public async Task<(int Status, string Body, Uri? Location, IReadOnlyDictionary<string, string> Headers)> SendAsync(
        HttpMethod method, string path, IEnumerable<KeyValuePair<string, string>>? form = null, string? json = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, server.Root + path);
        if (cookies.Count > 0)
            request.Headers.Add("Cookie", string.Join("; ", cookies.Select(c => $"{c.Key}={c.Value}")));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (form is not null)
            request.Content = new FormUrlEncodedContent(form);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await Http.SendAsync(request);
        foreach (var set in response.Headers.TryGetValues("Set-Cookie", out var values) ? values : [])
            cookies[set.Split('=')[0]] = set[(set.IndexOf('=', StringComparison.Ordinal) + 1)..].Split(';')[0];
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.Location,
            response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase));
    }

    private static Dictionary<string, string?> With(Dictionary<string, string?> form, (string Name, string? Value)[] other)
    {
        foreach (var (name, value) in other)
            if (value is null)
                form.Remove(name);
            else
                form[name] = value;
        return form;
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\">")]
    private static partial Regex Hidden();

    [GeneratedRegex("name=\"grant\" value=\"([^\"]*)\"")]
    private static partial Regex Ticks();
}
