using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace FhirEmr.Samples.BackendServices;

/// <summary>A service that reads patients at night, with nobody there: it proves itself with a key that only it has (SMART Backend Services).</summary>
internal sealed class BackendClient(HttpClient http, Uri fhirBase, string clientId, string privateKeyPem, string keyId, TimeProvider clock) : IDisposable
{
    private readonly ECDsa key = ReadKey(privateKeyPem);
    private string? token;
    private DateTimeOffset tokenEnds;

    public async Task<IReadOnlyList<string>> PatientNamesAsync(CancellationToken ct)
    {
        var names = new List<string>();
        for (var page = $"{fhirBase.AbsoluteUri.TrimEnd('/')}/Patient?_count=50&_elements=name"; page is not null;)
        {
            var bundle = await GetAsync(page, await TokenAsync(ct), ct);
            foreach (var entry in bundle["entry"]?.AsArray() ?? [])
                names.Add(NameOf(entry!["resource"]!));
            page = bundle["link"]?.AsArray().FirstOrDefault(l => l!["relation"]!.GetValue<string>() == "next")?["url"]?.GetValue<string>();
        }

        return names;
    }

    public void Dispose() => key.Dispose();

    /// <summary>Tokens of back-end clients live for five minutes: a new one is asked for half a minute before that.</summary>
    private async Task<string> TokenAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (token is not null && now < tokenEnds)
            return token;

        var configuration = await GetAsync(fhirBase.AbsoluteUri.TrimEnd('/') + "/.well-known/smart-configuration", null, ct);
        var endpoint = configuration["token_endpoint"]!.GetValue<string>();
        using var form = new FormUrlEncodedContent(
        [
            new("grant_type", "client_credentials"),
            new("scope", "system/Patient.rs"),
            new("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            new("client_assertion", Assertion(endpoint, now)),
        ]);
        using var reply = await http.PostAsync(endpoint, form, ct);
        var answer = JsonNode.Parse(await reply.Content.ReadAsStringAsync(ct))!;
        if (!reply.IsSuccessStatusCode)
            throw new InvalidOperationException($"No token: {answer["error"]} ({answer["error_description"]})");
        tokenEnds = now + TimeSpan.FromSeconds(answer["expires_in"]!.GetValue<int>() - 30);
        return token = answer["access_token"]!.GetValue<string>();
    }

    /// <summary>A JWT that says who we are, to that endpoint, for a few minutes, once (RFC 7523).</summary>
    private string Assertion(string audience, DateTimeOffset now)
    {
        var header = new JsonObject { ["alg"] = "ES384", ["typ"] = "JWT", ["kid"] = keyId };
        var claims = new JsonObject
        {
            ["iss"] = clientId,
            ["sub"] = clientId,
            ["aud"] = audience,
            ["exp"] = now.AddMinutes(4).ToUnixTimeSeconds(),
            ["jti"] = Guid.NewGuid().ToString(),
        };
        var message = $"{Encode(header.ToJsonString())}.{Encode(claims.ToJsonString())}";
        return $"{message}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(message), HashAlgorithmName.SHA384))}";
    }

    private async Task<JsonNode> GetAsync(string address, string? bearer, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (bearer is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        using var reply = await http.SendAsync(request, ct);
        var body = await reply.Content.ReadAsStringAsync(ct);
        return reply.IsSuccessStatusCode ? JsonNode.Parse(body)! : throw new InvalidOperationException($"{new Uri(address).AbsolutePath} answered {(int)reply.StatusCode}: {body}");
    }

    private static string NameOf(JsonNode patient) => patient["name"]?[0] is { } name
        ? string.Join(' ', [.. name["given"]?.AsArray().Select(g => g!.GetValue<string>()) ?? [], name["family"]?.GetValue<string>() ?? ""]).Trim()
        : patient["id"]!.GetValue<string>();

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static ECDsa ReadKey(string pem)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(pem);
        return key;
    }
}
