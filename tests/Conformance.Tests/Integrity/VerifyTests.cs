using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.Conformance.Tests.Search;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Integrity;

/// <summary>What is stored is compared with what it must be, and wrong index rows can be put right.</summary>
public abstract class VerifyTests(ServerFixture fixture) : OnServer(fixture)
{
    private IResourceStore Store => Server.Services.GetRequiredService<IResourceStore>();

    [Fact]
    public async Task Missing_and_surplus_index_rows_are_found_and_repaired()
    {
        var family = "F" + Guid.NewGuid().ToString("N");
        var id = (await Server.PostAsync("Patient", $$"""{"resourceType":"Patient","name":[{"family":"{{family}}"}]}""")).Id;
        await Server.PutAsync($"Patient/{id}", $$"""{"resourceType":"Patient","id":"{{id}}","active":true,"name":[{"family":"{{family}}"}]}""");
        await Server.PutAsync($"Patient/{id}", $$"""{"resourceType":"Patient","id":"{{id}}","active":false,"name":[{"family":"{{family}}"}]}""");
        Assert.Equal(0, await FindingsAsync($"Patient/{id}/$verify"));
        await DamageAsync(id, family);
        Assert.Empty((await Server.GetAsync($"Patient?family={family}")).Entries);

        var found = await Server.GetAsync($"Patient/{id}/$verify");
        Assert.Contains($"Patient/{id} has 1 index rows too many and lacks 1", found.Body, StringComparison.Ordinal);
        Assert.Equal(405, (await Server.GetAsync($"Patient/{id}/$verify?repair=true")).Status);
        Assert.Contains("Repaired.", (await Server.PostAsync($"Patient/{id}/$verify?repair=true", "")).Body, StringComparison.Ordinal);

        Assert.Equal(0, await FindingsAsync($"Patient/{id}/$verify"));
        Assert.Single((await Server.GetAsync($"Patient?family={family}")).Entries);
        Assert.Equal("W/\"3\"", (await Server.GetAsync($"Patient/{id}")).ETag);
    }

    [Fact]
    public async Task A_type_is_verified_in_stretches_by_checkpoint()
    {
        foreach (var _ in Enumerable.Range(0, 5))
            await Server.PostAsync("Flag", """{"resourceType":"Flag","status":"active","code":{"text":"x"},"subject":{"display":"x"}}""");

        var (calls, done, checkpoint) = (0, 0, "");
        do
        {
            var page = await Server.GetAsync($"Flag/$verify?_count=2{(checkpoint.Length == 0 ? "" : "&checkpoint=" + checkpoint)}");
            Assert.True(page.Status == 200, page.Body);
            var parameters = page.Json["parameter"]!.AsArray();
            done += parameters.Single(p => p!["name"]!.GetValue<string>() == "checked")!["valueInteger"]!.GetValue<int>();
            checkpoint = parameters.FirstOrDefault(p => p!["name"]!.GetValue<string>() == "checkpoint")?["valueString"]!.GetValue<string>() ?? "";
            calls++;
        }
        while (checkpoint.Length > 0);

        Assert.Equal(5, done);
        Assert.True(calls >= 3);
        Assert.Equal(400, (await Server.GetAsync("Flag/$verify?checkpoint=x")).Status);
    }

    /// <summary>Takes the family name out of the index, and puts another in.</summary>
    private async Task DamageAsync(string id, string family)
    {
        var parameters = Server.Services.GetRequiredService<SearchParameters>();
        var param = parameters.Find("Patient", "family")!.Number;
        var state = (await Store.LookUpAsync([new("Patient", id)], false, SystemPlans.Work, CancellationToken.None))[0];
        ColumnRows Row(string exact) => new("String", ["Owner", "Sid", "Param", "Folded", "Exact"],
            [(long[])[state.Owner], (long[])[state.Sid], (int[])[param], (string[])[exact.ToLowerInvariant()], (string[])[exact]]);
        var plan = new CommitPlan();
        plan.Corrections.Add(new(state.Sid, state.Version, [Row(family)], [Row("Wrong")]));
        Assert.IsType<CommitResult.Committed>(await Store.CommitAsync(plan, CancellationToken.None));
    }

    private async Task<int> FindingsAsync(string path)
    {
        var reply = await Server.GetAsync(path);
        Assert.True(reply.Status == 200, reply.Body);
        return reply.Json["parameter"]!.AsArray().Single(p => p!["name"]!.GetValue<string>() == "findings")!["valueInteger"]!.GetValue<int>();
    }
}

public sealed class SqliteVerifyTests(SqliteServer server) : VerifyTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresVerifyTests(PostgresServer server) : VerifyTests(server), IClassFixture<PostgresServer>;

/// <summary>Real records, written and rewritten, leave nothing to find.</summary>
public abstract class VerifySyntheaTests(SyntheaServer server) : OnServer(server)
{
    [Fact]
    public async Task A_store_full_of_records_verifies_clean()
    {
        var reply = await Server.GetAsync("$verify?_count=1000000");

        Assert.True(reply.Status == 200, reply.Body);
        var parameters = reply.Json["parameter"]!.AsArray();
        Assert.True(parameters[0]!["valueInteger"]!.GetValue<int>() > 500);
        Assert.True(parameters[1]!["valueInteger"]!.GetValue<int>() == 0, reply.Body[..Math.Min(3000, reply.Body.Length)]);
    }
}

public sealed class SqliteVerifySyntheaTests(SqliteSynthea server) : VerifySyntheaTests(server), IClassFixture<SqliteSynthea>;

public sealed class PostgresVerifySyntheaTests(PostgresSynthea server) : VerifySyntheaTests(server), IClassFixture<PostgresSynthea>;
