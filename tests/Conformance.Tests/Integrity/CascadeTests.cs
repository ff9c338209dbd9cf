using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Integrity;

/// <summary>A deletion that takes along what refers to its target.</summary>
public abstract class CascadeTests(ServerFixture fixture) : OnServer(fixture)
{
    [Theory]
    [InlineData("?_cascade=delete", "none")]
    [InlineData("", "delete")]
    public async Task A_cascade_deletes_referrers_and_theirs_in_one_step(string query, string header)
    {
        var patient = (await Server.PostAsync("Patient", """{"resourceType":"Patient"}""")).Id;
        var encounter = (await Server.PostAsync("Encounter", $$$"""{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/{{{patient}}}"}}""")).Id;
        var observation = (await Server.PostAsync("Observation", $$$"""{"resourceType":"Observation","status":"final","code":{"text":"x"},"encounter":{"reference":"Encounter/{{{encounter}}}"}}""")).Id;

        Assert.Equal(409, (await Server.DeleteAsync($"Patient/{patient}")).Status);
        var reply = await Server.DeleteAsync($"Patient/{patient}{query}", ("X-Cascade", header));

        Assert.True(reply.Status == 204, reply.Body);
        foreach (var gone in new[] { $"Patient/{patient}", $"Encounter/{encounter}", $"Observation/{observation}" })
            Assert.Equal(410, (await Server.GetAsync(gone)).Status);
    }

    [Fact]
    public async Task A_cascade_larger_than_allowed_deletes_nothing()
    {
        var patient = (await Server.PostAsync("Patient", """{"resourceType":"Patient"}""")).Id;
        foreach (var _ in Enumerable.Range(0, 11))
            await Server.PostAsync("Observation", $$$"""{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{patient}}}"}}""");

        var reply = await Server.DeleteAsync($"Patient/{patient}?_cascade=delete");

        Assert.Equal(422, reply.Status);
        Assert.Contains("more than 10", reply.Diagnostics, StringComparison.Ordinal);
        Assert.Equal(200, (await Server.GetAsync($"Patient/{patient}")).Status);
        Assert.Equal(11, (await Server.GetAsync($"Observation?subject=Patient/{patient}&_summary=count")).Json["total"]!.GetValue<int>());
    }

    [Fact]
    public async Task Resources_that_refer_to_each_other_go_together()
    {
        Assert.Equal(200, (await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
            {"resource":{"resourceType":"Organization","id":"ring-a","name":"A","partOf":{"reference":"Organization/ring-b"}},"request":{"method":"PUT","url":"Organization/ring-a"}},
            {"resource":{"resourceType":"Organization","id":"ring-b","name":"B","partOf":{"reference":"Organization/ring-a"}},"request":{"method":"PUT","url":"Organization/ring-b"}}]}
            """)).Status);
        Assert.Equal(204, (await Server.DeleteAsync("Organization/ring-a?_cascade=delete")).Status);
        Assert.Equal(410, (await Server.GetAsync("Organization/ring-b")).Status);
    }
}

public sealed class SqliteCascadeTests(SqliteCascadeServer server) : CascadeTests(server), IClassFixture<SqliteCascadeServer>;

public sealed class PostgresCascadeTests(PostgresCascadeServer server) : CascadeTests(server), IClassFixture<PostgresCascadeServer>;
