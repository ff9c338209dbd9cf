using Microsoft.Data.SqlClient;

namespace FhirEmr.FhirServer.Storage.SqlServer;

/// <summary>What SQL Server's error numbers mean to the store.</summary>
internal static class SqlServerFaults
{
    /// <summary>Duplicate key (2601, 2627), deadlock victim (1205), snapshot conflict (3960), our own checks (50409): someone else wrote first.</summary>
    public static bool IsStale(SqlException e) => e.Number is 2601 or 2627 or 1205 or 3960 or 50409;

    /// <summary>Null for what is a fault of ours.</summary>
    public static Exception? Translate(SqlException e) => e.Number switch
    {
        1105 or 9002 => new StorageFullException("The database's disk or log is full.", e),
        823 or 824 or 825 => new StorageFailedException("The database cannot be read or written reliably.", e),
        -2 or -1 or 2 or 53 or 121 or 233 or 258 or 4060 or 10053 or 10054 or 10060 or 10061 or 18456 or 40197 or 40501 or 40613 =>
            new StorageUnavailableException("The database does not answer.", e),
        _ => null,
    };
}
