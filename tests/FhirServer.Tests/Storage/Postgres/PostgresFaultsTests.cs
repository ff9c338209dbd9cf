using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Postgres;
using Npgsql;

namespace FhirEmr.FhirServer.Tests.Storage.Postgres;

public sealed class PostgresFaultsTests
{
    [Theory]
    [InlineData(PostgresErrorCodes.DiskFull, typeof(StorageFullException))]
    [InlineData(PostgresErrorCodes.IoError, typeof(StorageFailedException))]
    [InlineData(PostgresErrorCodes.AdminShutdown, typeof(StorageUnavailableException))]
    [InlineData(PostgresErrorCodes.CrashShutdown, typeof(StorageUnavailableException))]
    [InlineData(PostgresErrorCodes.CannotConnectNow, typeof(StorageUnavailableException))]
    [InlineData(PostgresErrorCodes.TooManyConnections, typeof(StorageUnavailableException))]
    [InlineData(PostgresErrorCodes.ReadOnlySqlTransaction, typeof(StorageUnavailableException))]
    [InlineData(PostgresErrorCodes.ConnectionFailure, typeof(StorageUnavailableException))]
    [InlineData(PostgresErrorCodes.UndefinedTable, null)]
    [InlineData(PostgresErrorCodes.SyntaxError, null)]
    public void Each_code_has_its_meaning(string code, Type? meaning) =>
        Assert.Equal(meaning, PostgresFaults.Translate(new PostgresException("", "ERROR", "ERROR", code))?.GetType());

    [Theory]
    [InlineData("FATAL", PostgresErrorCodes.AdminShutdown, true)]
    [InlineData("PANIC", PostgresErrorCodes.IoError, true)]
    [InlineData("ERROR", PostgresErrorCodes.SerializationFailure, false)]
    [InlineData("ERROR", PostgresErrorCodes.DiskFull, false)]
    public void An_error_at_COMMIT_means_rolled_back_and_the_end_of_a_session_means_nothing(string severity, string code, bool isUnanswered) =>
        Assert.Equal(isUnanswered, PostgresFaults.IsUnanswered(new PostgresException("", severity, severity, code)));

    [Fact]
    public void A_connection_that_breaks_says_nothing_of_its_COMMIT() => Assert.True(PostgresFaults.IsUnanswered(new NpgsqlException("gone")));
}
