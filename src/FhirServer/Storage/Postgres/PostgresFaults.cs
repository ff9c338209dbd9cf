using Npgsql;

namespace FhirEmr.FhirServer.Storage.Postgres;

/// <summary>What PostgreSQL's error codes mean to the store.</summary>
internal static class PostgresFaults
{
    /// <summary>Someone else wrote first: decide again on fresh data.</summary>
    public static bool IsStale(PostgresException e) => e.SqlState is
        PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected;

    /// <summary>
    /// Nobody said what became of a COMMIT: the connection broke, or the session was ended in the middle of it, where the log may have been written already.
    /// An error proper means that it was rolled back.
    /// </summary>
    public static bool IsUnanswered(NpgsqlException e) => e is not PostgresException { InvariantSeverity: not ("FATAL" or "PANIC") };

    /// <summary>Null for what is a fault of ours.</summary>
    public static Exception? Translate(Exception e) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => new StorageFullException("The database's disk is full.", e),
        PostgresException { SqlState: PostgresErrorCodes.IoError or PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted } =>
            new StorageFailedException("The database cannot be read or written reliably.", e),
        PostgresException p when IsAway(p) => new StorageUnavailableException("The database cannot answer now.", e),
        PostgresException => null,
        NpgsqlException => new StorageUnavailableException("The database does not answer.", e),
        _ => null,
    };

    /// <summary>Shut down, starting, failed over, or short of connections, locks or memory: it goes by.</summary>
    private static bool IsAway(PostgresException e) => e.IsTransient || e.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction
        || e.SqlState.StartsWith("08", StringComparison.Ordinal) || e.SqlState.StartsWith("53", StringComparison.Ordinal) || e.SqlState.StartsWith("57P", StringComparison.Ordinal);
}
