using Npgsql;

namespace FhirEmr.FhirServer.Storage.Postgres;

/// <summary>What PostgreSQL's error codes mean to the store.</summary>
internal static class PostgresFaults
{
    /// <summary>Someone else wrote first: decide again on fresh data.</summary>
    public static bool IsStale(PostgresException e) => e.SqlState is
        PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected;

    /// <summary>Null for what is a fault of ours.</summary>
    public static Exception? Translate(Exception e) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => new StorageFullException("The database's disk is full.", e),
        PostgresException { SqlState: PostgresErrorCodes.IoError or PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted } =>
            new StorageFailedException("The database cannot be read or written reliably.", e),
        PostgresException { IsTransient: true } => new StorageUnavailableException("The database cannot answer now.", e),
        PostgresException => null,
        NpgsqlException => new StorageUnavailableException("The database does not answer.", e),
        _ => null,
    };
}
