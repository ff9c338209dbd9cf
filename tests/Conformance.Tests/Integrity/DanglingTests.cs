using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Integrity;

/// <summary>A server that lets references dangle when their target is deleted.</summary>
public abstract class DanglingServer(PostgresCluster? cluster) : ServerFixture(cluster)
{
    protected override void Configure(WebApplicationBuilder builder) =>
        builder.Services.AddSingleton(new RecordRules { OnDeleteReferenced = OnDeleteReferenced.Ignore });
}

public sealed class SqliteDanglingServer() : DanglingServer(null);

public sealed class PostgresDanglingServer(PostgresCluster cluster) : DanglingServer(cluster);

/// <summary>Where deletions are not held back, what is left dangling stays readable, and nobody may make a new reference to it.</summary>
public abstract class DanglingTests(ServerFixture fixture) : OnServer(fixture)
{
    [Fact]
    public async Task A_reference_kept_to_what_is_deleted_lets_no_other_entry_make_one()
    {
        const string keeps = """{"resourceType":"Basic","id":"keeps","code":{"text":"x"},"subject":{"reference":"Patient/leaves"}}""";
        await Server.PutAsync("Patient/leaves", """{"resourceType":"Patient","id":"leaves","active":true}""");
        await Server.PutAsync("Basic/keeps", keeps);
        await Server.DeleteAsync("Patient/leaves");

        Assert.Equal(200, (await Server.PutAsync("Basic/keeps", keeps.Replace("\"x\"", "\"y\"", StringComparison.Ordinal))).Status);
        var reply = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"resource":KEEPS,"request":{"method":"PUT","url":"Basic/keeps"}},
              {"resource":{"resourceType":"Basic","code":{"text":"new"},"subject":{"reference":"Patient/leaves"}},"request":{"method":"POST","url":"Basic"}}]}
            """.Replace("KEEPS", keeps, StringComparison.Ordinal));
        Assert.Equal(422, reply.Status);
        Assert.Contains("Entry 1", reply.Diagnostics, StringComparison.Ordinal);
    }
}

public sealed class SqliteDanglingTests(SqliteDanglingServer server) : DanglingTests(server), IClassFixture<SqliteDanglingServer>;

public sealed class PostgresDanglingTests(PostgresDanglingServer server) : DanglingTests(server), IClassFixture<PostgresDanglingServer>;
