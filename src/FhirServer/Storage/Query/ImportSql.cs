using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>What an import asks of the store beside the resources themselves.</summary>
internal static class ImportSql
{
    /// <summary>Keys behind a surrogate key that are reserved for what something refers to and nobody has written: type, id.</summary>
    public static SqlStatement Missing(SqlDialect dialect, long after, int limit)
    {
        var arguments = new SqlArguments(dialect);
        var (from, count) = (arguments.Add(after), arguments.Add((long)limit));
        return new($"SELECT {dialect.Top(count)}r.Sid, r.Type, r.Id FROM Resource r WHERE r.Sid > {from} AND r.Version = 0 ORDER BY r.Sid{dialect.Limit(count)}", arguments.Values);
    }

    public static (long Sid, ResourceKey Key) Key(IRow row) => (row.Int64(0), new(ResourceTypes.NameOf((int)row.Int64(1)), row.Text(2)));
}
