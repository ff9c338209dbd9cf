using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Security.Smart;
using FhirEmr.FhirServer.Security.Access.Roles;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Accounts.Schema;

namespace FhirEmr.Conformance.Tests.CdsHooks;

/// <summary>A server that asks who is there, with two registered CDS clients, a clinician, and a patient for each hook.</summary>
public sealed class CdsServer() : SmartServer(null), IAsyncDisposable
{
    private readonly DirectoryInfo tables = Directory.CreateTempSubdirectory("fhir-emr-tables-");

    public string ClinicianToken { get; private set; } = "";

    public string FrontDeskToken { get; private set; } = "";

    public string CdsBase => Root + "/cds-services";

    public DateOnly Today => DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime);

    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(base.Settings) { ["Billing:TablesFolder"] = tables.FullName };

    protected override async Task SeedAsync()
    {
        await base.SeedAsync();
        await BackendAsync("ehr", "system/GuidanceResponse.cruds", KeySet());
        await BackendAsync("ehr-reader", "system/Patient.rs", KeySet());
        foreach (var (name, role) in ((string, string)[])[("cds-clinician", BuiltInRoles.Clinician.Name), ("cds-desk", BuiltInRoles.FrontDesk.Name)])
        {
            var app = new SmartApp(this);
            await app.SignInAsync(await UserAsync(name, AccountKind.Staff, role, null));
            var token = (await app.GrantAsync("page", "openid user/*.cruds"))["access_token"]!.GetValue<string>();
            (ClinicianToken, FrontDeskToken) = role == BuiltInRoles.Clinician.Name ? (token, FrontDeskToken) : (ClinicianToken, token);
        }
    }

    protected override void Configure(Microsoft.AspNetCore.Builder.WebApplicationBuilder builder)
    {
        base.Configure(builder);
        File.WriteAllText(Path.Combine(tables.FullName, "payer-rows.json"), """[{ "payerId": "FM001", "family": "commercial", "priorAuthCodes": ["70551", "72148"] }]""");
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await DisposeAsync();
        tables.Delete(recursive: true);
    }

    public async Task StoreAsync(string type, string id, string elements)
    {
        var reply = await PutAsync($"{type}/{id}", $$$"""{"resourceType":"{{{type}}}","id":"{{{id}}}",{{{elements}}}}""");
        Assert.True(reply.Status is 200 or 201, $"{type}/{id}: {reply.Body}");
    }

    public string Day(int days) => Today.AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Calls a service; the body may be no JSON at all.</summary>
    public async Task<(int Status, JsonNode? Json, HttpResponseHeaders Headers)> AskAsync(string path, string body, string? token, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{CdsBase}/{path}") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = token is null ? null : new("Bearer", token);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var bare = new HttpClient();
        using var response = await bare.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text), response.Headers);
    }

    public async Task<IReadOnlyList<JsonNode>> CardsAsync(string service, JsonObject request, string token)
    {
        var (status, json, _) = await AskAsync(service, request.ToJsonString(), token);
        Assert.True(status == 200, json?.ToJsonString());
        return [.. json!["cards"]!.AsArray().Select(c => c!)];
    }

    public static JsonObject Question(string hook, JsonObject context) => new() { ["hook"] = hook, ["hookInstance"] = Guid.NewGuid().ToString(), ["context"] = context };

    public static JsonObject Context(string patient, string? encounter = null)
    {
        var context = new JsonObject { ["userId"] = "Practitioner/doctor", ["patientId"] = patient };
        if (encounter is not null)
            context["encounterId"] = encounter;
        return context;
    }

    /// <summary>The JWT of a CDS client, as a claim makes it other than it should be.</summary>
    public string ClientJwt(string service, Action<JsonObject>? change = null, string client = "ehr", string kid = "ec")
    {
        var claims = new JsonObject
        {
            ["iss"] = client,
            ["aud"] = $"{CdsBase}/{service}",
            ["exp"] = Clock.GetUtcNow().AddMinutes(4).ToUnixTimeSeconds(),
            ["iat"] = Clock.GetUtcNow().ToUnixTimeSeconds(),
            ["jti"] = Guid.NewGuid().ToString(),
        };
        change?.Invoke(claims);
        return Jws.Make(new() { ["alg"] = "ES384", ["kid"] = kid, ["typ"] = "JWT" }, claims, Jws.Ec(BackendKey, System.Security.Cryptography.HashAlgorithmName.SHA384));
    }
}
