using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage.Audit;

/// <summary>Statements on the tables of the audit.</summary>
internal static class AuditSql
{
    public const string SealColumns = "s.Node, s.Ordinal, s.Sealed, s.Floor, s.Count, s.KeyName, s.Members, s.Head";

    public static SqlStatement NewestNumber { get; } = new("SELECT MAX(a.Number) FROM Audit a", []);

    /// <summary>Names of secrets; those of the last seals come beside.</summary>
    public static SqlStatement SealedWith { get; } = new("SELECT DISTINCT c.KeyName FROM AuditCheckpoint c", []);

    public static SqlStatement Nodes { get; } = new("SELECT n.Node, n.LeaseUntil, n.LeaseOwner FROM AuditNode n ORDER BY n.Node", []);

    public static SqlStatement SealedNodes { get; } = new("SELECT s.Node, MAX(s.Ordinal), CAST(SUM(CAST(s.Count AS bigint)) AS bigint) FROM AuditSeal s GROUP BY s.Node ORDER BY s.Node", []);

    public static SqlStatement Rows(SqlDialect dialect, long[] numbers) =>
        new($"SELECT a.Number, a.Node, a.Body, a.Mac FROM Audit a WHERE {dialect.InNumbers("a.Number", dialect.Argument(1))}", [numbers]);

    /// <summary>Rows in the order of their keys.</summary>
    public static SqlStatement After(SqlDialect dialect, long after, long until, int limit) => new(
        $"SELECT {dialect.Top(dialect.Argument(3))}a.Number, a.Node, a.Body, a.Mac FROM Audit a WHERE a.Number > {dialect.Argument(1)} AND a.Number < {dialect.Argument(2)} "
        + $"ORDER BY a.Number{dialect.Limit(dialect.Argument(3))}", [after, until, (long)limit]);

    /// <summary>Rows in which a record of that key, and no earlier than the other, can be: the nearest first.</summary>
    public static SqlStatement Around(SqlDialect dialect, long from, long number, int limit) => new(
        $"SELECT {dialect.Top(dialect.Argument(3))}a.Number, a.Node, a.Body, a.Mac FROM Audit a WHERE a.Number >= {dialect.Argument(1)} AND a.Number <= {dialect.Argument(2)} "
        + $"ORDER BY a.Number DESC{dialect.Limit(dialect.Argument(3))}", [from, number, (long)limit]);

    public static SqlStatement NumbersAfter(SqlDialect dialect, long after, long until, int limit) => new(
        $"SELECT {dialect.Top(dialect.Argument(3))}a.Number FROM Audit a WHERE a.Number > {dialect.Argument(1)} AND a.Number < {dialect.Argument(2)} "
        + $"ORDER BY a.Number{dialect.Limit(dialect.Argument(3))}", [after, until, (long)limit]);

    public static SqlStatement Seals(SqlDialect dialect, int node, long after, int limit) => new(
        $"SELECT {dialect.Top(dialect.Argument(3))}{SealColumns} FROM AuditSeal s WHERE s.Node = {dialect.Argument(1)} AND s.Ordinal > {dialect.Argument(2)} "
        + $"ORDER BY s.Ordinal{dialect.Limit(dialect.Argument(3))}", [(long)node, after, (long)limit]);

    public static SqlStatement LastSeal(SqlDialect dialect, int node) => new(
        $"SELECT {dialect.Top(dialect.Argument(2))}{SealColumns} FROM AuditSeal s WHERE s.Node = {dialect.Argument(1)} ORDER BY s.Ordinal DESC{dialect.Limit(dialect.Argument(2))}", [(long)node, 1L]);

    /// <summary>The last seal made before an instant.</summary>
    public static SqlStatement SealBefore(SqlDialect dialect, int node, long instant) => new(
        $"SELECT MAX(s.Ordinal) FROM AuditSeal s WHERE s.Node = {dialect.Argument(1)} AND s.Sealed < {dialect.Argument(2)}", [(long)node, instant]);

    public static SqlStatement SealedAfter(SqlDialect dialect, int node, long ordinal) => new(
        $"SELECT CAST(SUM(CAST(s.Count AS bigint)) AS bigint) FROM AuditSeal s WHERE s.Node = {dialect.Argument(1)} AND s.Ordinal > {dialect.Argument(2)}", [(long)node, ordinal]);

