using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Cache;
using FhirEmr.FhirServer.Storage.Postgres;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Sqlite;
using FhirEmr.FhirServer.Storage.SqlServer;

namespace FhirEmr.FhirServer.Storage;

/// <summary>Makes the store that the options name; <see cref="IResourceStore.StartAsync"/> opens it.</summary>
internal static class ResourceStoreFactory
{
    /// <param name="references">Knows references for <c>_include</c>, asked for when first needed; a store without it refuses such searches.</param>
    /// <param name="rows">Extracts older versions again, for callers whose rights are a condition.</param>
    public static IResourceStore Create(StorageOptions options, ILoggerFactory logs, Func<IReferencedTargets>? references = null, VersionRows? rows = null)
    {
        var log = logs.CreateLogger("FhirEmr.Storage");
        var cache = options.ReadCacheMiB == 0 ? null : new ReadCache(options.ReadCacheMiB * 1024L * 1024, BodyCodec.Shipped);
        return options.Provider switch
        {
            StorageOptions.Sqlite => new SqliteStore(options.DataFolder, log, references, cache, TimeSpan.FromSeconds(options.StatementTimeoutSeconds)) { Rows = rows },
            StorageOptions.Postgres when options.ConnectionString.Length == 0 => throw new StorageRefusedException(
                "Storage:ConnectionString is empty. PostgreSQL needs one, as in Host=localhost;Database=fhiremr;Username=fhiremr."),
            StorageOptions.Postgres => new PostgresStore(options.ConnectionString, logs, references, cache, options.StatementTimeoutSeconds) { Rows = rows },
            StorageOptions.SqlServer => new SqlServerStore(options.ConnectionString, references, options.StatementTimeoutSeconds) { Rows = rows },
            _ => throw new StorageRefusedException($"Storage:Provider is '{options.Provider}'; it must be sqlite, postgres or sqlserver."),
        };
    }
}
