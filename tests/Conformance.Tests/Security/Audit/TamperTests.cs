using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Security.Audit;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace FhirEmr.Conformance.Tests.Security.Audit;

/// <summary>Somebody with the rights of the database's owner changes the tables by hand: the tables refuse, and without their triggers verify tells which row.</summary>
[Trait("Requirement", "S-52"), Trait("Requirement", "S-53")]
public abstract class TamperTests(ServerFixture fixture) : OnServer(fixture)
{
    private static readonly string[] Guarded = ["Audit", "AuditPosting", "AuditSegment", "AuditSeal", "AuditCheckpoint"];

    /// <summary>Runs statements past the server, as the owner of the database.</summary>
    protected abstract Task RunAsync(string sql);

    protected abstract string Hex(string bytes);

    protected abstract Task DropTriggersAsync();

    [Fact]
    public async Task Tampering_is_refused_and_then_found_and_named()
    {
        var patient = (await Server.PostAsync("Patient", """{"resourceType":"Patient","active":true}""")).Id;
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(200, (await Server.GetAsync($"Patient/{patient}")).Status);
            await Server.Services.GetRequiredService<AuditLog>().SealAsync();
        }

        await Server.Services.GetRequiredService<AuditLog>().FileAsync(isAll: true);
        Assert.Empty(await FindingsAsync());
        foreach (var table in Guarded.Take(4))
        {
            var column = table switch { "Audit" => "Node", "AuditPosting" => "Last", _ => "Count" };
            foreach (var sql in (string[])[$"DELETE FROM {table}", $"UPDATE {table} SET {column} = 2"])
                await Assert.ThrowsAnyAsync<Exception>(() => RunAsync(sql));
        }

        Assert.Empty(await FindingsAsync());

        await DropTriggersAsync();
        var rows = (await Server.GetAsync($"AuditEvent?entity=Patient/{patient}&subtype=read&_count=6")).Ids;
        var (first, second) = (Number(rows[0]), Number(rows[1]));
        await Server.Services.GetRequiredService<AuditLog>().SealAsync(); // the row of that search, too
        await RunAsync("CREATE TABLE Kept AS SELECT * FROM Audit");
        await RunAsync("CREATE TABLE KeptSeal AS SELECT * FROM AuditSeal");
        await RunAsync("CREATE TABLE KeptPosting AS SELECT * FROM AuditPosting");
        await RunAsync("CREATE TABLE KeptSegment AS SELECT * FROM AuditSegment");