    public static SqlStatement Checkpoints(SqlDialect dialect, int node) => new(
        $"SELECT c.Ordinal, c.Made, c.Total, c.KeyName, c.Head, c.Signature FROM AuditCheckpoint c WHERE c.Node = {dialect.Argument(1)} ORDER BY c.Ordinal", [(long)node]);

    /// <summary>The lease of an owner that is gone becomes another's.</summary>
    public static PlanStatement Claim(int node, string gone, string owner, long until) => new(dialect =>
    {
        var a = new SqlArguments(dialect);
        return new($"UPDATE AuditNode SET LeaseOwner = {a.Add(owner)}, LeaseUntil = {a.Add(until)} WHERE Node = {a.Add((long)node)} AND LeaseOwner = {a.Add(gone)}", a.Values);
    }, "Another process has the node.");

    public static PlanStatement Renew(int node, string owner, long until) => new(dialect =>
    {
        var a = new SqlArguments(dialect);
        return new($"UPDATE AuditNode SET LeaseUntil = {a.Add(until)} WHERE Node = {a.Add((long)node)} AND LeaseOwner = {a.Add(owner)}", a.Values);
    }, "Another process has the node.");

    public static ColumnRows NewNode(int node, string owner, long until, string name) =>
        new("AuditNode", ["Node", "LeaseUntil", "LeaseOwner", "Name"], [new[] { node }, new[] { until }, new[] { owner }, new[] { name }]);

    public static ColumnRows AuditRows(long[] numbers, int[] nodes, byte[][] bodies, byte[][] macs) =>
        new("Audit", ["Number", "Node", "Body", "Mac"], [numbers, nodes, bodies, macs]);

    public static ColumnRows SealRow(SealRow seal) => new(
        "AuditSeal", ["Node", "Ordinal", "Sealed", "Floor", "Count", "KeyName", "Members", "Head"],
        [new[] { seal.Node }, new[] { seal.Ordinal }, new[] { seal.Sealed }, new[] { seal.Floor }, new[] { seal.Count }, new[] { seal.KeyName }, new[] { seal.Members }, new[] { seal.Head }]);

    public static ColumnRows CheckpointRow(int node, CheckpointRow checkpoint) => new(
        "AuditCheckpoint", ["Node", "Ordinal", "Made", "Total", "KeyName", "Head", "Signature"],
        [new[] { node }, new[] { checkpoint.Ordinal }, new[] { checkpoint.Made }, new[] { checkpoint.Total }, new[] { checkpoint.KeyName }, new[] { checkpoint.Head }, new[] { checkpoint.Signature }]);

    public static SealRow ReadSeal(IRow row) => new(
        (int)row.Int64(0), row.Int64(1), row.Int64(2), row.Int64(3), (int)row.Int64(4), row.Text(5), row.Blob(6).ToArray(), row.Blob(7).ToArray());

    public static CheckpointRow ReadCheckpoint(IRow row) => new(row.Int64(0), row.Int64(1), row.Int64(2), row.Text(3), row.Blob(4).ToArray(), row.Blob(5).ToArray());
}

/// <summary>A row of the audit as it lies on disk: one record, or some that were stored together.</summary>
/// <param name="Number">Key of its first record.</param>
internal readonly record struct AuditRow(long Number, int Node, byte[] Body, byte[] Mac)
{
    public static AuditRow Read(IRow row) => new(row.Int64(0), (int)row.Int64(1), row.Blob(2).ToArray(), row.Blob(3).ToArray());
}

/// <summary>A link of a node's chain: the rows it lists in order, bound to all links before it.</summary>
/// <param name="Ordinal">1, 2, 3, ... on each node.</param>
/// <param name="Sealed">Milliseconds since 1970 UTC.</param>
/// <param name="Floor">No row of the node with a smaller key can still come.</param>
/// <param name="KeyName">The secret it is made with.</param>
/// <param name="Count">Records in its rows.</param>
/// <param name="Members">Keys of the rows, packed.</param>
/// <param name="Head">HMAC of the link before, this one and its rows.</param>
internal sealed record SealRow(int Node, long Ordinal, long Sealed, long Floor, int Count, string KeyName, byte[] Members, byte[] Head);

/// <param name="Ordinal">The seal whose head it signs.</param>
/// <param name="Total">Records sealed on the node until then.</param>
internal sealed record CheckpointRow(long Ordinal, long Made, long Total, string KeyName, byte[] Head, byte[] Signature);
