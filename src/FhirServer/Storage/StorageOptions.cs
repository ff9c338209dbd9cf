using System.ComponentModel.DataAnnotations;

namespace FhirEmr.FhirServer.Storage;

/// <summary>Where records live. Bound from <c>Storage</c>, checked at start-up.</summary>
internal sealed class StorageOptions
{
    public const string Sqlite = "sqlite";
    public const string Postgres = "postgres";
    public const string SqlServer = "sqlserver";

    /// <summary><c>sqlite</c>, <c>postgres</c> or <c>sqlserver</c>.</summary>
    [RegularExpression("sqlite|postgres|sqlserver")] public string Provider { get; set; } = Sqlite;

    /// <summary>Needed for PostgreSQL and SQL Server; SQLite uses a file in <see cref="DataFolder"/>.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Whether only the database and this server share the network between them, as containers of one machine do: then the link need not be encrypted.</summary>
    public bool TrustedNetwork { get; set; }

    /// <summary>Seconds after which a reading statement is stopped; 0 lets it run.</summary>
    [Range(0, 3600)] public int StatementTimeoutSeconds { get; set; } = 10;

    /// <summary>Folder of everything this node keeps on its own disk.</summary>
    [Required] public string DataFolder { get; set; } = "./data";

    /// <summary>Bytes that stay free on the disk of an SQLite store: below it clients only read, and the rest is for audit and accepted work; 0 for none.</summary>
    [Range(0, long.MaxValue)] public long MinFreeBytes { get; set; } = 512L * 1024 * 1024;

    /// <summary>The same in percent of that disk; the greater of both counts.</summary>
    [Range(0, 50)] public int MinFreePercent { get; set; } = 5;

    /// <summary>MiB of compressed current versions kept in memory for reads by id; 0 for none. Only a node that alone writes its store uses it.</summary>
    [Range(0, 4096)] public int ReadCacheMiB { get; set; } = 32;
}
