using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage.Subscriptions;

/// <summary>Statements on the tables of subscriptions. Times are milliseconds since 1970 UTC.</summary>
internal static class SubscriptionSql
{
    private const string Elsewhere = "Another node has the subscription, or its owner has changed it.";
    private const string Columns = "s.Sid, s.Id, s.Version, s.State, s.After, s.Delivered, s.Due, s.Failing, s.Failures, s.Owner, s.Fault, s.LeaseOwner";

    /// <summary>Those whose events are kept.</summary>
    public static SqlStatement Live { get; } = new($"SELECT {Columns} FROM Subscription s WHERE s.State <> '{SubscriptionState.Off}'", []);

    public static SqlStatement One(SqlDialect dialect, long sid) => new($"SELECT {Columns} FROM Subscription s WHERE s.Sid = {dialect.Argument(1)}", [sid]);

    public static SqlStatement ById(SqlDialect dialect, string id) => new($"SELECT {Columns} FROM Subscription s WHERE s.Id = {dialect.Argument(1)}", [id]);

    public static SqlStatement Ids(SqlDialect dialect, int limit)
    {
        var count = dialect.Argument(1);
        return new($"SELECT {dialect.Top(count)}s.Id FROM Subscription s ORDER BY s.Sid{dialect.Limit(count)}", [(long)limit]);
    }

    /// <summary>Those that something is to be done for, and that no node works on.</summary>
    /// <param name="leases">Leases that end by then count as ended.</param>
    public static SqlStatement Due(SqlDialect dialect, long now, long leases, int limit)
    {
        var (at, free, count) = (dialect.Argument(1), dialect.Argument(2), dialect.Argument(3));
        return new(
            $"SELECT {dialect.Top(count)}s.Sid FROM Subscription s WHERE s.LeaseUntil <= {free} AND (s.Due <= {at} "
            + $"OR (s.State = '{SubscriptionState.Active}' AND s.Failures = 0 AND EXISTS (SELECT 1 FROM SubscriptionEvent e WHERE e.Subscription = s.Sid AND e.Number > s.Delivered))) "
            + $"ORDER BY s.Due, s.Sid{dialect.Limit(count)}", [now, leases, (long)limit]);
    }

    /// <summary>Number of its last event that is kept.</summary>
    public static SqlStatement LastNumber(SqlDialect dialect, long sid) => new($"SELECT MAX(e.Number) FROM SubscriptionEvent e WHERE e.Subscription = {dialect.Argument(1)}", [sid]);

    public static SqlStatement FirstNumber(SqlDialect dialect, long sid) => new($"SELECT MIN(e.Number) FROM SubscriptionEvent e WHERE e.Subscription = {dialect.Argument(1)}", [sid]);

    /// <summary>Events behind a number up to another, in order, with the versions they are about.</summary>
    public static SqlStatement Events(SqlDialect dialect, long sid, long after, long until, int limit)
    {
        var a = new SqlArguments(dialect);
        var count = a.Add((long)limit);
        return new(
            $"SELECT {dialect.Top(count)}e.Number, e.At, r.Sid, r.Type, r.Id, e.Version, COALESCE(h.LastUpdated, r.LastUpdated), COALESCE(h.Deleted, r.Deleted), COALESCE(h.Method, r.Method), COALESCE(h.Body, r.Body), "
            + "CASE WHEN h.Version IS NOT NULL OR r.Version = e.Version THEN 1 ELSE 0 END "
            + "FROM SubscriptionEvent e LEFT JOIN Resource r ON r.Sid = e.Sid LEFT JOIN ResourceHistory h ON h.Sid = e.Sid AND h.Version = e.Version "
            + $"WHERE e.Subscription = {a.Add(sid)} AND e.Number > {a.Add(after)} AND e.Number <= {a.Add(until)} ORDER BY e.Number{dialect.Limit(count)}", a.Values);
    }

    public static SubscriptionEvent ReadEvent(IRow row, BodyCodec codec) =>
        new(row.Int64(0), row.Int64(1), row.Int64(10) == 0 ? null : ResourceRow.Read(row, codec, from: 2));

    /// <summary>Versions named one by one, current or older.</summary>
    public static SqlStatement Versions(SqlDialect dialect, IEnumerable<(long Sid, int Version)> versions)
    {
        var a = new SqlArguments(dialect);
        var each = versions.Select(v => (Sid: a.Add(v.Sid), Version: a.Add((long)v.Version))).ToList();
        return new(
            $"SELECT {ResourceRow.Columns("r")} FROM Resource r WHERE {string.Join(" OR ", each.Select(v => $"(r.Sid = {v.Sid} AND r.Version = {v.Version})"))} "
            + "UNION ALL SELECT h.Sid, h.Type, r.Id, h.Version, h.LastUpdated, h.Deleted, h.Method, h.Body "
            + $"FROM ResourceHistory h JOIN Resource r ON r.Sid = h.Sid WHERE {string.Join(" OR ", each.Select(v => $"(h.Sid = {v.Sid} AND h.Version = {v.Version})"))}",
            a.Values);
    }

    public static ColumnRows NewEvents(IReadOnlyList<(long Subscription, long Number, long Sid, int Version, long At)> events) => new(
        "SubscriptionEvent", ["Subscription", "Number", "Sid", "Version", "At"],
        [
            events.Select(e => e.Subscription).ToArray(), events.Select(e => e.Number).ToArray(), events.Select(e => e.Sid).ToArray(),
            events.Select(e => e.Version).ToArray(), events.Select(e => e.At).ToArray(),
        ]);

