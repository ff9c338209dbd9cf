using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage.Jobs;

/// <summary>Statements on the table of jobs. Times are milliseconds since 1970 UTC.</summary>
internal static class JobSql
{
    private const string Standing = "j.Id, j.Kind, j.State, j.Client, j.Created, j.Updated, j.Progress, j.LeaseUntil";
    private const string Elsewhere = "The job is no longer this worker's.";

    public static SqlStatement Find(SqlDialect dialect, string id, string client) => new(
        "SELECT j.Id, j.Kind, j.State, j.Client, j.Created, j.Updated, j.Progress, j.Answer "
        + $"FROM Job j WHERE j.Id = {dialect.Argument(1)} AND j.Client = {dialect.Argument(2)}", [id, client]);

    public static SqlStatement Request(SqlDialect dialect, string id) => new($"SELECT j.Request, j.Client FROM Job j WHERE j.Id = {dialect.Argument(1)}", [id]);

    /// <summary>Jobs nobody works on, oldest first.</summary>
    public static SqlStatement Due(SqlDialect dialect, string kind, long now, int limit)
    {
        var (of, at, count) = (dialect.Argument(1), dialect.Argument(2), dialect.Argument(3));
        return new(
            $"SELECT {dialect.Top(count)}j.Id FROM Job j WHERE j.Kind = {of} AND (j.State = '{JobState.Queued}' OR (j.State = '{JobState.Running}' AND j.LeaseUntil <= {at})) "
            + $"ORDER BY j.Created, j.Id{dialect.Limit(count)}", [kind, now, (long)limit]);
    }

    public static PlanStatement Add(JobRow job, byte[] request) => new(dialect => new(
        "INSERT INTO Job (Id, Kind, State, Client, Created, Updated, Progress, Answer, Request, LeaseUntil, LeaseOwner) "
        + $"VALUES ({string.Join(", ", Enumerable.Range(1, 9).Select(dialect.Argument))}, 0, ''){dialect.KeepsExisting}",
        [job.Id, job.Kind, job.State, job.Client, job.Created, job.Updated, job.Progress, job.Answer, request]), "The job is there already.");

    /// <summary>Leaves the job's row as the step says, whether it was there or not.</summary>
    public static IEnumerable<PlanStatement> Save(JobStep job) =>
    [
        new(dialect =>
        {
            var a = new SqlArguments(dialect);
            return new(
                "INSERT INTO Job (Id, Kind, State, Client, LeaseOwner, LeaseUntil, Created, Updated, Progress, Request, Answer) "
                + $"SELECT {a.Add(job.Id)}, {a.Add(job.Kind)}, {a.Add(job.State)}, {a.Add(job.Client)}, {a.Add(job.LeaseOwner)}, {a.Add(job.LeaseUntil)}, {a.Add(job.Created)}, {a.Add(job.Updated)}, "
                + $"{a.Add(job.Progress)}, {dialect.EmptyBlob}, {dialect.EmptyBlob} WHERE NOT EXISTS (SELECT 1 FROM Job j WHERE j.Id = {a.Add(job.Id)})", a.Values);
        }, null),
        new(dialect =>
        {
            var a = new SqlArguments(dialect);
            return new(
                $"UPDATE Job SET State = {a.Add(job.State)}, Updated = {a.Add(job.Updated)}, LeaseUntil = {a.Add(job.LeaseUntil)}, LeaseOwner = {a.Add(job.LeaseOwner)}, Progress = {a.Add(job.Progress)} "
                + $"WHERE Id = {a.Add(job.Id)}", a.Values);
        }, null),
    ];

    /// <summary>Takes a due job, or fails because another worker was faster.</summary>
    public static PlanStatement Claim(string id, string owner, long now, long until) => new(dialect =>
    {
        var a = new SqlArguments(dialect);
        return new(
            $"UPDATE Job SET State = '{JobState.Running}', LeaseOwner = {a.Add(owner)}, LeaseUntil = {a.Add(until)} "
            + $"WHERE Id = {a.Add(id)} AND (State = '{JobState.Queued}' OR (State = '{JobState.Running}' AND LeaseUntil <= {a.Add(now)}))", a.Values);
    }, Elsewhere);

    /// <summary>Ends the leases of jobs of a kind: for who knows that nobody else is there to hold one.</summary>
    public static PlanStatement Release(string kind) => new(dialect =>
        new($"UPDATE Job SET LeaseUntil = 0 WHERE Kind = {dialect.Argument(1)} AND State = '{JobState.Running}'", [kind]), null);

    /// <summary>Keeps a job for longer; fails when it was cancelled or taken over.</summary>
    public static PlanStatement Renew(string id, string owner, long until) => new(dialect =>
    {
        var a = new SqlArguments(dialect);
        return new($"UPDATE Job SET LeaseUntil = {a.Add(until)} WHERE Id = {a.Add(id)} AND State = '{JobState.Running}' AND LeaseOwner = {a.Add(owner)}", a.Values);
    }, Elsewhere);

