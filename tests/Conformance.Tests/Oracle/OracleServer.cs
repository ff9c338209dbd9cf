using System.Globalization;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Tests.Storage;
using Hl7.Fhir.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>A server and an oracle that hold the same resources.</summary>
public abstract class OracleServer(PostgresCluster? cluster) : ServerFixture(cluster)
{
    private HashSet<(string Type, string Code)> offered = [];

    internal OracleSearch Oracle { get; private set; } = new([]);

    /// <summary>What the CapabilityStatement lists.</summary>
    internal bool IsOffered(string type, string code) => offered.Contains((type, code));

    /// <summary>Without an audit of its own: its rows are AuditEvents, too, and the oracle does not know them.</summary>
    protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?> { ["Audit:Enabled"] = "false" };

    /// <summary>Where the resources come from; null, with <see cref="ServerFixture.WhyNot"/> set, when they are not here.</summary>
    protected abstract IReadOnlyList<JsonObject>? Resources();

    /// <summary>Records beside them that the tests need, such as what their codes mean.</summary>
    protected virtual IReadOnlyList<JsonObject> Definitions(IReadOnlyList<JsonObject> resources) => DefinitionRecords.For(resources);

    protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton(new RecordRules { RequireReferenceTargets = false });

    protected override async Task SeedAsync()
    {
        if (Resources() is not { } resources)
            return;
        resources = [.. resources, .. Definitions(resources)];

        foreach (var type in (await GetAsync("metadata")).Json["rest"]![0]!["resource"]!.AsArray())
            foreach (var param in type!["searchParam"]?.AsArray() ?? [])
                offered.Add((type["type"]!.GetValue<string>(), param!["name"]!.GetValue<string>()));

        var records = resources.Select(r => new OracleRecord(r.ToJsonString())).ToArray();
        foreach (var some in records.Chunk(400))
        {
            var entries = some.Select(r => (JsonNode)new JsonObject
            {
                ["resource"] = JsonNode.Parse(r.Json),
                ["request"] = new JsonObject { ["method"] = "PUT", ["url"] = r.Key },
            }).ToArray();
            var reply = await PostAsync("", new JsonObject { ["resourceType"] = "Bundle", ["type"] = "transaction", ["entry"] = new JsonArray(entries) }.ToJsonString());
            Assert.True(reply.Status == 200, reply.Body);
            foreach (var (record, entry) in some.Zip(reply.Entries))
                record.LastUpdated = DateTimeOffset.Parse(entry["response"]!["lastModified"]!.GetValue<string>(), CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
        }

        Oracle = new(records);
    }
}

/// <summary>Made-up resources of every type.</summary>
public abstract class RandomServer(PostgresCluster? cluster) : OracleServer(cluster)
{
    /// <summary>The same world each run, so that a red test means a change; FHIREMR_SEED asks for another.</summary>
    public static int Seed { get; } = int.TryParse(Environment.GetEnvironmentVariable("FHIREMR_SEED"), CultureInfo.InvariantCulture, out var given) ? given : 3;

    protected override IReadOnlyList<JsonObject> Resources() => [.. new RandomRecords(Seed).Make(RandomRecords.RecordsOfType)];
}

public sealed class RandomSqlite() : RandomServer(null);

public sealed class RandomPostgres(PostgresCluster cluster) : RandomServer(cluster);
