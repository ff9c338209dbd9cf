using static FhirEmr.FhirServer.Storage.Sqlite.SqliteNative;

namespace FhirEmr.FhirServer.Storage.Sqlite;

/// <summary>SQLite answered with an error code.</summary>
internal sealed class SqliteFault(int code, int extended, string message) : Exception($"SQLite error {extended}: {message}")
{
    /// <summary>Primary result code.</summary>
    public int Code { get; } = code;

    public int Extended { get; } = extended;

    /// <summary>The same in the store's own words, where there are any.</summary>
    public Exception Translate() => Code switch
    {
        Full => new StorageFullException("The disk that holds the database is full.", this),
        IoError or Corrupt or NotADatabase => new StorageFailedException("The database file cannot be read or written reliably.", this),
        ReadOnly or CantOpen => new StorageUnavailableException("The database file cannot be opened for writing: see who owns it and its folder, and how many files the process may open.", this),
        Interrupt => new OperationCanceledException("The query was interrupted.", this),
        _ => this,
    };
}
