using static FhirEmr.FhirServer.Storage.Sqlite.SqliteNative;

namespace FhirEmr.FhirServer.Storage.Sqlite;

/// <summary>SQLite answered with an error code.</summary>
internal sealed class SqliteFault(int code, int extended, string message) : Exception($"SQLite error {extended}: {message}")
{
    /// <summary>Primary result code.</summary>
    public int Code { get; } = code;

    public int Extended { get; } = extended;

    /// <summary>What is on disk is unknown, or known to be damaged: the writer must stop.</summary>
    /// <remarks>Not so where only the log's index in shared memory found no room to grow: nothing of it is needed after a crash.</remarks>
    public bool IsFatal => Code is IoError or Corrupt or NotADatabase && Extended != IoErrorShmSize;

    /// <summary>The same in the store's own words, where there are any.</summary>
    public Exception Translate() => Code switch
    {
        Full => new StorageFullException("The disk that holds the database is full.", this),
        IoError when !IsFatal => new StorageUnavailableException("There is no room for the index of the database's log.", this),
        IoError or Corrupt or NotADatabase => new StorageFailedException("The database file cannot be read or written reliably.", this),
        ReadOnly or CantOpen => new StorageUnavailableException("The database file cannot be opened for writing: see who owns it and its folder, and how many files the process may open.", this),
        Busy or Locked => new StorageUnavailableException("Another process holds the lock of the database file: a backup or a tool that should not.", this),
        NoMemory => new StorageUnavailableException("There is not enough memory for this.", this),
        Interrupt => new OperationCanceledException("The query was interrupted.", this),
        _ => this,
    };
}
