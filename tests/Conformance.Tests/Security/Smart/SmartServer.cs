using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Hosting.Cli;
using FhirEmr.FhirServer.Security.Access.Roles;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.Sessions;
using FhirEmr.FhirServer.Security.Smart.Clients;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace FhirEmr.Conformance.Tests.Security.Smart;

/// <summary>A server that asks who is there, with users, apps of each kind, a back end, and two patients.</summary>
public abstract class SmartServer(PostgresCluster? cluster) : ServerFixture(cluster)
{
    public const string Redirect = "https://app.example.org/callback";
    public const string AppScopes = "openid fhirUser profile launch launch/patient launch/encounter online_access offline_access user/*.cruds patient/*.rs patient/*.read patient/Observation.cruds";

    internal ShiftedClock Clock { get; } = new();

    internal ECDsa BackendKey { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP384);

    internal RSA BackendRsa { get; } = RSA.Create(2048);

    public string Root => BaseUrl[..^"/fhir".Length];

    public string Secret { get; private set; } = "";

    /// <summary>May everything.</summary>
    public string AdministratorToken { get; private set; } = "";

    public string DoctorId { get; private set; } = "";

    public string PatientId { get; private set; } = "";

    internal IDbContextFactory<AccountsContext> Accounts => Services.GetRequiredService<IDbContextFactory<AccountsContext>>();

    internal ClientRegistry Clients => Services.GetRequiredService<ClientRegistry>();

    protected override bool SignsIn => true;

    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?> { ["Outbound:AllowLoopback"] = "true" };

    protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<TimeProvider>(Clock);

    protected override async Task SeedAsync()
    {
        AdministratorToken = await DemoToken.WriteAsync(Services, default);
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdministratorToken);
        foreach (var id in (string[])["a", "b"])
        {
            Assert.Equal(201, (await PutAsync($"Patient/{id}", $$"""{"resourceType":"Patient","id":"{{id}}","name":[{"family":"Fam{{id}}","given":["Pat"]}],"birthDate":"1980-01-01"}""")).Status);
            Assert.Equal(201, (await PutAsync($"Encounter/{id}-visit", $$"""{"resourceType":"Encounter","id":"{{id}}-visit","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/{{id}}"},"period":{"start":"2026-01-02"} }""")).Status);
        }

        DoctorId = await UserAsync("doctor", AccountKind.Staff, BuiltInRoles.Superuser.Name, "Practitioner/doctor");
        PatientId = await UserAsync("patient", AccountKind.Patient, BuiltInRoles.Patient.Name, "Patient/a");
        await Clients.AddAsync(new("page", ClientKind.Public) { Name = "Growth Chart", RedirectUris = [Redirect], Scopes = AppScopes.Split(' '), Origins = ["https://app.example.org"] }, "test", default);
        await Clients.AddAsync(new("native", ClientKind.Native) { RedirectUris = ["http://127.0.0.1/callback"], Scopes = AppScopes.Split(' ') }, "test", default);
        Secret = (await Clients.AddAsync(new("confidential", ClientKind.Confidential) { RedirectUris = [Redirect], Scopes = AppScopes.Split(' '), WantsSecret = true }, "test", default))!;
        await BackendAsync("backend", "system/*.rs", KeySet());
    }

    internal Task BackendAsync(string id, string scopes, string jwks) =>
        Clients.AddAsync(new(id, ClientKind.System) { Scopes = scopes.Split(' '), Jwks = jwks, Roles = [BuiltInRoles.SystemClient.Name] }, "test", default);

    /// <summary>The back end's public keys, <c>ec</c> and <c>rsa</c>.</summary>
    internal string KeySet()
    {
        var ec = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey(BackendKey));
        var rsa = BackendRsa.ExportParameters(false);
        return new JsonObject
        {
            ["keys"] = new JsonArray(
                new JsonObject { ["kty"] = "EC", ["crv"] = "P-384", ["kid"] = "ec", ["x"] = ec.X, ["y"] = ec.Y },
                new JsonObject { ["kty"] = "RSA", ["kid"] = "rsa", ["n"] = Base64UrlEncoder.Encode(rsa.Modulus), ["e"] = Base64UrlEncoder.Encode(rsa.Exponent) }),
        }.ToJsonString();
    }

    /// <summary>The cookie of a browser in which the user has signed in.</summary>
    internal async Task<string> SessionAsync(string userId)
    {
        await using var accounts = await Accounts.CreateDbContextAsync();
        var account = await accounts.Users.FirstAsync(a => a.Id == userId);
        var (secret, _) = await Services.GetRequiredService<AccountSessions>().BeginAsync(accounts, account, SessionStage.SignedIn, false, Clock.GetUtcNow(), "127.0.0.1", "test", default);
        return "fhir-emr=" + secret;
    }

    internal async Task<string> UserAsync(string name, AccountKind kind, string role, string? fhirUser)
    {
        await using var accounts = await Accounts.CreateDbContextAsync();
        var account = new Account
        {
            UserName = name,
            NormalizedUserName = name.ToUpperInvariant(),
            DisplayName = name,
            Kind = kind,
            FhirUser = fhirUser,
            Created = Clock.GetUtcNow(),
            SecurityStamp = Guid.NewGuid().ToString("N"),
        };
        accounts.Add(account);
        accounts.Add(new RoleAssignment { SubjectKind = SubjectKind.User, Subject = account.Id, RoleName = role, From = Clock.GetUtcNow(), AssignedBy = "test" });
        await accounts.SaveChangesAsync();
        return account.Id;
    }
}

public sealed class SqliteSmartServer() : SmartServer(null);

public sealed class PostgresSmartServer(PostgresCluster cluster) : SmartServer(cluster);

/// <summary>Base of the tests of the authorisation server.</summary>
public abstract class OnSmartServer
{
    protected OnSmartServer(SmartServer server)
    {
        Assert.SkipWhen(server.WhyNot is not null, server.WhyNot ?? "");
        Server = server;
        App = new SmartApp(server);
    }

    protected SmartServer Server { get; }

    private protected SmartApp App { get; }

    /// <summary>Status of a read with the token, after whatever a node remembers for seconds is forgotten.</summary>
    protected async Task<int> ReadAsync(string token, string path = "Patient/a")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new("Bearer", token);
        using var reply = await Server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        if (reply.StatusCode == System.Net.HttpStatusCode.Unauthorized)
            Assert.Contains("invalid_token", reply.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        return (int)reply.StatusCode;
    }
}
