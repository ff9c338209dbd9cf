using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage.Sqlite;

/// <summary>The rare parts of a plan, on the writer's session: purges, corrections of index rows, job rows.</summary>
internal sealed class SqliteMaintenance(SqliteSession session)
{
    /// <summary>Removes content and history; the row itself goes in <see cref="FinishPurge"/>, when all rows of the plan are gone.</summary>
    public bool Purge(ResourceWrite purge)
    {
        Run("DELETE FROM ResourceHistory WHERE Sid = ?1", purge.Sid);
        return Run(
            "UPDATE Resource SET Version = 0, LastUpdated = 0, Deleted = 1, Method = 0, Owner = 0, Body = x'' WHERE Sid = ?1 AND Version = ?2",
            purge.Sid, purge.ExpectedVersion) == 1;
    }

    public void FinishPurge(IReadOnlyList<ResourceWrite> purges)
    {
        foreach (var purge in purges)
            if (SqliteRead.Query(session, ReferrersSql.Any(SqlDialect.Sqlite, [purge.Sid]), r => r.Int64(0), CancellationToken.None).Count == 0)
                Run("DELETE FROM Resource WHERE Sid = ?1 AND Version = 0", purge.Sid);
        Apply(ColumnRows.Purged(purges), "INSERT OR REPLACE");
    }

    public bool Correct(RowCorrection correction)
    {
        if (correction.Version >= 0 && SqliteRead.Query(session, new("SELECT 1 FROM Resource WHERE Sid = ?1 AND Version = ?2", [correction.Sid, (long)correction.Version]), r => 1, CancellationToken.None).Count == 0)
            return false;
        foreach (var rows in correction.Removed)
            for (var i = 0; i < rows.Count; i++)
                Run($"DELETE FROM {rows.Table} WHERE {string.Join(" AND ", rows.Columns.Select((c, n) => $"{c} = ?{n + 1}"))}", Values(rows, i));
        foreach (var rows in correction.Added)
            Apply(rows, "INSERT OR IGNORE");
        return true;
    }

    private void Apply(ColumnRows rows, string verb)
    {
        for (var i = 0; i < rows.Count; i++)
            Run($"{verb} INTO {rows.Table} ({string.Join(", ", rows.Columns)}) VALUES ({string.Join(", ", rows.Columns.Select((_, n) => $"?{n + 1}"))})", Values(rows, i));
    }

    private static object[] Values(ColumnRows rows, int row) => [.. rows.Values.Select(column => column.GetValue(row)!)];

    private int Run(string sql, params object[] arguments)
    {
        var statement = session.Prepare(sql);
        for (var i = 0; i < arguments.Length; i++)
            switch (arguments[i])
            {
                case byte[] bytes: statement.Bind(i + 1, bytes); break;
                case short number: statement.Bind(i + 1, (long)number); break;
                default: statement.BindArgument(i + 1, arguments[i]); break;
            }

        return statement.Run();
    }
}
