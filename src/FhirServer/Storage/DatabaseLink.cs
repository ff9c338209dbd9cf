using System.Net;
using Microsoft.Data.SqlClient;
using Npgsql;

namespace FhirEmr.FhirServer.Storage;

/// <summary>Whether records can be read, or taken by somebody who only says to be the database, on their way to it (security S-60).</summary>
internal static class DatabaseLink
{
    /// <summary>Null when they cannot; else a sentence with the fix.</summary>
    public static string? Fault(StorageOptions storage) => storage switch
    {
        { TrustedNetwork: true } => null,
        { Provider: StorageOptions.Postgres } when new NpgsqlConnectionStringBuilder(storage.ConnectionString) is var postgres && !IsProven(postgres) && !IsHere(postgres) =>
            $"The certificate of the database is not checked (SSL Mode={postgres.SslMode}): say SSL Mode=VerifyFull in Storage:ConnectionString, with Root Certificate where the issuer is your own{OrTrusted}",
        { Provider: StorageOptions.SqlServer } when new SqlConnectionStringBuilder(storage.ConnectionString) is var sql && (sql.TrustServerCertificate || sql.Encrypt == SqlConnectionEncryptOption.Optional) && !IsHere(sql) =>
            $"The certificate of the database is not checked: say Encrypt=True and no TrustServerCertificate in Storage:ConnectionString{OrTrusted}",
        _ => null,
    };

    private const string OrTrusted = ", or set Storage:TrustedNetwork=true when nobody else is on the network between.";

    /// <summary>Without its name any certificate of a public issuer would do, so that one counts only with an issuer of one's own.</summary>
    private static bool IsProven(NpgsqlConnectionStringBuilder postgres) =>
        postgres.SslMode == SslMode.VerifyFull || (postgres.SslMode == SslMode.VerifyCA && !string.IsNullOrEmpty(postgres.RootCertificate));

    /// <summary>Every one of the hosts, since any may be the one.</summary>
    private static bool IsHere(NpgsqlConnectionStringBuilder postgres) => (postgres.Host ?? "").Split(',').All(host => host.StartsWith('/') || host.StartsWith('@') || IsLoopback(NameIn(host)));

    private static bool IsHere(SqlConnectionStringBuilder sql)
    {
        var name = sql.DataSource.StartsWith("tcp:", StringComparison.OrdinalIgnoreCase) ? sql.DataSource[4..] : sql.DataSource;
        return name.Split(',', '\\')[0].Trim() is var host && (host is "." or "(local)" || host.StartsWith("(localdb)", StringComparison.OrdinalIgnoreCase) || IsLoopback(host));
    }

    private static string NameIn(string host) => host.IndexOf(':', StringComparison.Ordinal) is var at && at > 0 && at == host.LastIndexOf(':') ? host[..at] : host;

    private static bool IsLoopback(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
