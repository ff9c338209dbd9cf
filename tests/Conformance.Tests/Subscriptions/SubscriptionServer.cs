using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Access;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Subscriptions;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Subscriptions;

/// <summary>A server that tells a receiver on this machine, soon gives up, and whose owners' rights a test can change.</summary>
public abstract class SubscriptionServer(PostgresCluster? cluster) : AccessServer(cluster)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    internal ChangingOwners Owners { get; } = new();

    public Receiver Receiver { get; private set; } = null!;

    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["Records:RequireReferenceTargets"] = "false",
        ["Outbound:AllowLoopback"] = "true",
        ["Subscriptions:FirstRetry"] = "00:00:00.020",
        ["Subscriptions:RetryFor"] = "00:00:03",
        ["Subscriptions:MailTo:0"] = "@practice.example",
    };

    internal KeptMail Mail { get; } = new();

    protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<ISubscriptionOwners>(Owners).AddSingleton<ISubscriptionMail>(Mail);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (Receiver is not null)
            await Receiver.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override async Task SeedAsync() => Receiver = await Receiver.StartAsync();

    /// <summary>A Subscription in R4's own way.</summary>
    public string Search(string name, string criteria, string? payload = null, string more = "") =>
        $$"""{"resourceType":"Subscription","status":"requested","reason":"test","criteria":"{{criteria}}","channel":{"type":"rest-hook","endpoint":"{{Receiver.Url}}/{{name}}"{{(payload is null ? "" : $",\"payload\":\"{payload}\"")}}{{more}}} }""";

    /// <summary>A Subscription to a topic.</summary>
    public string Topic(string name, string topic, string content = "id-only", string? filter = null, string more = "", string channel = "rest-hook") => new JsonObject
    {
        ["resourceType"] = "Subscription",
        ["meta"] = new JsonObject { ["profile"] = new JsonArray(Profile("backport-subscription")) },
        ["status"] = "requested",
        ["reason"] = "test",
        ["criteria"] = "urn:fhiremr:SubscriptionTopic:" + topic,
        ["_criteria"] = filter is null ? null : new JsonObject { ["extension"] = new JsonArray(new JsonObject { ["url"] = Profile("backport-filter-criteria"), ["valueString"] = filter }) },
        ["channel"] = new JsonObject
        {
            ["extension"] = more.Length == 0 ? null : JsonNode.Parse(more),
            ["type"] = channel,
            ["endpoint"] = channel == "rest-hook" ? $"{Receiver.Url}/{name}" : channel == "email" ? "mailto:" + name : null,
            ["payload"] = "application/fhir+json",
            ["_payload"] = new JsonObject { ["extension"] = new JsonArray(new JsonObject { ["url"] = Profile("backport-payload-content"), ["valueCode"] = content }) },
        },
    }.ToJsonString().Replace("\"_criteria\":null,", "", StringComparison.Ordinal).Replace("\"extension\":null,", "", StringComparison.Ordinal).Replace("\"endpoint\":null,", "", StringComparison.Ordinal);

    public static string Profile(string name) => "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/" + name;

    public static string Extension(string name, string value) => $$"""[{"url":"{{Profile(name)}}",{{value}} }]""";

    /// <summary>Writes it and waits until the server has begun with it.</summary>
    public async Task<string> BeginAsync(string subscription)
    {
        var reply = await PostAsync("Subscription", subscription);
        Assert.True(reply.Status == 201, reply.Body);
        await StandsAsync(reply.Id, "active");
        return reply.Id;
    }

    /// <summary>Waits until the resource says that it stands so.</summary>
    public async Task<JsonNode> StandsAsync(string id, string status)
    {
        var until = TimeProvider.System.GetUtcNow() + Patience;
        while (true)
        {
            var json = (await GetAsync($"Subscription/{id}")).Json;
            if ((string?)json["status"] == status)
                return json;
            if (TimeProvider.System.GetUtcNow() >= until)
                Assert.Fail(json.ToJsonString());
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Creates a patient of a family.</summary>
    public async Task<string> PatientAsync(string family, string more = "")
    {
        var reply = await PostAsync("Patient", $$"""{"resourceType":"Patient","name":[{"family":"{{family}}"}]{{more}} }""");
        Assert.True(reply.Status == 201, reply.Body);
        return reply.Id;
    }

    public async Task<Told> EventsAsync(string id, string query = "")
    {
        var reply = await GetAsync($"Subscription/{id}/$events{query}");
        Assert.True(reply.Status == 200, reply.Body);
        return new(reply.Json);
    }

    /// <summary>Waits until so many events are kept.</summary>
    public async Task<Told> EventsAsync(string id, int count)
    {
        var until = TimeProvider.System.GetUtcNow() + Patience;
        while (true)
        {
            var told = await EventsAsync(id);
            if (told.Events.Count >= count)
                return told;
            if (TimeProvider.System.GetUtcNow() >= until)
                Assert.Fail($"{told.Events.Count} events of {count}: {told.Bundle.ToJsonString()}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}

/// <summary>Owners whose rights a test says, by the key of the user; nobody else has any.</summary>
internal sealed class ChangingOwners : ISubscriptionOwners
{
    public ConcurrentDictionary<string, AccessPlan> Plans { get; } = new();

    public ValueTask<AccessPlan?> PlanAsync(Principal principal, CancellationToken ct) => new(Plans.GetValueOrDefault(principal.UserId ?? ""));
}

/// <summary>A mail server that keeps what it is given.</summary>
internal sealed class KeptMail : ISubscriptionMail
{
    public ConcurrentQueue<(string Id, string To, string Subject, string Text)> Sent { get; } = new();

    public bool IsOn => true;

    public Task<string?> SendAsync(string id, string to, string subject, string text, CancellationToken ct)
    {
        Sent.Enqueue((id, to, subject, text));
        return Task.FromResult<string?>(null);
    }
}

public sealed class SubscriptionSqlite() : SubscriptionServer(null)
{
    public const string Name = "subscriptions on SQLite";

    /// <summary>One server for both classes of tests.</summary>
    [CollectionDefinition(Name)]
    public sealed class Classes : ICollectionFixture<SubscriptionSqlite>;
}

public sealed class SubscriptionPostgres(PostgresCluster cluster) : SubscriptionServer(cluster)
{
    public const string Name = "subscriptions on PostgreSQL";

    /// <summary>One server for both classes of tests.</summary>
    [CollectionDefinition(Name)]
    public sealed class Classes : ICollectionFixture<SubscriptionPostgres>;
}