    /// <summary>The owner has written it: it begins, or begins anew, as that version says. What was delivered stays delivered.</summary>
    public static IEnumerable<PlanStatement> Write(SubscriptionRow row) =>
    [
        new(dialect =>
        {
            var a = new SqlArguments(dialect);
            return new(
                $"UPDATE Subscription SET After = CASE WHEN State = '{SubscriptionState.Off}' THEN {a.Add(row.After)} ELSE After END, State = {a.Add(row.State)}, Version = {a.Add((long)row.Version)}, "
                + $"Owner = {a.Add(row.Owner)}, Due = {a.Add(row.Due)}, Failures = 0, Failing = 0, Fault = {a.Add(row.Fault)} WHERE Sid = {a.Add(row.Sid)}", a.Values);
        }, null),
        new(dialect =>
        {
            var a = new SqlArguments(dialect);
            return new(
                "INSERT INTO Subscription (Sid, Id, Version, State, After, Delivered, Due, Failing, Failures, LeaseUntil, LeaseOwner, Owner, Fault) "
                + $"SELECT {a.Add(row.Sid)}, {a.Add(row.Id)}, {a.Add((long)row.Version)}, {a.Add(row.State)}, {a.Add(row.After)}, 0, {a.Add(row.Due)}, 0, 0, 0, '', {a.Add(row.Owner)}, {a.Add(row.Fault)} "
                + $"WHERE NOT EXISTS (SELECT 1 FROM Subscription s WHERE s.Sid = {a.Add(row.Sid)})", a.Values);
        }, null),
    ];

    /// <summary>The resource is gone, and with it all that was kept for it.</summary>
    public static IEnumerable<PlanStatement> Forget(long sid) =>
    [
        new(dialect => new($"DELETE FROM SubscriptionEvent WHERE Subscription = {dialect.Argument(1)}", [sid]), null),
        new(dialect => new($"DELETE FROM Subscription WHERE Sid = {dialect.Argument(1)}", [sid]), null),
    ];

    public static PlanStatement Claim(long sid, string owner, long now, long until) => new(dialect =>
    {
        var a = new SqlArguments(dialect);
        return new($"UPDATE Subscription SET LeaseOwner = {a.Add(owner)}, LeaseUntil = {a.Add(until)} WHERE Sid = {a.Add(sid)} AND LeaseUntil <= {a.Add(now)}", a.Values);
    }, Elsewhere);

    public static PlanStatement Renew(long sid, string owner, long until) => new(dialect =>
    {
        var a = new SqlArguments(dialect);
        return new($"UPDATE Subscription SET LeaseUntil = {a.Add(until)} WHERE Sid = {a.Add(sid)} AND LeaseOwner = {a.Add(owner)}", a.Values);
    }, Elsewhere);

    /// <summary>How far it is; fails when another node has it or its owner wrote another version meanwhile.</summary>
    /// <param name="until">End of the lease; 0 gives it back.</param>
    public static PlanStatement Keep(SubscriptionRow row, string owner, long until) => new(dialect =>
    {
        var a = new SqlArguments(dialect);
        return new(
            $"UPDATE Subscription SET State = {a.Add(row.State)}, Delivered = {a.Add(row.Delivered)}, Due = {a.Add(row.Due)}, Failing = {a.Add(row.Failing)}, Failures = {a.Add((long)row.Failures)}, "
            + $"Fault = {a.Add(row.Fault)}, LeaseUntil = {a.Add(until)} WHERE Sid = {a.Add(row.Sid)} AND LeaseOwner = {a.Add(owner)} AND Version = {a.Add((long)row.Version)}", a.Values);
    }, Elsewhere);

    /// <summary>It is to be looked at now.</summary>
    public static PlanStatement Hasten(long sid) => new(dialect => new($"UPDATE Subscription SET Due = 0 WHERE Sid = {dialect.Argument(1)}", [sid]), null);

    /// <summary>Goes back, or on, to deliver from behind a number, whatever became of it before; whoever works on it notices by its lease.</summary>
    public static PlanStatement Replay(long sid, long delivered, string state) => new(dialect =>
    {
        var a = new SqlArguments(dialect);
        return new(
            $"UPDATE Subscription SET Delivered = {a.Add(delivered)}, State = {a.Add(state)}, Due = 0, Failing = 0, Failures = 0, Fault = {a.Add("")}, LeaseUntil = 0, LeaseOwner = {a.Add("")} "
            + $"WHERE Sid = {a.Add(sid)}", a.Values);
    }, "The subscription is gone.");

    /// <summary>Forgets events from before an instant, and those of subscriptions that are gone. The last of each stays, since the next number comes from it.</summary>
    public static IEnumerable<PlanStatement> Sweep(long before) =>
    [
        new(dialect => new(
            $"DELETE FROM SubscriptionEvent WHERE At < {dialect.Argument(1)} AND EXISTS (SELECT 1 FROM SubscriptionEvent n WHERE n.Subscription = SubscriptionEvent.Subscription AND n.Number > SubscriptionEvent.Number)",
            [before]), null),
        new(_ => new("DELETE FROM SubscriptionEvent WHERE NOT EXISTS (SELECT 1 FROM Subscription s WHERE s.Sid = SubscriptionEvent.Subscription)", []), null),
    ];

    /// <summary>Subscriptions whose resource was purged.</summary>
    public static SqlStatement Orphans { get; } = new(
        "SELECT s.Sid FROM Subscription s WHERE NOT EXISTS (SELECT 1 FROM Resource r WHERE r.Sid = s.Sid AND r.Deleted = 0 AND r.Version > 0)", []);
}
