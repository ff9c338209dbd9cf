using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Statements that read whole ranges of the store to compare them.</summary>
internal static class VerifySql
{
    /// <summary>
    /// Resources of a type behind a surrogate key, deletions included: the columns of <see cref="ResourceRow"/>, then owner, of the older versions how
    /// many there are, the least and the greatest, and the version that the chain begins with: 1, or the one that was put back.
    /// </summary>
    public static SqlStatement Resources(SqlDialect dialect, string type, long after, long upTo, int limit)
    {
        var arguments = new SqlArguments(dialect);
        var (from, to, count) = (arguments.Add(after), arguments.Add(upTo), arguments.Add((long)limit));
        return new(
            $"SELECT {dialect.Top(count)}{ResourceRow.Columns("r")}, r.Owner, (SELECT COUNT(*) FROM ResourceHistory h WHERE h.Sid = r.Sid), "
            + "COALESCE((SELECT MIN(h.Version) FROM ResourceHistory h WHERE h.Sid = r.Sid), 0), COALESCE((SELECT MAX(h.Version) FROM ResourceHistory h WHERE h.Sid = r.Sid), 0), "
            + $"CASE WHEN r.Method = {HttpVerb.Restored} THEN r.Version ELSE COALESCE((SELECT MIN(h.Version) FROM ResourceHistory h WHERE h.Sid = r.Sid AND h.Method = {HttpVerb.Restored}), 1) END "
            + $"FROM Resource r WHERE r.Type = {ResourceTypes.NumberOf(type)} AND r.Sid > {from} AND r.Sid <= {to} AND r.Version > 0 ORDER BY {dialect.Probe("r.Sid")}{dialect.Limit(count)}",
            arguments.Values);
    }

    /// <summary>Where the window ends that begins behind a surrogate key and holds so many resources: least and greatest key, and how many.</summary>
    public static SqlStatement Window(SqlDialect dialect, string type, long after, int size)
    {
        var arguments = new SqlArguments(dialect);
        var (from, count) = (arguments.Add(after), arguments.Add((long)size));
        return new(
            $"SELECT COUNT(*), COALESCE(MAX(w.Sid), 0) FROM (SELECT {dialect.Top(count)}r.Sid FROM Resource r WHERE r.Type = {ResourceTypes.NumberOf(type)} "
            + $"AND r.Sid > {from} AND r.Version > 0 ORDER BY {dialect.Probe("r.Sid")}{dialect.Limit(count)}) w",
            arguments.Values);
    }

    /// <summary>Rows of an index table that belong to resources of a type, (from, to].</summary>
    public static SqlStatement Rows(SqlDialect dialect, string table, IReadOnlyList<string> columns, string type, long from, long to)
    {
        var arguments = new SqlArguments(dialect);
        var (name, low, high) = (arguments.Add(type), arguments.Add(from), arguments.Add(to));
        return new(
            $"SELECT {string.Join(", ", columns.Select(c => "x." + c))} FROM {table} x WHERE x.Param IN (SELECT n.Number FROM Parameter n WHERE n.Type = {name}) "
            + $"AND x.Sid > {low} AND x.Sid <= {high}",
            arguments.Values);
    }

    /// <summary>How many different versions of each resource the change feed has.</summary>
    public static SqlStatement Changes(SqlDialect dialect, long from, long to)
    {
        var arguments = new SqlArguments(dialect);
        var (low, high) = (arguments.Add(from), arguments.Add(to));
        return new($"SELECT c.Sid, COUNT(DISTINCT c.Version) FROM Change c WHERE c.Sid > {low} AND c.Sid <= {high} GROUP BY c.Sid", arguments.Values);
    }

    /// <summary>Which of these token texts are stored.</summary>
    public static SqlStatement Texts(SqlDialect dialect, IEnumerable<long> hashes)
    {
        var arguments = new SqlArguments(dialect);
        return new($"SELECT t.Hash FROM TokenText t WHERE {dialect.InNumbers("t.Hash", arguments.Add(hashes.ToArray()))}", arguments.Values);
    }

    /// <summary>Which of these parameter sets of a type are stored.</summary>
    public static SqlStatement Shapes(SqlDialect dialect, string type, IEnumerable<long> hashes)
    {
        var arguments = new SqlArguments(dialect);
        return new($"SELECT s.Hash FROM Shape s WHERE s.Type = {ResourceTypes.NumberOf(type)} AND {dialect.InNumbers("s.Hash", arguments.Add(hashes.ToArray()))}", arguments.Values);
    }

    /// <summary>Reserved keys that are not bare, and versions without a resource.</summary>
    public static SqlStatement BadAnchors(SqlDialect dialect) => new(
        "SELECT (SELECT COUNT(*) FROM Resource r WHERE r.Version = 0 AND (r.Deleted = 0 OR EXISTS (SELECT 1 FROM ResourceHistory h WHERE h.Sid = r.Sid))) "
        + "+ (SELECT COUNT(*) FROM ResourceHistory g WHERE NOT EXISTS (SELECT 1 FROM Resource k WHERE k.Sid = g.Sid))", []);

    /// <summary>Rows of an index table whose parameter the store does not know.</summary>
    public static SqlStatement UnknownParameters(SqlDialect dialect, string table) => new(
        $"SELECT COUNT(*) FROM {table} x WHERE NOT EXISTS (SELECT 1 FROM Parameter n WHERE n.Number = x.Param)", []);
}