        await RunAsync($"UPDATE Audit SET Body = {Hex("7b7d")} WHERE Number = {first}");
        await FindsAsync("changed", rows[0]);
        await RunAsync($"UPDATE Audit SET Body = (SELECT k.Body FROM Kept k WHERE k.Number = {second}), Mac = (SELECT k.Mac FROM Kept k WHERE k.Number = {second}) WHERE Number = {first}");
        await FindsAsync("changed", rows[0]);
        await RunAsync($"UPDATE Audit SET Body = (SELECT k.Body FROM Kept k WHERE k.Number = {first}) WHERE Number = {second}");
        await FindsAsync("changed", rows[1]);
        await RunAsync($"DELETE FROM Audit WHERE Number = {first}");
        await FindsAsync("removed", rows[0]);
        await RunAsync($"INSERT INTO Audit SELECT {first} + 1, Node, Body, Mac FROM Kept WHERE Number = {first}");
        await FindsAsync("inserted", AuditNumbers.IdOf(first + 1));
        await RunAsync("UPDATE AuditSeal SET Members = (SELECT k.Members FROM KeptSeal k WHERE k.Ordinal = 2) WHERE Ordinal = 3");
        await FindsAsync("reordered", null);
        await RunAsync($"DELETE FROM AuditSeal WHERE Ordinal = 3");
        await FindsAsync("removed", null);
        await RunAsync("DELETE FROM AuditPosting WHERE Term = (SELECT MIN(k.Term) FROM KeptPosting k)");
        await FindsAsync("unfiled", "log-");
        await RunAsync($"UPDATE AuditPosting SET Positions = {Hex("7f")} WHERE Term = (SELECT MIN(k.Term) FROM KeptPosting k)");
        await FindsAsync("unfiled", "log-");
        await RunAsync("INSERT INTO AuditPosting SELECT Term + 1, Last, Positions FROM KeptPosting WHERE Term = (SELECT MIN(k.Term) FROM KeptPosting k)");
        await FindsAsync("unfiled", null);
        await RunAsync("UPDATE AuditSegment SET Through = Through - 1");
        await FindsAsync("unfiled", null);
        await RunAsync("DELETE FROM AuditSegment");
        await FindsAsync("unfiled", null);
        await RunAsync("DELETE FROM Audit WHERE Number >= " + second);
        await RunAsync("DELETE FROM AuditPosting");
        await RunAsync("DELETE FROM AuditSegment");
        await RunAsync("DELETE FROM AuditSeal WHERE Ordinal > 3");
        await RunAsync("DELETE FROM AuditCheckpoint WHERE Ordinal > 3");
        Assert.Contains(await FindingsAsync(), f => f.Code == "cut-off");
    }

    private async Task FindsAsync(string code, string? row)
    {
        var findings = await FindingsAsync();
        Assert.True(findings.Any(f => f.Code == code && (row is null || f.Text.Contains(row, StringComparison.Ordinal))), $"{code} {row}: {string.Join(" | ", findings)}");
        await RunAsync("DELETE FROM Audit");
        await RunAsync("INSERT INTO Audit SELECT * FROM Kept");
        await RunAsync("DELETE FROM AuditSeal");
        await RunAsync("INSERT INTO AuditSeal SELECT * FROM KeptSeal");
        await RunAsync("DELETE FROM AuditPosting");
        await RunAsync("INSERT INTO AuditPosting SELECT * FROM KeptPosting");
        await RunAsync("DELETE FROM AuditSegment");
        await RunAsync("INSERT INTO AuditSegment SELECT * FROM KeptSegment");
        Assert.Empty(await FindingsAsync());
    }

    /// <summary>By the verifier itself: a request would add rows to what is put back.</summary>
    private async Task<List<(string Code, string Text)>> FindingsAsync() =>
        [.. (await Server.Services.GetRequiredService<AuditVerifier>().RunAsync(null, null, TestContext.Current.CancellationToken)).Findings];

    private static long Number(string id) => AuditNumbers.Parse(id)!.Value;
}

public sealed class SqliteTamperTests(SqliteServer server) : TamperTests(server), IClassFixture<SqliteServer>
{
    protected override Task RunAsync(string sql)
    {
        using var session = SqliteSession.Open(Path.Combine(Server.Services.GetRequiredService<IOptions<StorageOptions>>().Value.DataFolder, "fhir-emr.db"), create: false, 1024);
        session.Execute(sql);
        return Task.CompletedTask;
    }

    protected override string Hex(string bytes) => $"x'{bytes}'";

    protected override async Task DropTriggersAsync()
    {
        foreach (var table in (string[])["Audit", "AuditPosting", "AuditSegment", "AuditSeal", "AuditCheckpoint"])
            await RunAsync($"DROP TRIGGER {table}_NoUpdate; DROP TRIGGER {table}_NoDelete");
    }
}

public sealed class PostgresTamperTests(PostgresServer server) : TamperTests(server), IClassFixture<PostgresServer>
{
    protected override async Task RunAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Server.Services.GetRequiredService<IOptions<StorageOptions>>().Value.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    protected override string Hex(string bytes) => $"'\\x{bytes}'::bytea";

    protected override async Task DropTriggersAsync()
    {
        foreach (var table in (string[])["audit", "auditposting", "auditsegment", "auditseal", "auditcheckpoint"])
            await RunAsync($"DROP TRIGGER {table}_addonly ON {table}");
    }
}
