using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Integrity;

/// <summary>A purge leaves nothing: no version, no search hit, no history, and the id free.</summary>
public abstract class PurgeTests(ServerFixture fixture) : OnServer(fixture)
{
    [Fact]
    public async Task A_purged_resource_is_unknown_and_its_id_begins_anew_at_version_one()
    {
        var tag = "t" + Guid.NewGuid().ToString("N");
        var id = tag[..20];
        string Body(string more) => $$$"""{"resourceType":"Organization","id":"{{{id}}}",{{{more}}}"meta":{"tag":[{"code":"{{{tag}}}"}]},"name":"O"}""";
        await Server.PutAsync($"Organization/{id}", Body(""));
        await Server.PutAsync($"Organization/{id}", Body("\"active\":true,"));
        Assert.Equal(405, (await Server.GetAsync($"Organization/{id}/$purge")).Status);

        var purged = await Server.PostAsync($"Organization/{id}/$purge", "");

        Assert.True(purged.Status == 200, purged.Body);
        Assert.Equal(404, (await Server.GetAsync($"Organization/{id}")).Status);
        Assert.Equal(404, (await Server.GetAsync($"Organization/{id}/_history/1")).Status);
        Assert.Equal(404, (await Server.GetAsync($"Organization/{id}/_history")).Status);
        Assert.Empty((await Server.GetAsync($"Organization?_tag={tag}")).Entries);
        Assert.DoesNotContain(id, (await Server.GetAsync("Organization/_history")).Body, StringComparison.Ordinal);
        Assert.Contains("purged before", (await Server.PostAsync($"Organization/{id}/$purge", "")).Body, StringComparison.Ordinal);

        var again = await Server.PutAsync($"Organization/{id}", Body(""));
        Assert.Equal((201, "W/\"1\""), (again.Status, again.ETag));
        Assert.Single((await Server.GetAsync($"Organization/{id}/_history")).Entries);
        Assert.Equal(404, (await Server.PostAsync("Organization/never-was/$purge", "")).Status);
    }

    [Fact]
    public async Task A_patient_goes_with_all_that_is_theirs_what_was_deleted_before_too()
    {
        var patient = (await Server.PostAsync("Patient", """{"resourceType":"Patient"}""")).Id;
        var other = (await Server.PostAsync("Patient", """{"resourceType":"Patient"}""")).Id;
        var encounter = (await Server.PostAsync("Encounter", $$$"""{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/{{{patient}}}"}}""")).Id;
        var deleted = (await Server.PostAsync("Observation", Observation(patient))).Id;
        await Server.DeleteAsync($"Observation/{deleted}");
        foreach (var _ in Enumerable.Range(0, 250))
            await Server.PostAsync("Observation", Observation(patient));
        var kept = (await Server.PostAsync("Observation", Observation(other))).Id;

        var purged = await Server.PostAsync($"Patient/{patient}/$purge", "");

        Assert.True(purged.Status == 200, purged.Body);
        Assert.Equal(253, purged.Json["parameter"]![0]!["valueInteger"]!.GetValue<int>());
        foreach (var gone in new[] { $"Patient/{patient}", $"Encounter/{encounter}", $"Observation/{deleted}" })
            Assert.Equal(404, (await Server.GetAsync(gone)).Status);
        Assert.Equal(200, (await Server.GetAsync($"Observation/{kept}")).Status);
        var verify = await Server.GetAsync("Observation/$verify");
        Assert.Equal(0, verify.Json["parameter"]![1]!["valueInteger"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_purge_is_refused_while_resources_outside_refer_to_what_would_go()
    {
        var patient = (await Server.PostAsync("Patient", """{"resourceType":"Patient"}""")).Id;
        var observation = (await Server.PostAsync("Observation", Observation(patient))).Id;
        var basic = (await Server.PostAsync("Basic", $$$"""{"resourceType":"Basic","code":{"text":"x"},"extension":[{"url":"urn:x","valueReference":{"reference":"Observation/{{{observation}}}"}}]}""")).Id;

        var refused = await Server.PostAsync($"Patient/{patient}/$purge", "");

        Assert.Equal(409, refused.Status);
        Assert.Contains($"Basic/{basic}", refused.Diagnostics, StringComparison.Ordinal);
        Assert.Equal(200, (await Server.GetAsync($"Observation/{observation}")).Status);
        await Server.DeleteAsync($"Basic/{basic}");
        Assert.Equal(200, (await Server.PostAsync($"Patient/{patient}/$purge", "")).Status);
    }

    private static string Observation(string patient) =>
        $$$"""{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{patient}}}"}}""";
}

public sealed class SqlitePurgeTests(SqliteServer server) : PurgeTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresPurgeTests(PostgresServer server) : PurgeTests(server), IClassFixture<PostgresServer>;
