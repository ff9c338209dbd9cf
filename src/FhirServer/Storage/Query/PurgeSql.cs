using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Statements of purges and of the jobs that carry them on.</summary>
internal static class PurgeSql
{
    /// <summary>Resources of a patient, deletions included, in order of their surrogate keys; the patient itself is left out.</summary>
    public static SqlStatement Members(SqlDialect dialect, long patient, long after, int limit)
    {
        var arguments = new SqlArguments(dialect);
        var (owner, behind, count) = (arguments.Add(patient), arguments.Add(after), arguments.Add((long)limit));
        return new(
            $"SELECT {dialect.Top(count)}{ResourceRow.Columns("r")} FROM Resource r WHERE r.Owner = {owner} AND r.Sid <> {owner} AND r.Sid > {behind} AND r.Version > 0 "
            + $"ORDER BY r.Sid{dialect.Limit(count)}", arguments.Values);
    }

    /// <summary>One resource by its surrogate key.</summary>
    public static SqlStatement One(SqlDialect dialect, long sid) =>
        new($"SELECT {ResourceRow.Columns("r")} FROM Resource r WHERE r.Sid = {dialect.Argument(1)} AND r.Version > 0", [sid]);

    public static SqlStatement IsPurged(SqlDialect dialect, string digest) => new($"SELECT COUNT(*) FROM Purged p WHERE p.Digest = {dialect.Argument(1)}", [digest]);

    /// <summary>Jobs of a kind in a state whose lease is over: Id, Created, Client, Progress.</summary>
    public static SqlStatement Jobs(SqlDialect dialect, string kind, string state, long now) => new(
        $"SELECT j.Id, j.Created, j.Client, j.Progress FROM Job j WHERE j.Kind = {dialect.Argument(1)} AND j.State = {dialect.Argument(2)} AND j.LeaseUntil < {dialect.Argument(3)} ORDER BY j.Id",
        [kind, state, now]);

    public static JobStep Job(IRow row, string kind, string state) => new(row.Text(0), kind, state, row.Int64(1), 0, row.Text(2), row.Text(3));
}
