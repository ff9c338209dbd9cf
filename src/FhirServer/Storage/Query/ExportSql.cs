using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>One stretch of what a bulk export reads: resources of a type as they stood at an instant, in an order that later writes do not disturb.</summary>
/// <remarks>
/// Current versions no newer than the instant come from the resources; what was written over since comes from the history. A version keeps its
/// surrogate key and its time when it moves from the one to the other, so the two halves of one stretch, read in one snapshot, are exact and the
/// next stretch may be read in a later one. Columns as <see cref="ResourceRow"/>.
/// </remarks>
internal static class ExportSql
{
    public static SqlStatement Current(SqlDialect dialect, ExportStretch stretch, int limit)
    {
        var arguments = new SqlArguments(dialect);
        var conditions = new ConditionSql(dialect, arguments);
        var (where, isDriven) = stretch.Where switch
        {
            null => ("", false),
            { } all when stretch.IsDriven && conditions.All(all, "r", ConditionSql.OwnerOf(all)) is var driven => (" AND " + driven.Text, driven.IsDriven),
            { } all => (" AND " + conditions.Beside(all, "r"), false),
        };
        var type = isDriven ? dialect.Probe("r.Type") : "r.Type";
        var owned = stretch.IsOwned ? $" AND {dialect.Probe("r.Owner")} <> 0" : "";
        var updated = stretch.ByTime && !isDriven ? "r.LastUpdated" : dialect.Probe("r.LastUpdated");
        var until = $"{updated} <= {arguments.Add(stretch.Instant)}";
        var count = arguments.Add((long)limit);
        return new(
            $"SELECT {dialect.Top(count)}{ResourceRow.Columns("r")} FROM Resource r WHERE {type} = {ResourceTypes.NumberOf(stretch.Type)} AND r.Deleted = {(stretch.Deleted ? 1 : 0)} AND r.Version > 0 "
            + $"AND {Behind(stretch, arguments, isDriven ? dialect.Probe("r.Sid") : "r.Sid", updated)} AND {(stretch.ByTime ? until : dialect.Nearly(until))}{owned}{where} ORDER BY {Order(stretch, "r")}{dialect.Limit(count)}",
            arguments.Values);
    }

    /// <summary>Versions that stood then and were written over since, up to where the other half ends.</summary>
    public static SqlStatement Changed(SqlDialect dialect, ExportStretch stretch, ExportPosition end, int limit)
    {
        var arguments = new SqlArguments(dialect);
        var at = arguments.Add(stretch.Instant);
        var upTo = end == ExportPosition.End ? "" : stretch.ByTime
            ? $" AND h.LastUpdated <= {arguments.Add(end.Updated)} AND (h.LastUpdated < {arguments.Add(end.Updated)} OR h.Sid <= {arguments.Add(end.Sid)})"
            : $" AND h.Sid <= {arguments.Add(end.Sid)}";
        var count = arguments.Add((long)limit);
        return new(
            $"SELECT {dialect.Top(count)}h.Sid, r.Type, r.Id, h.Version, h.LastUpdated, h.Deleted, h.Method, h.Body FROM Resource r JOIN ResourceHistory h ON h.Sid = r.Sid "
            + $"WHERE r.Type = {ResourceTypes.NumberOf(stretch.Type)} AND r.LastUpdated > {at} AND r.Version > 1 AND {PastSql.Stood(at)} AND h.Deleted = {(stretch.Deleted ? 1 : 0)} "
            + $"AND {Behind(stretch, arguments, "h.Sid", "h.LastUpdated")}{upTo} ORDER BY {Order(stretch, "h")}{dialect.Limit(count)}",
            arguments.Values);
    }

    private static string Behind(ExportStretch stretch, SqlArguments arguments, string sid, string updated) => stretch.ByTime
        ? $"{updated} >= {arguments.Add(stretch.After.Updated)} AND ({updated} > {arguments.Add(stretch.After.Updated)} OR {sid} > {arguments.Add(stretch.After.Sid)})"
        : $"{sid} > {arguments.Add(stretch.After.Sid)}";

    private static string Order(ExportStretch stretch, string alias) => stretch.ByTime ? $"{alias}.LastUpdated, {alias}.Sid" : $"{alias}.Sid";
}

/// <param name="Instant">Milliseconds since 1970 UTC: nothing later is part of the export.</param>
/// <param name="ByTime">In the order of last updates, for what changed since an instant; otherwise in that of surrogate keys.</param>
/// <param name="After">Where the stretch before it ended.</param>
internal sealed record ExportStretch(string Type, long Instant, bool ByTime, ExportPosition After)
{
    /// <summary>Deletions instead of what is there.</summary>
    public bool Deleted { get; init; }

    /// <summary>What current versions must satisfy; versions written over since are not in the index and are looked at one by one.</summary>
    public SearchExpression? Where { get; init; }

    /// <summary>The condition leaves few of the type: they are found by it, and not by going through the type.</summary>
    public bool IsDriven { get; init; }

    /// <summary>Only what belongs to some patient.</summary>
    public bool IsOwned { get; init; }
}

/// <summary>The last resource of a stretch.</summary>
/// <param name="Updated">Milliseconds since 1970 UTC; of no meaning in the order of surrogate keys.</param>
internal readonly record struct ExportPosition(long Updated, long Sid)
{
    /// <summary>Before everything.</summary>
    public static ExportPosition Start => new(0, 0);

    /// <summary>Behind everything.</summary>
    public static ExportPosition End => new(long.MaxValue, long.MaxValue);

    /// <summary>Behind whatever was last updated by then.</summary>
    public static ExportPosition Since(long instant) => new(instant, long.MaxValue);

    public static ExportPosition Of(StoredResource resource) => new(resource.LastUpdated.ToUnixTimeMilliseconds(), resource.Sid);

    public int Compare(ExportPosition other, bool byTime) => byTime && Updated != other.Updated ? Updated.CompareTo(other.Updated) : Sid.CompareTo(other.Sid);
}
