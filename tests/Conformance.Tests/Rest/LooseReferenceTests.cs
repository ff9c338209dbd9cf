using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Rest;

public sealed class LooseSqliteServer() : LooseServer(null);

public sealed class LoosePostgresServer(PostgresCluster cluster) : LooseServer(cluster);

/// <summary>A server that lets references come before what they refer to.</summary>
public abstract class LooseServer(PostgresCluster? cluster) : ServerFixture(cluster)
{
    protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton(new RecordRules { RequireReferenceTargets = false });
}

public abstract class LooseReferenceTests(LooseServer fixture) : OnServer(fixture)
{
    [Fact]
    public async Task A_reference_may_come_before_its_target_and_is_found_before_and_after()
    {
        var seen = await Server.PostAsync("Observation", """{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/later"}}""");

        Assert.Equal(201, seen.Status);
        Assert.Equal(404, (await Server.GetAsync("Patient/later")).Status);
        Assert.Empty((await Server.GetAsync("Patient?_id=later")).Entries);
        Assert.Equal([seen.Id], (await Server.GetAsync("Observation?patient=later")).Ids);

        var patient = await Server.PutAsync("Patient/later", """{"resourceType":"Patient","id":"later","name":[{"family":"Late"}]}""");

        Assert.Equal((201, "W/\"1\""), (patient.Status, patient.ETag));
        Assert.Equal([seen.Id], (await Server.GetAsync("Observation?patient=later")).Ids);
        Assert.Equal([seen.Id], (await Server.GetAsync("Observation?patient.family=late")).Ids);
        Assert.Single((await Server.GetAsync("Patient/later/_history")).Entries);
    }

    /// <summary>Bodies are kept alike on all engines: where it is slow, one example in so many will do.</summary>
    protected virtual int OneIn => 1;

    [Fact]
    public async Task Every_official_R4_example_is_stored_and_read_back_equal()
    {
        var path = Examples();
        Assert.SkipWhen(path is null, "hl7.fhir.r4.examples-4.0.1.tgz is neither in fhir-packages nor named by FHIREMR_R4_EXAMPLES.");

        // Examples that are themselves not R4: mandatory elements missing, an id of more than 64 characters.
        var notFhir = new Dictionary<string, string>(StringComparer.Ordinal);
        var (stored, next) = (0, 0);
        await using var file = File.OpenRead(path!);
        await using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        await using var tar = new TarReader(unzipped);
        while (await tar.GetNextEntryAsync(cancellationToken: TestContext.Current.CancellationToken) is { } entry)
        {
            if (entry.DataStream is null || !entry.Name.EndsWith(".json", StringComparison.Ordinal) || entry.Name.Contains(".index", StringComparison.Ordinal))
                continue;
            using var reader = new StreamReader(entry.DataStream, Encoding.UTF8);
            var text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
            if (JsonNode.Parse(text) is not JsonObject sent || sent["resourceType"] is not { } type || sent["id"] is not { } id || next++ % OneIn != 0)
                continue;

            var reply = await Server.PutAsync($"{type}/{id}", text);
            if (reply.Status is not (200 or 201))
            {
                Assert.Equal(400, reply.Status);
                notFhir[entry.Name[(entry.Name.LastIndexOf('/') + 1)..]] = reply.Diagnostics;
                continue;
            }

            var back = (JsonObject)(await Server.GetAsync($"{type}/{id}", ("Accept", "application/fhir+json"))).Json;
            sent.Remove("meta");
            back.Remove("meta");
            if (type.GetValue<string>() == "Binary" && sent["data"] is { } data)
                sent["data"] = data.GetValue<string>().Replace(" ", "", StringComparison.Ordinal); // blanks in base64 mean nothing, and large content is kept as bytes
            Assert.True(JsonNode.DeepEquals(sent, back), $"{type}/{id} came back different.");
            stored++;
        }

        Assert.True(stored > 5000 / OneIn, $"{stored} stored");
        Assert.True(OneIn > 1 || notFhir.Count == 14, string.Join("\n", notFhir.Select(f => $"{f.Key}: {f.Value}")));
        Assert.All(notFhir.Keys, name => Assert.True(
            name.StartsWith("SearchParameter-", StringComparison.Ordinal) || name is "ImplementationGuide-fhir.json" or "ig-r4.json" or "Questionnaire-qs1.json", name));
    }

    private static string? Examples()
    {
        if (Environment.GetEnvironmentVariable("FHIREMR_R4_EXAMPLES") is { Length: > 0 } named && File.Exists(named))
            return named;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "FhirEmr.sln")))
                return Path.Combine(folder.FullName, "fhir-packages", "hl7.fhir.r4.examples-4.0.1.tgz") is var path && File.Exists(path) ? path : null;
        return null;
    }
}

public sealed class SqliteLooseReferenceTests(LooseSqliteServer fixture) : LooseReferenceTests(fixture), IClassFixture<LooseSqliteServer>;

public sealed class PostgresLooseReferenceTests(LoosePostgresServer fixture) : LooseReferenceTests(fixture), IClassFixture<LoosePostgresServer>
{
    protected override int OneIn => 5;
}
