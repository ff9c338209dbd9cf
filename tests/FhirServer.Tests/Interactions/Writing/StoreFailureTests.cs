using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Storage;
using Npgsql;

namespace FhirEmr.FhirServer.Tests.Interactions.Writing;

/// <summary>What a client is told when the store fails.</summary>
public sealed class StoreFailureTests
{
    [Theory]
    [InlineData("42601", 500)] // syntax
    [InlineData("42703", 500)] // column
    [InlineData("22P02", 500)] // value
    [InlineData("57P01", 503)] // shut down
    [InlineData("08006", 503)] // connection
    [InlineData("40P01", 503)] // deadlock
    public void Only_what_goes_by_is_to_be_repeated(string state, int status) =>
        Assert.Equal(status, StoreFailure.Of(new PostgresException("secret words", "ERROR", "ERROR", state)).Status);

    [Fact]
    public void What_EF_Core_wraps_is_judged_by_what_is_in_it() =>
        Assert.Equal(503, StoreFailure.Of(new InvalidOperationException("likely transient", new NpgsqlException("Failed to connect"))).Status);

    [Fact]
    public void Nothing_of_the_exception_goes_out() =>
        Assert.All(
            (Exception[])[new PostgresException("secret words", "ERROR", "ERROR", "42601"), new StorageFailedException("secret words"), new InvalidOperationException("secret words")],
            e => Assert.DoesNotContain("secret", string.Join(' ', StoreFailure.Of(e).Issues.Select(i => i.Text)), StringComparison.Ordinal));
}
