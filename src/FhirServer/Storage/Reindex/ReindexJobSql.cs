using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage.Reindex;

/// <summary>Statements on the jobs that fill or clear the index, worded alike on every engine.</summary>
internal static class ReindexJobSql
{
    public static SqlStatement OfKind(SqlDialect dialect, string kind) => new(
        $"SELECT j.Id, j.State, j.LeaseOwner, j.LeaseUntil, j.Created, j.Updated, j.Progress FROM Job j WHERE j.Kind = {dialect.Argument(1)} ORDER BY j.Created, j.Id", [kind]);

    public static ReindexRow Read(IRow row) => new(row.Text(0), row.Text(1), row.Text(2), row.Int64(3), row.Int64(4), row.Int64(5), row.Text(6));

    /// <summary>Adds the job unless one of that id is there.</summary>
    public static SqlStatement Insert(SqlDialect dialect, string kind, ReindexRow job)
    {
        var a = dialect.Argument;
        return new(
            "INSERT INTO Job (Id, Kind, State, Client, LeaseOwner, LeaseUntil, Created, Updated, Progress, Request, Answer) "
            + $"SELECT {a(1)}, {a(2)}, {a(3)}, '', '', 0, {a(4)}, {a(5)}, {a(6)}, {dialect.EmptyBlob}, {dialect.EmptyBlob} WHERE NOT EXISTS (SELECT 1 FROM Job j WHERE j.Id = {a(1)})",
            [job.Id, kind, job.State, job.Created, job.Updated, job.Progress]);
    }

    /// <summary>Replaces what the caller saw as <paramref name="seen"/>.</summary>
    public static SqlStatement Update(SqlDialect dialect, ReindexRow job, long seen)
    {
        var a = dialect.Argument;
        return new(
            $"UPDATE Job SET State = {a(1)}, LeaseOwner = {a(2)}, LeaseUntil = {a(3)}, Updated = {a(4)}, Progress = {a(5)} WHERE Id = {a(6)} AND Updated = {a(7)}",
            [job.State, job.LeaseOwner, job.LeaseUntil, job.Updated, job.Progress, job.Id, seen]);
    }

    public static SqlStatement Delete(SqlDialect dialect, string id) => new($"DELETE FROM Job WHERE Id = {dialect.Argument(1)}", [id]);
}
