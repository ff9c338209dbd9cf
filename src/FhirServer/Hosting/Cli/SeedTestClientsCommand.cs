using System.CommandLine;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Security.Access.Roles;
using FhirEmr.FhirServer.Security.Access.Scopes;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Smart.Clients;
using FhirEmr.FhirServer.Security.Smart.Tokens;
using FhirEmr.FhirServer.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary>
/// <c>fhir-emr seed test-clients --json</c>: for black-box checks of a running demo, a user for each role, two patients with their own users, an app of each
/// kind and a back-end client with its key pair; printed as JSON with what each needs to get in (security, section Proof).
/// </summary>
internal static class SeedTestClientsCommand
{
    private const string By = "seed test-clients";
    private const string Callback = "http://127.0.0.1/callback";
    private const string UserScopes = "openid fhirUser profile launch launch/patient launch/encounter online_access offline_access user/*.cruds patient/*.cruds " + SmartScopes.Rights;

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Build()
    {
        var json = new Option<bool>("--json") { Description = "Print what was made as JSON; there is no other form.", Required = true };
        var command = new Command("test-clients", "Users, apps and tokens for checks; only for a demo (serve --demo) that runs.") { json };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parse, ct) => RunAsync([.. parse.UnmatchedTokens], ct));
        return command;
    }

    private static async Task<int> RunAsync(string[] settings, CancellationToken ct)
    {
        var storage = LocalStore.Configuration(settings).GetSection("Storage").Get<StorageOptions>() ?? new();
        var file = DemoToken.PathOf(storage.DataFolder);
        if (!File.Exists(file))
            throw new CliException($"{storage.DataFolder} belongs to no demo. Start one with 'fhir-emr serve --demo --no-seed --Storage:DataFolder=…' and name the same folder here.");
        var token = (await File.ReadAllTextAsync(file, ct)).Trim();
        var fhirBase = new JsonWebToken(token).Audiences.First();
        await using var accounts = await LocalAccounts.OpenAsync([.. settings, $"--Server:BaseUrl={fhirBase}"], ct);
        await RecordsAsync(fhirBase, token, ct);
        var answer = new JsonObject
        {
            ["fhirBase"] = fhirBase,
            ["users"] = await UsersAsync(accounts.Services, ct),
            ["clients"] = await ClientsAsync(accounts.Services, ct),
        };
        Console.WriteLine(answer.ToJsonString(Readable));
        return 0;
    }

    /// <summary>Two patients with a heart rate each, and the practitioner that staff are.</summary>
    private static async Task RecordsAsync(string fhirBase, string token, CancellationToken ct)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(1) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        List<(string Key, string Json)> resources = [("Practitioner/test-staff", """{"resourceType":"Practitioner","id":"test-staff","name":[{"family":"Staff","given":["Test"]}]}""")];
        foreach (var (id, family) in (ReadOnlySpan<(string, string)>)[("test-a", "Alpha"), ("test-b", "Beta")])
        {
            resources.Add(($"Patient/{id}", $$"""{"resourceType":"Patient","id":"{{id}}","name":[{"family":"{{family}}","given":["Test"]}],"birthDate":"1980-01-01"}"""));
            resources.Add(($"Observation/{id}-hr", $$"""{"resourceType":"Observation","id":"{{id}}-hr","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},"subject":{"reference":"Patient/{{id}}"},"valueQuantity":{"value":72,"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"} }"""));
        }

        foreach (var (key, json) in resources)
        {
            using var content = new StringContent(json, Encoding.UTF8, "application/fhir+json");
            using var reply = await http.PutAsync($"{fhirBase}/{key}", content, ct);
            if (!reply.IsSuccessStatusCode)
                throw new CliException($"{key} could not be stored: the server answered {(int)reply.StatusCode}. {await reply.Content.ReadAsStringAsync(ct)}");
        }
    }

    private static async Task<JsonObject> UsersAsync(IServiceProvider services, CancellationToken ct)
    {
        var users = new JsonObject();
        await EnsureAppAsync(services, ct);
        foreach (var role in BuiltInRoles.List.Where(r => r.Name != BuiltInRoles.SystemClient.Name && r.Name != BuiltInRoles.Patient.Name))
            users[role.Name] = await UserAsync(services, "test-" + role.Name, role, AccountKind.Staff, "Practitioner/test-staff", null, ct);
        foreach (var id in (string[])["test-a", "test-b"])
            users["patient-" + id[^1]] = await UserAsync(services, "test-patient-" + id[^1], BuiltInRoles.Patient, AccountKind.Patient, $"Patient/{id}", id, ct);
        return users;
    }

    private static async Task<JsonObject> UserAsync(IServiceProvider services, string name, RoleDefinition role, AccountKind kind, string fhirUser, string? patient, CancellationToken ct)
    {
        var (clock, password) = (services.GetRequiredService<TimeProvider>(), Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(18)));
        await using var accounts = await services.GetRequiredService<IDbContextFactory<AccountsContext>>().CreateDbContextAsync(ct);
        var account = await accounts.Users.FirstOrDefaultAsync(a => a.UserName == name, ct);
        var isNew = account is null;
        if (account is null)
        {
            account = new Account { UserName = name, NormalizedUserName = name.ToUpperInvariant(), DisplayName = role.Title + " (test)", Kind = kind, FhirUser = fhirUser, Created = clock.GetUtcNow() };
            accounts.Add(account);
            accounts.Add(new RoleAssignment { SubjectKind = SubjectKind.User, Subject = account.Id, RoleName = role.Name, From = clock.GetUtcNow(), AssignedBy = By });
        }

        account.PasswordHash = new PasswordHasher<Account>(Options.Create(new PasswordHasherOptions { IterationCount = 210_000 })).HashPassword(account, password);
        account.SecurityStamp = Guid.NewGuid().ToString("N");
        await accounts.SaveChangesAsync(ct);
        await services.GetRequiredService<ISecurityEvents>().RaiseAsync(new(isNew ? SecurityEventKind.AccountCreated : SecurityEventKind.PasswordChanged, account.Id, account.UserName, By) { Detail = role.Name }, ct);
        var scopes = patient is null ? $"user/*.cruds {SmartScopes.Rights}" : "launch/patient patient/*.cruds";
        return new JsonObject
        {
            ["userName"] = name,
            ["password"] = password,
            ["role"] = role.Name,
            ["fhirUser"] = fhirUser,
            ["patient"] = patient,
            ["scope"] = scopes,
            ["accessToken"] = await services.GetRequiredService<TokenMint>().MakeAsync("test-app", account.Id, scopes.Split(' '), TimeSpan.FromHours(1), patient),
        };
    }

    private static Task<string?> EnsureAppAsync(IServiceProvider services, CancellationToken ct) =>
        AddAsync(services, new("test-app", ClientKind.Native) { Name = "Test app", RedirectUris = [Callback], Scopes = UserScopes.Split(' ') }, ct);

    private static async Task<JsonArray> ClientsAsync(IServiceProvider services, CancellationToken ct)
    {
        var secret = await AddAsync(services, new("test-confidential", ClientKind.Confidential) { Name = "Test app with a server", RedirectUris = [Callback], Scopes = UserScopes.Split(' '), WantsSecret = true }, ct);
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var key = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey(pair) { KeyId = "test" });
        var pub = new JsonObject { ["kty"] = "EC", ["crv"] = key.Crv, ["kid"] = "test", ["alg"] = "ES384", ["use"] = "sig", ["x"] = key.X, ["y"] = key.Y };
        await AddAsync(services, new("test-backend", ClientKind.System) { Name = "Test back end", Scopes = ["system/*.cruds"], Roles = [BuiltInRoles.SystemClient.Name], Jwks = new JsonObject { ["keys"] = new JsonArray(pub.DeepClone()) }.ToJsonString() }, ct);
        var pem = pair.ExportPkcs8PrivateKeyPem();
        pub["d"] = key.D;
        return
        [
            new JsonObject { ["clientId"] = "test-app", ["kind"] = "native", ["redirectUri"] = Callback, ["scope"] = UserScopes },
            new JsonObject { ["clientId"] = "test-confidential", ["kind"] = "confidential", ["redirectUri"] = Callback, ["scope"] = UserScopes, ["clientSecret"] = secret },
            new JsonObject { ["clientId"] = "test-backend", ["kind"] = "system", ["scope"] = "system/*.cruds", ["privateJwk"] = pub, ["privateKeyPem"] = pem },
        ];
    }

    /// <summary>Registers it, or, when an earlier run did, gives it new keys or a new secret.</summary>
    private static async Task<string?> AddAsync(IServiceProvider services, ClientRegistration client, CancellationToken ct)
    {
        var registry = services.GetRequiredService<ClientRegistry>();
        if (await registry.FindAsync(client.Id, ct) is null)
            return await registry.AddAsync(client, By, ct);
        return client.WantsSecret || client.Jwks is not null ? await registry.RotateAsync(client.Id, client.Jwks, null, By, ct) : null;
    }
}