    /// <summary>How far it is, and keeps it for longer; fails when it was cancelled or taken over.</summary>
    public static PlanStatement Checkpoint(string id, string owner, long now, long until, string progress) => new(dialect =>
    {
        var a = new SqlArguments(dialect);
        return new(
            $"UPDATE Job SET LeaseUntil = {a.Add(until)}, Updated = {a.Add(now)}, Progress = {a.Add(progress)} "
            + $"WHERE Id = {a.Add(id)} AND State = '{JobState.Running}' AND LeaseOwner = {a.Add(owner)}", a.Values);
    }, Elsewhere);

    /// <summary>Ends a job so that whoever works on it can commit nothing more; what it left is cleared away afterwards.</summary>
    public static PlanStatement Cancel(string id, string client) => new(dialect =>
    {
        var a = new SqlArguments(dialect);
        return new($"UPDATE Job SET State = '{JobState.Cancelled}' WHERE Id = {a.Add(id)} AND Client = {a.Add(client)}", a.Values);
    }, null);

    /// <summary>Jobs whose results are to go: cancelled, or done before an instant. Their ids, clients and progress.</summary>
    public static SqlStatement Over(SqlDialect dialect, string kind, long before, int limit)
    {
        var (of, at, count) = (dialect.Argument(1), dialect.Argument(2), dialect.Argument(3));
        return new(
            $"SELECT {dialect.Top(count)}j.Id, j.Client, j.Progress FROM Job j WHERE j.Kind = {of} AND (j.State = '{JobState.Cancelled}' OR (j.State = '{JobState.Done}' AND j.Updated <= {at})) "
            + $"ORDER BY j.Created, j.Id{dialect.Limit(count)}", [kind, before, (long)limit]);
    }

    /// <summary>How many jobs of a kind a client has that are not done.</summary>
    public static SqlStatement Unfinished(SqlDialect dialect, string kind, string client) => new(
        $"SELECT COUNT(*) FROM Job j WHERE j.Kind = {dialect.Argument(1)} AND j.Client = {dialect.Argument(2)} AND j.State IN ('{JobState.Queued}', '{JobState.Running}')", [kind, client]);

    /// <summary>Stores what came of it and drops the request.</summary>
    public static PlanStatement Finish(string id, string owner, long now, byte[] answer) => new(dialect =>
    {
        var a = new SqlArguments(dialect);
        return new(
            $"UPDATE Job SET State = '{JobState.Done}', Updated = {a.Add(now)}, Answer = {a.Add(answer)}, Request = {a.Add(Array.Empty<byte>())} "
            + $"WHERE Id = {a.Add(id)} AND State = '{JobState.Running}' AND LeaseOwner = {a.Add(owner)}", a.Values);
    }, Elsewhere);

    /// <summary>Ends a turn of work that comes again: the row stays, free for whoever begins the next.</summary>
    public static PlanStatement EndTurn(string id, string owner, long now, string progress) => new(dialect =>
    {
        var a = new SqlArguments(dialect);
        return new(
            $"UPDATE Job SET State = '{JobState.Queued}', LeaseUntil = 0, LeaseOwner = '', Updated = {a.Add(now)}, Progress = {a.Add(progress)} "
            + $"WHERE Id = {a.Add(id)} AND State = '{JobState.Running}' AND LeaseOwner = {a.Add(owner)}", a.Values);
    }, Elsewhere);

    /// <summary>For operators: a job whoever asked for it, without what came of it.</summary>
    public static SqlStatement One(SqlDialect dialect, string id) => new($"SELECT {Standing} FROM Job j WHERE j.Id = {dialect.Argument(1)}", [id]);

    /// <summary>For operators: the newest jobs of all clients, but not those of one kind.</summary>
    public static SqlStatement Newest(SqlDialect dialect, string besides, int limit)
    {
        var (kind, count) = (dialect.Argument(1), dialect.Argument(2));
        return new($"SELECT {dialect.Top(count)}{Standing} FROM Job j WHERE j.Kind <> {kind} ORDER BY j.Created DESC, j.Id DESC{dialect.Limit(count)}", [besides, (long)limit]);
    }

    public static PlanStatement Remove(string id, string client) => new(dialect =>
        new($"DELETE FROM Job WHERE Id = {dialect.Argument(1)} AND Client = {dialect.Argument(2)}", [id, client]), null);

    /// <summary>Forgets what was done before an instant.</summary>
    public static PlanStatement Sweep(string kind, long before) => new(dialect =>
        new($"DELETE FROM Job WHERE Kind = {dialect.Argument(1)} AND State = '{JobState.Done}' AND Updated < {dialect.Argument(2)}", [kind, before]), null);
}
