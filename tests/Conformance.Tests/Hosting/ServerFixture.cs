using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Hosting;
using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresCluster))]

namespace FhirEmr.Conformance.Tests.Hosting;

/// <summary>The real server on a loopback port, over a fresh store of one engine, for the tests of one class.</summary>
public abstract class ServerFixture(PostgresCluster? cluster) : IAsyncLifetime
{
    /// <summary>What is not on this machine, the engine or the records. The tests then skip with this reason.</summary>
    public string? WhyNot { get; protected set; }

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("fhir-emr-test-");
    private WebApplication? app;

    public HttpClient Http { get; private set; } = null!;

    public string BaseUrl { get; private set; } = "";

    public IServiceProvider Services => app!.Services;

    public async ValueTask InitializeAsync()
    {
        var settings = new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Storage:Provider"] = cluster is null ? "sqlite" : "postgres",
            ["Storage:DataFolder"] = folder.FullName,

            // The tests of a class are one user with one client, as fast as the machine goes.
            ["Limits:UserPerMinute"] = "0",
            ["Limits:ClientPerMinute"] = "0",
            ["Limits:TokensPerMinute"] = "0",
            ["Limits:UserConcurrency"] = "0",
        };
        if (cluster is not null)
        {
            var (server, whyNot) = await cluster.StartAsync();
            WhyNot = whyNot;
            if (server is null)
                return;
            settings["Storage:ConnectionString"] = await NewDatabaseAsync(server);
        }

        foreach (var (name, value) in Settings)
            settings[name] = value;
        var builder = WebHost.CreateBuilder([], settings);
        if (!SignsIn)
            builder.Services.AddSingleton<ICallers, EverybodyIsTheSystem>();
        Configure(builder);
        app = await WebHost.BuildAsync(builder, CancellationToken.None);
        await app.StartAsync();
        BaseUrl = app.Urls.First() + FhirEndpoint.BasePath;
        Http = new HttpClient { BaseAddress = new Uri(BaseUrl + "/"), Timeout = TimeSpan.FromMinutes(5) };
        await SeedAsync();
    }

    /// <summary>Settings beside those of the store.</summary>
    protected virtual IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>();

    /// <summary>Whether requests have to show who sends them; most tests are about something else.</summary>
    protected virtual bool SignsIn => false;

    /// <summary>What this class of tests wants beside the plain server.</summary>
    protected virtual void Configure(WebApplicationBuilder builder)
    {
    }

    /// <summary>What has to be in the store before the first test.</summary>
    protected virtual Task SeedAsync() => Task.CompletedTask;

    /// <summary>An empty database of its own on the throw-away server.</summary>
    public static async Task<string> NewDatabaseAsync(string server)
    {
        var name = $"test_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(server + ";Database=postgres");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return $"{server};Database={name}";
    }

    public virtual async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        if (app is not null)
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }

        folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    public async Task<Reply> SendAsync(HttpMethod method, string path, string? body = null, string contentType = "application/fhir+json", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
            request.Content.Headers.ContentType = new(contentType);
        }

        using var response = await Http.SendAsync(request);
        return new Reply(response.StatusCode, await response.Content.ReadAsStringAsync(),
            response.Headers.ETag?.ToString(), response.Headers.Location?.ToString() ?? response.Content.Headers.ContentLocation?.ToString(), response.Content.Headers.ContentType?.MediaType)
        {
            Headers = response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase),
        };
    }

    public Task<Reply> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, "", headers);

    public Task<Reply> PostAsync(string path, string body, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Post, path, body, headers: headers);

    public Task<Reply> PutAsync(string path, string body, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Put, path, body, headers: headers);

    public Task<Reply> PatchAsync(string path, string patch, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Patch, path, patch, patch.StartsWith('[') ? "application/json-patch+json" : "application/fhir+json", headers);

    public Task<Reply> DeleteAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Delete, path, null, "", headers);
}

/// <summary>What came back.</summary>
public sealed record Reply(HttpStatusCode StatusCode, string Body, string? ETag, string? Location, string? MediaType)
{
    public int Status => (int)StatusCode;

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public JsonNode Json => JsonNode.Parse(Body)!;

    public string Id => Json["id"]!.GetValue<string>();

    public string Diagnostics => string.Join(" | ", Json["issue"]!.AsArray().Select(i => i!["diagnostics"]!.GetValue<string>()));

    public string? Expression => Json["issue"]?[0]?["expression"]?[0]?.GetValue<string>();

    public IReadOnlyList<JsonNode> Entries => Json["entry"] is JsonArray entries ? [.. entries.Select(e => e!)] : [];

    public IReadOnlyList<string> Ids => [.. Entries.Where(e => e["search"]?["mode"]?.GetValue<string>() is null or "match").Select(e => e["resource"]!["id"]!.GetValue<string>())];

    public string? Next => Link("next");

    public string? Link(string relation) => Json["link"]?.AsArray().FirstOrDefault(l => l!["relation"]!.GetValue<string>() == relation)?["url"]?.GetValue<string>();
}

public sealed class SqliteServer() : ServerFixture(null);

public sealed class PostgresServer(PostgresCluster cluster) : ServerFixture(cluster);

/// <summary>Base of the tests that run over HTTP on every engine.</summary>
public abstract class OnServer
{
    protected OnServer(ServerFixture fixture)
    {
        Assert.SkipWhen(fixture.WhyNot is not null, fixture.WhyNot ?? "");
        Server = fixture;
    }

    protected ServerFixture Server { get; }
}
