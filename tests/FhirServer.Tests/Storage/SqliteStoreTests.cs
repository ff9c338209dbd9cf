using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Schema.Sqlite;
using FhirEmr.FhirServer.Storage.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace FhirEmr.FhirServer.Tests.Storage;

public sealed class SqliteStoreTests : StoreSuite
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), "fhir-emr-" + Guid.NewGuid().ToString("N"));

    [Fact]
    public async Task A_second_process_on_the_folder_refuses()
    {
        await using var second = Reopen();
        var refusal = await Assert.ThrowsAsync<StorageRefusedException>(() => second.StartAsync(Ct));
        Assert.Contains("another FhirEmr process", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_newest_migration_is_the_one_named_in_code()
    {
        using var context = SqliteStoreContext.Open("Data Source=:memory:");
        Assert.Equal(SqliteStoreContext.NewestMigration, context.Database.GetMigrations().Last());
        Assert.False(context.Database.HasPendingModelChanges());
    }

    [Fact]
    public async Task The_file_has_the_settings_that_durability_needs()
    {
        await H.CreateAsync("Patient", "p1");
        using var session = SqliteSession.Open(Path.Combine(folder, SqliteFile.Name), create: false, 1024);
        Assert.Equal("wal", session.ScalarText("PRAGMA journal_mode"));
        Assert.Equal(8192, session.Scalar("PRAGMA page_size"));
        Assert.Equal(0, session.Scalar("PRAGMA mmap_size"));
        Assert.Equal(11, session.Scalar($"SELECT COUNT(*) FROM pragma_table_list WHERE wr = 1 AND schema = 'main'"));
        Assert.Equal("ok", session.ScalarText("PRAGMA integrity_check"));
    }

    private protected override Task<IResourceStore> CreateAsync() => Task.FromResult(Reopen());

    private protected override IResourceStore Reopen() =>
        ResourceStoreFactory.Create(new StorageOptions { DataFolder = folder }, NullLoggerFactory.Instance, References);

    protected override ValueTask CleanUpAsync()
    {
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
