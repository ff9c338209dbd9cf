using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Operations.Reindexing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Reindex;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FhirEmr.Conformance.Tests.Search;

/// <summary>A store that an older program filled: rows are missing and others too many, until the index is brought up to date.</summary>
public abstract class OldIndexTests(ServerFixture fixture) : OnServer(fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private ResourceStore Store => (ResourceStore)Server.Services.GetRequiredService<IResourceStore>();

    private IndexCurrency Currency => Server.Services.GetRequiredService<IndexCurrency>();

    [Fact]
    public async Task Its_answers_warn_until_the_job_it_begins_at_start_has_put_rows_in_and_taken_stale_ones_away()
    {
        Assert.True(Currency.IsCurrent);
        Assert.Equal($"{IndexDefinition.Version}", await SettingAsync());
        for (var i = 0; i < 250; i++)
            await PutAsync($"Patient/old{i}", $$$"""{"resourceType":"Patient","id":"old{{{i}}}","gender":"male","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">pelican</div>"}}""");
        await PutAsync("Patient/dated", """{"resourceType":"Patient","id":"dated","birthDate":"2000-01-01","gender":"male"}""");
        await PutAsync("Patient/gone", """{"resourceType":"Patient","id":"gone"}""");
        await Server.DeleteAsync("Patient/gone");
        await PutAsync("MedicationRequest/m", """
            {"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","subject":{"reference":"Patient/old1"},
             "contained":[{"resourceType":"Medication","id":"c","code":{"coding":[{"code":"aspirin"}]}}],"medicationReference":{"reference":"#c"}}
            """);
        await AgeAsync();

        // As after a start of the program.
        await Currency.StartAsync(Ct);
        Assert.Equal(0, await CountAsync("Patient?_text=pelican"));
        Assert.Equal(1, await CountAsync("Patient?birthdate:missing=true"));
        Assert.Contains("words of narratives", Warning(await Server.GetAsync("Patient?_text=pelican")), StringComparison.Ordinal);
        Assert.Contains(":missing", Warning(await Server.GetAsync("Patient?birthdate:missing=true")), StringComparison.Ordinal);
        Assert.Contains("contained resources", Warning(await Server.GetAsync("MedicationRequest?medication.code=aspirin")), StringComparison.Ordinal);
        Assert.Null(Warning(await Server.GetAsync("Patient?gender=male&_count=1")));
        Assert.Contains("older version", (await Server.GetAsync("metadata")).Json["implementation"]!["description"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("may be incomplete", (await Server.GetAsync("Patient/$explain?_text=pelican")).Body, StringComparison.Ordinal);

        await RunAsync();

        Assert.True(Currency.IsCurrent);
        Assert.Equal($"{IndexDefinition.Version}", await SettingAsync());
        Assert.Equal(250, await CountAsync("Patient?_text=pelican"));
        Assert.Equal(250, await CountAsync("Patient?birthdate:missing=true"));
        Assert.Equal(1, await CountAsync("Patient?birthdate:missing=false"));
        Assert.Equal(1, await CountAsync("MedicationRequest?medication.code=aspirin"));
        Assert.Equal(251, await CountAsync("Patient?gender=male"));
        Assert.Equal(0, await CountAsync("Patient?gender=female"));
        Assert.Empty(await RowsAsync("retired-code"));
        Assert.Null(Warning(await Server.GetAsync("Patient?_text=pelican")));
        Assert.DoesNotContain("older version", (await Server.GetAsync("metadata")).Body, StringComparison.Ordinal);
        Assert.DoesNotContain("may be incomplete", (await Server.GetAsync("Patient/$explain?_text=pelican")).Body, StringComparison.Ordinal);
    }

    /// <summary>What an older program would have left: no words, nothing of contained resources, shapes and values it took for right then.</summary>
    private async Task AgeAsync()
    {
        var parameters = Server.Services.GetRequiredService<SearchParameters>();
        var token = parameters.Contained(parameters.Find("MedicationRequest", "medication")!, parameters.Find("Medication", "code")!).Number;
        var plan = new CommitPlan();
        foreach (var text in new[] { "DELETE FROM Word", $"DELETE FROM Token WHERE Param = {token}" })
            plan.Statements.Add(PlanStatement.Of(new(text, [])));
        plan.Statements.Add(PlanStatement.Of(SettingSql.Update(Store.Dialect, IndexCurrency.SettingName, "1")));

        var birthdate = parameters.Find("Patient", "birthdate")!.Number;
        var (shape, _) = Store.Symbols.ShapesOf(ResourceTypes.Patient).Single(s => s.Params.Contains(birthdate));
        var (shapeParam, gender, retired) = (parameters.Shape("Patient").Number, parameters.Find("Patient", "gender")!.Number, Store.Symbols.ParameterNumber("Patient", "retired-code"));
        ResourceKey[] keys = [.. Enumerable.Range(0, 249).Select(i => new ResourceKey("Patient", $"old{i}"))];
        foreach (var state in await Store.LookUpAsync(keys, withBodies: false, SystemPlans.Work, Ct))
        {
            var rows = new IndexRows();
            rows.Owners.Add(state.Sid);
            rows.Tokens.AddRange([new(shapeParam, shape, 0), new(gender, Store.Symbols.Hash("female"u8), 0), new(retired, 1, 0)]);
            plan.Fills.Add(new(state.Sid, state.Version, rows));
        }

        // A row that the deletion of its resource left behind.
        var gone = (await Store.LookUpAsync([new("Patient", "gone")], withBodies: false, SystemPlans.Work, Ct))[0].Sid;
        plan.Statements.Add(PlanStatement.Of(new($"INSERT INTO Token (Hash, Owner, Sid, Param, System) VALUES (2, {gone}, {gone}, {retired}, 0)", [])));
        Assert.IsType<CommitResult.Committed>(await Store.CommitAsync(plan, Ct));
    }

    private async Task RunAsync()
    {
        var reindexer = Server.Services.GetRequiredService<Reindexer>();
        for (var steps = 0; await reindexer.StepAsync(Ct); steps++)
            Assert.InRange(steps, 0, 2000);
    }

    private async Task<int[]> RowsAsync(string code)
    {
        var param = Store.Symbols.ParameterNumber("Patient", code);
        return [.. await Store.QueryAsync(ReindexSql.Rows(Store.Dialect, "Token", ["Param"], param, 1000), r => (int)r.Int64(0), Ct)];
    }

    private async Task<string> SettingAsync() =>
        (await Store.QueryAsync(SettingSql.Find(Store.Dialect, IndexCurrency.SettingName), r => r.Text(0), Ct))[0];

    private async Task PutAsync(string path, string body) => Assert.Equal(201, (await Server.PutAsync(path, body)).Status);

    private async Task<int> CountAsync(string search)
    {
        var reply = await Server.GetAsync($"{search}&_summary=count");
        Assert.True(reply.Status == 200, reply.Body);
        return reply.Json["total"]!.GetValue<int>();
    }

    private static string? Warning(Reply reply) => reply.Json["entry"]?.AsArray().Where(e => e!["search"]!["mode"]!.GetValue<string>() == "outcome")
        .Select(e => e!["resource"]!["issue"]![0]!["diagnostics"]!.GetValue<string>()).SingleOrDefault();
}

public sealed class OldIndexSqlite() : OldIndex(null);

public sealed class OldIndexPostgres(PostgresCluster cluster) : OldIndex(cluster);

/// <summary>Nothing is indexed by itself: the test takes each step.</summary>
public abstract class OldIndex(PostgresCluster? cluster) : ServerFixture(cluster)
{
    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration["Search:Reindex:SettleSeconds"] = "0";
        foreach (var worker in builder.Services.Where(s => s.ServiceType == typeof(IHostedService) && s.ImplementationType == typeof(ReindexWorker)).ToArray())
            builder.Services.Remove(worker);
    }
}

public sealed class SqliteOldIndexTests(OldIndexSqlite server) : OldIndexTests(server), IClassFixture<OldIndexSqlite>;

public sealed class PostgresOldIndexTests(OldIndexPostgres server) : OldIndexTests(server), IClassFixture<OldIndexPostgres>;
