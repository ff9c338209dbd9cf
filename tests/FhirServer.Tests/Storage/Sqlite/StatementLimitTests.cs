using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Schema;
using FhirEmr.FhirServer.Storage.Sqlite;

namespace FhirEmr.FhirServer.Tests.Storage.Sqlite;

public sealed class StatementLimitTests
{
    private static readonly SqlStatement Endless = new("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT COUNT(*) FROM c", []);

    [Fact]
    public void A_statement_over_its_time_is_stopped_and_the_session_serves_on()
    {
        using var session = SqliteSession.Open(":memory:", create: true, 100);

        Assert.Throws<StorageTimeoutException>(() => SqliteRead.Query(session, Endless, r => r.Int64(0), CancellationToken.None, TimeSpan.FromMilliseconds(30)));
        Assert.Equal(1, session.Scalar("SELECT 1"));
    }

    [Fact]
    public void A_client_who_leaves_stops_its_statement()
    {
        using var session = SqliteSession.Open(":memory:", create: true, 100);
        using var left = new CancellationTokenSource(TimeSpan.FromMilliseconds(30));

        Assert.ThrowsAny<OperationCanceledException>(() => SqliteRead.Query(session, Endless, r => r.Int64(0), left.Token, TimeSpan.FromMinutes(5)));
        Assert.Equal(1, session.Scalar("SELECT 1"));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("20250101000000_Older", false)]
    [InlineData("20260101000000_Same", true)]
    public void An_older_schema_is_migrated_and_the_same_is_taken(string? found, bool isCurrent) =>
        Assert.Equal(isCurrent, SchemaVersion.IsCurrent(found, "20260101000000_Same"));

    [Fact]
    public void A_newer_schema_is_refused_with_a_sentence() =>
        Assert.Contains("newer than this program", Assert.Throws<StorageRefusedException>(() => SchemaVersion.IsCurrent("20270101000000_Later", "20260101000000_Same")).Message, StringComparison.Ordinal);
}
