using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Operations;

/// <summary><c>Claim/[id]/$evidence</c> over HTTP: what a claim rested on stays as it was, whatever is written later.</summary>
public abstract class EvidenceTests(ServerFixture fixture) : OnServer(fixture)
{
    private readonly string id = "v" + Guid.NewGuid().ToString("N")[..12];

    [Fact]
    public async Task Shows_the_versions_of_then_byte_for_byte_after_they_changed()
    {
        await SeedAsync();
        var then = (await Server.GetAsync($"Condition/{id}-c")).Body;
        await Task.Delay(20, TestContext.Current.CancellationToken); // what is written in the claim's own millisecond counts as of then
        await Server.PutAsync($"Condition/{id}-c", Condition("after"));
        await Server.DeleteAsync($"Procedure/{id}-p");

        var evidence = await Server.GetAsync($"Claim/{id}/$evidence");

        Assert.True(evidence.Status == 200, evidence.Body);
        Assert.Equal("collection", evidence.Json["type"]!.GetValue<string>());
        Assert.Equal(
            [$"Claim/{id}/_history/1", $"Patient/{id}/_history/1", $"Practitioner/{id}-d/_history/1", $"Coverage/{id}-v/_history/1", $"Condition/{id}-c/_history/2", $"Procedure/{id}-p/_history/1", $"Encounter/{id}-n/_history/1"],
            evidence.Entries.Where(e => e["fullUrl"] is not null).Select(e => e["fullUrl"]!.GetValue<string>()[(Server.BaseUrl.Length + 1)..]));
        Assert.Contains(then, evidence.Body, StringComparison.Ordinal);
        Assert.All(evidence.Entries.Where(e => e["fullUrl"] is not null),
            e => Assert.NotEmpty(e["extension"]!.AsArray().Single(x => x!["url"]!.GetValue<string>() == "urn:fhiremr:evidence-reason")!["valueString"]!.GetValue<string>()));
        Assert.Contains("Claim.diagnosis", Reason(evidence, "Condition"), StringComparison.Ordinal);
        Assert.Contains("https://elsewhere.example/Organization/1, which is not on this server", evidence.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_version_of_the_claim_has_its_own_evidence()
    {
        await SeedAsync();
        await Task.Delay(20, TestContext.Current.CancellationToken);
        await Server.PutAsync($"Condition/{id}-c", Condition("after"));
        await Server.PutAsync($"Claim/{id}", Claim("ready"));

        Assert.Equal(2, VersionOf(await Server.GetAsync($"Claim/{id}/$evidence?version=1"), "Condition"));
        Assert.Equal(3, VersionOf(await Server.GetAsync($"Claim/{id}/$evidence"), "Condition"));
        Assert.Equal(2, VersionOf(await Server.GetAsync($"Claim/{id}/$evidence?stage=draft"), "Condition"));
        Assert.Equal(3, VersionOf(await Server.GetAsync($"Claim/{id}/$evidence?stage=ready"), "Condition"));

        var never = await Server.GetAsync($"Claim/{id}/$evidence?stage=paid");
        Assert.Equal(404, never.Status);
        Assert.Contains("ready, draft", never.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_claim_written_together_with_what_it_rests_on_shows_that()
    {
        await SeedAsync();
        var reply = await Server.PostAsync("", $$$"""
            {"resourceType":"Bundle","type":"transaction","entry":[
             {"request":{"method":"PUT","url":"Claim/{{{id}}}"},"resource":{{{Claim("ready")}}}},
             {"request":{"method":"PUT","url":"Condition/{{{id}}}-c"},"resource":{{{Condition("together")}}}}]}
            """);
        Assert.True(reply.Status == 200, reply.Body);
        await Task.Delay(20, TestContext.Current.CancellationToken);
        await Server.PutAsync($"Condition/{id}-c", Condition("after"));

        Assert.Equal(3, VersionOf(await Server.GetAsync($"Claim/{id}/$evidence"), "Condition"));
    }

    [Fact]
    public async Task While_others_write_the_evidence_of_a_version_never_changes()
    {
        await SeedAsync();
        var ct = TestContext.Current.CancellationToken;
        var writes = Enumerable.Range(0, 3).Select(async writer =>
        {
            for (var i = 0; i < 8; i++)
                await Server.PutAsync($"Condition/{id}-c", Condition($"w{writer}-{i}"));
        });
        var claims = Task.Run(async () =>
        {
            var answers = new List<(int Claim, int Condition)>();
            for (var i = 0; i < 8; i++)
            {
                var written = await Server.PutAsync($"Claim/{id}", Claim(i % 2 == 0 ? "ready" : "draft"));
                Assert.InRange(written.Status, 200, 201);
                var version = int.Parse(written.Json["meta"]!["versionId"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);
                answers.Add((version, VersionOf(await Server.GetAsync($"Claim/{id}/$evidence?version={version}"), "Condition")));
            }

            return answers;
        }, ct);
        await Task.WhenAll(writes);
        var seen = await claims;

        foreach (var (claim, condition) in seen)
            Assert.Equal(condition, VersionOf(await Server.GetAsync($"Claim/{id}/$evidence?version={claim}"), "Condition"));
        Assert.Equal(seen.Select(s => s.Condition).Order(), seen.Select(s => s.Condition));
    }

    [Theory]
    [InlineData("version=x", 400, "numbered from 1")]
    [InlineData("version=99", 404, "no version 99")]
    [InlineData("version=1&stage=draft", 400, "not both")]
    [InlineData("verson=1", 400, "'version'")]
    public async Task Wrong_parameters_are_refused_with_the_fix(string query, int status, string expected)
    {
        await SeedAsync();

        var reply = await Server.GetAsync($"Claim/{id}/$evidence?{query}");

        Assert.Equal(status, reply.Status);
        Assert.Contains(expected, reply.Diagnostics, StringComparison.Ordinal);
    }

    private async Task SeedAsync()
    {
        foreach (var (key, body) in new[]
        {
            ($"Patient/{id}", $$"""{"resourceType":"Patient","id":"{{id}}"}"""),
            ($"Practitioner/{id}-d", $$"""{"resourceType":"Practitioner","id":"{{id}}-d"}"""),
            ($"Coverage/{id}-v", $$$"""{"resourceType":"Coverage","id":"{{{id}}}-v","status":"active","beneficiary":{"reference":"Patient/{{{id}}}"},"payor":[{"reference":"Patient/{{{id}}}"}]}"""),
            ($"Encounter/{id}-n", $$$"""{"resourceType":"Encounter","id":"{{{id}}}-n","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/{{{id}}}"}}"""),
            ($"Procedure/{id}-p", $$$"""{"resourceType":"Procedure","id":"{{{id}}}-p","status":"completed","subject":{"reference":"Patient/{{{id}}}"}}"""),
            ($"Condition/{id}-c", Condition("first")), ($"Condition/{id}-c", Condition("second")), ($"Claim/{id}", Claim("draft")),
        })
        {
            var reply = await Server.PutAsync(key, body);
            Assert.True(reply.Status is 200 or 201, reply.Body);
        }
    }

    private string Condition(string note) =>
        $$$"""{"resourceType":"Condition","id":"{{{id}}}-c","subject":{"reference":"Patient/{{{id}}}"},"note":[{"text":"{{{note}}} \u00e9 1.50"}]}""";

    private string Claim(string stage) => $$$"""
        {"resourceType":"Claim","id":"{{{id}}}","extension":[{"url":"urn:fhiremr:claim-stage","valueCode":"{{{stage}}}"}],"status":"active","type":{"text":"professional"},"use":"claim",
         "patient":{"reference":"Patient/{{{id}}}"},"created":"2026-01-01","insurer":{"reference":"https://elsewhere.example/Organization/1"},"provider":{"reference":"Practitioner/{{{id}}}-d"},"priority":{"text":"normal"},
         "insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/{{{id}}}-v"}}],
         "diagnosis":[{"sequence":1,"diagnosisReference":{"reference":"Condition/{{{id}}}-c"}}],"procedure":[{"sequence":1,"procedureReference":{"reference":"Procedure/{{{id}}}-p"}}],
         "item":[{"sequence":1,"productOrService":{"text":"x"},"encounter":[{"reference":"Encounter/{{{id}}}-n"}]}]}
        """;

    private static string Reason(Reply evidence, string type) => Entry(evidence, type)["extension"]![0]!["valueString"]!.GetValue<string>();

    private static int VersionOf(Reply evidence, string type) =>
        int.Parse(Entry(evidence, type)["resource"]!["meta"]!["versionId"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);

    private static JsonNode Entry(Reply evidence, string type)
    {
        Assert.True(evidence.Status == 200, evidence.Body);
        return evidence.Entries.Single(e => e["resource"]!["resourceType"]!.GetValue<string>() == type);
    }
}

public sealed class SqliteEvidenceTests(SqliteServer server) : EvidenceTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresEvidenceTests(PostgresServer server) : EvidenceTests(server), IClassFixture<PostgresServer>;
