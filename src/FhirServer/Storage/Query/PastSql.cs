using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>What changed after an instant (milliseconds since 1970 UTC) and was there before: the version of then lies in the history.</summary>
/// <remarks>
/// Found by the index of last updates, so the cost is that of what changed. What was first written after the instant is no version 2 or has no
/// version as old as that; what was deleted at the instant was not there.
/// </remarks>
internal static class PastSql
{
    /// <summary>Surrogate keys, each once; of these types (none named: of all) and, when ids are given, of those only.</summary>
    public static SqlStatement Changed(SqlDialect dialect, IReadOnlyList<string> types, IEnumerable<string>? ids, long instant, long limit)
    {
        var arguments = new SqlArguments(dialect);
        var (at, count) = (arguments.Add(instant), arguments.Add(limit));
        var named = ids is null ? "" : $" AND {dialect.InTexts("r.Id", arguments.Add(ids.ToArray()))}";
        return new(
            $"SELECT {dialect.Top(count)}h.Sid FROM Resource r JOIN ResourceHistory h ON h.Sid = r.Sid "
            + $"WHERE r.Type IN ({string.Join(", ", (types is [] ? ResourceTypes.All : types).Select(ResourceTypes.NumberOf))}){named} AND r.LastUpdated > {at} AND r.Version > 1 AND {WasCurrent(at)}{dialect.Limit(count)}",
            arguments.Values);
    }

    /// <summary>The versions of then, of those among these keys that changed since. Columns as <see cref="ResourceRow"/>.</summary>
    public static SqlStatement Versions(SqlDialect dialect, IEnumerable<long> sids, long instant)
    {
        var arguments = new SqlArguments(dialect);
        var at = arguments.Add(instant);
        return new(
            "SELECT h.Sid, r.Type, r.Id, h.Version, h.LastUpdated, h.Deleted, h.Method, h.Body FROM Resource r JOIN ResourceHistory h ON h.Sid = r.Sid "
            + $"WHERE {dialect.InNumbers("r.Sid", arguments.Add(sids.ToArray()))} AND r.LastUpdated > {at} AND {WasCurrent(at)} ORDER BY h.Sid",
            arguments.Values);
    }

    /// <summary>Surrogate key and id of resources of a type, whether they are there or only referred to.</summary>
    public static SqlStatement Keys(SqlDialect dialect, string type, IEnumerable<string> ids)
    {
        var arguments = new SqlArguments(dialect);
        return new($"SELECT r.Sid, r.Id FROM Resource r WHERE r.Type = {ResourceTypes.NumberOf(type)} AND {dialect.InTexts("r.Id", arguments.Add(ids.ToArray()))}", arguments.Values);
    }

    /// <summary>The version in the history was the last one then, be it a deletion.</summary>
    public static string Stood(string at) =>
        $"h.LastUpdated <= {at} AND NOT EXISTS (SELECT 1 FROM ResourceHistory n WHERE n.Sid = h.Sid AND n.Version = h.Version + 1 AND n.LastUpdated <= {at})";

    private static string WasCurrent(string at) => $"{Stood(at)} AND h.Deleted = 0";
}
