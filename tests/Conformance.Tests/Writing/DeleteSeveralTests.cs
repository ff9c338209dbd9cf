using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.AspNetCore.Builder;

namespace FhirEmr.Conformance.Tests.Writing;

/// <summary>Conditional delete of several, when the setting allows three at once.</summary>
public abstract class DeleteSeveralTests(ServerFixture fixture) : OnServer(fixture)
{
    [Fact]
    public async Task All_that_the_condition_finds_go_in_one_step_up_to_the_limit()
    {
        for (var i = 0; i < 4; i++)
            await Server.PutAsync($"Basic/ds{i}", $$"""{"resourceType":"Basic","id":"ds{{i}}","identifier":[{"system":"urn:ds","value":"{{(i == 3 ? "four" : "three")}}"},{"system":"urn:ds","value":"all"}],"code":{"text":"x"} }""");

        var over = await Server.DeleteAsync("Basic?identifier=urn:ds|all");
        Assert.Equal(412, over.Status);
        Assert.Contains("more than the 3", over.Diagnostics, StringComparison.Ordinal);
        Assert.Equal(412, (await Server.DeleteAsync("Basic?identifier=urn:ds|three", ("If-Match", "W/\"1\""))).Status);
        Assert.Equal(400, (await Server.DeleteAsync("Basic")).Status);
        Assert.Equal(412, (await Server.DeleteAsync("Basic?_count=2")).Status);
        Assert.Equal(4, (await Server.GetAsync("Basic?identifier=urn:ds|all")).Entries.Count);

        var reply = await Server.DeleteAsync("Basic?identifier=urn:ds|three", ("Prefer", "return=OperationOutcome"));
        Assert.Equal(200, reply.Status);
        Assert.Contains("3 resources deleted", reply.Diagnostics, StringComparison.Ordinal);
        Assert.Equal(["ds3"], (await Server.GetAsync("Basic?identifier=urn:ds|all")).Ids);
        Assert.Equal(204, (await Server.DeleteAsync("Basic?identifier=urn:ds|three")).Status);
        Assert.Equal(204, (await Server.DeleteAsync("Basic?identifier=urn:ds|four", ("If-Match", "W/\"1\""))).Status);
    }

    [Fact]
    public async Task What_others_refer_to_stays_unless_they_go_in_the_same_step()
    {
        for (var i = 0; i < 2; i++)
            await Server.PutAsync($"Basic/dr{i}", $$"""{"resourceType":"Basic","id":"dr{{i}}","identifier":[{"system":"urn:dr","value":"all"}],"code":{"text":"x"}{{(i == 0 ? "" : ",\"subject\":{\"reference\":\"Basic/dr0\"}")}} }""");
        await Server.PutAsync("List/dr", """{"resourceType":"List","id":"dr","status":"current","mode":"working","entry":[{"item":{"reference":"Basic/dr1"}}]}""");

        var impact = await Server.DeleteAsync("Basic?identifier=urn:dr|all&_dryRun=true");
        Assert.Contains("\"valueCode\":\"blocked\"", impact.Body, StringComparison.Ordinal);
        Assert.Contains("{\"name\":\"referrers\",\"valueInteger\":1}", impact.Body, StringComparison.Ordinal);
        Assert.Equal(409, (await Server.DeleteAsync("Basic?identifier=urn:dr|all")).Status);
        Assert.Equal(403, (await Server.DeleteAsync("Basic?identifier=urn:dr|all&_cascade=delete")).Status);
        Assert.Equal(2, (await Server.GetAsync("Basic?identifier=urn:dr|all")).Entries.Count);

        await Server.DeleteAsync("List/dr");
        Assert.Equal(204, (await Server.DeleteAsync("Basic?identifier=urn:dr|all")).Status);
        Assert.Empty((await Server.GetAsync("Basic?identifier=urn:dr|all")).Entries);
    }

    [Fact]
    public async Task The_statement_says_multiple() => Assert.Contains("\"conditionalDelete\":\"multiple\"", (await Server.GetAsync("metadata")).Body, StringComparison.Ordinal);
}

public sealed class SqliteDeletingServer() : ServerFixture(null)
{
    protected override void Configure(WebApplicationBuilder builder) => DeletingServer.Allow(builder);
}

public sealed class PostgresDeletingServer(PostgresCluster cluster) : ServerFixture(cluster)
{
    protected override void Configure(WebApplicationBuilder builder) => DeletingServer.Allow(builder);
}

internal static class DeletingServer
{
    public static void Allow(WebApplicationBuilder builder) =>
        Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton(
            builder.Services, new FhirServer.Interactions.Writing.RecordRules { MostConditionalDeletes = 3 });
}

public sealed class SqliteDeleteSeveralTests(SqliteDeletingServer server) : DeleteSeveralTests(server), IClassFixture<SqliteDeletingServer>;

public sealed class PostgresDeleteSeveralTests(PostgresDeletingServer server) : DeleteSeveralTests(server), IClassFixture<PostgresDeletingServer>;
