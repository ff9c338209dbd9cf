using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Search;

/// <summary>Searches number nothing that no resource was ever written under, and find it once there is one.</summary>
public abstract class ReadsWriteNothingTests(ServerFixture fixture) : OnServer(fixture)
{
    [Theory]
    [InlineData("ServiceRequest", "requester:Practitioner.family=Kestrel", "ServiceRequest", "requester>Practitioner.family",
        """{"resourceType":"ServiceRequest","status":"active","intent":"order","subject":{"reference":"#s"},"contained":[{"resourceType":"Practitioner","id":"p","name":[{"family":"Kestrel"}]},{"resourceType":"Group","id":"s","type":"person","actual":true}],"requester":{"reference":"#p"}}""")]
    [InlineData("Library", "description:contains=needle", "Library", "description~",
        """{"resourceType":"Library","status":"draft","type":{"text":"t"},"description":"LONG needle"}""")]
    public async Task A_search_gives_no_number_and_the_first_write_does(string type, string search, string ofType, string code, string body)
    {
        var found = await Server.GetAsync($"{type}?{search}");
        Assert.True(found.Status == 200, found.Body);
        Assert.Empty(found.Ids);
        Assert.Equal(0, await NumbersAsync(ofType, code));

        var created = await Server.PostAsync(type, body.Replace("LONG", string.Concat(Enumerable.Repeat("hay ", 100)), StringComparison.Ordinal));
        Assert.True(created.Status == 201, created.Body);
        Assert.Equal(1, await NumbersAsync(ofType, code));
        Assert.Single((await Server.GetAsync($"{type}?{search}")).Ids);
    }

    private async Task<int> NumbersAsync(string type, string code)
    {
        var store = (ResourceStore)Server.Services.GetRequiredService<IResourceStore>();
        Assert.IsType<CommitResult.Committed>(await store.CommitAsync(new(), TestContext.Current.CancellationToken)); // what waits to be written with the next commit is
        var statement = new SqlStatement($"SELECT p.Number FROM Parameter p WHERE p.Type = {store.Dialect.Argument(1)} AND p.Code = {store.Dialect.Argument(2)}", [type, code]);
        return (await store.QueryAsync(statement, r => r.Int64(0), TestContext.Current.CancellationToken)).Count;
    }
}

public sealed class SqliteReadsWriteNothingTests(SqliteServer server) : ReadsWriteNothingTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresReadsWriteNothingTests(PostgresServer server) : ReadsWriteNothingTests(server), IClassFixture<PostgresServer>;
