using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Statements that find out what a caller may reach.</summary>
internal static class ReachSql
{
    /// <summary>Resources as they stand, deletions among them.</summary>
    public static SqlStatement Current(SqlDialect dialect, IEnumerable<long> sids)
    {
        var arguments = new SqlArguments(dialect);
        return new($"SELECT {ResourceRow.Columns("r")} FROM Resource r WHERE {dialect.InNumbers("r.Sid", arguments.Add(sids.ToArray()))} AND r.Version > 0", arguments.Values);
    }

    /// <summary>Those of some keys that are known: surrogate key, number of the type, id.</summary>
    public static SqlStatement Keys(SqlDialect dialect, IEnumerable<ResourceKey> keys)
    {
        var arguments = new SqlArguments(dialect);
        var each = keys.GroupBy(k => k.Type, k => k.Id)
            .Select(t => $"(r.Type = {ResourceTypes.NumberOf(t.Key)} AND {dialect.InTexts("r.Id", arguments.Add(t.ToArray()))})").ToList();
        return new($"SELECT r.Sid, r.Type, r.Id FROM Resource r WHERE {string.Join(" OR ", each)}", arguments.Values);
    }

    /// <summary>Where resources stand: surrogate key, version, whether deleted.</summary>
    public static SqlStatement Standing(SqlDialect dialect, IEnumerable<long> sids)
    {
        var arguments = new SqlArguments(dialect);
        return new($"SELECT r.Sid, r.Version, r.Deleted FROM Resource r WHERE {dialect.InNumbers("r.Sid", arguments.Add(sids.ToArray()))} AND r.Version > 0", arguments.Values);
    }

    /// <summary>Those of some current resources of a type that the caller may reach.</summary>
    public static SqlStatement Within(SqlDialect dialect, string type, IEnumerable<long> sids, AccessSql access)
    {
        var arguments = new SqlArguments(dialect);
        return new(
            $"SELECT r.Sid FROM Resource r WHERE {dialect.InNumbers("r.Sid", arguments.Add(sids.ToArray()))} AND r.Deleted = 0{access.Of(type, arguments, "r")}", arguments.Values);
    }

    /// <summary>Older versions, named one by one.</summary>
    public static SqlStatement Older(SqlDialect dialect, IEnumerable<(long Sid, int Version)> versions)
    {
        var arguments = new SqlArguments(dialect);
        var each = versions.Select(v => $"(h.Sid = {arguments.Add(v.Sid)} AND h.Version = {arguments.Add((long)v.Version)})").ToList();
        return new(
            "SELECT h.Sid, h.Type, r.Id, h.Version, h.LastUpdated, h.Deleted, h.Method, h.Body "
            + $"FROM Resource r JOIN ResourceHistory h ON h.Sid = r.Sid WHERE {string.Join(" OR ", each)}",
            arguments.Values);
    }

    /// <summary>A row when the Binary was stored by this user or client.</summary>
    public static SqlStatement CreatedBy(SqlDialect dialect, long binary, long creator) =>
        new($"SELECT c.Sid FROM BinaryCreator c WHERE c.Sid = {dialect.Argument(1)} AND c.Creator = {dialect.Argument(2)}", [binary, creator]);

    /// <summary>A row when something that the caller may reach refers to the Binary, by reference or as an attachment.</summary>
    public static SqlStatement Referrer(SqlDialect dialect, long binary, string id, AccessSql access)
    {
        var arguments = new SqlArguments(dialect);
        var codes = dialect.InTexts("n.Code", arguments.Add(SearchParameters.ReferenceCodes.ToArray()));
        var (target, address, one) = (arguments.Add(binary), arguments.Add("Binary/" + id), arguments.Add(1L));
        return new(
            $"SELECT {dialect.Top(one)}r.Sid FROM Resource r WHERE r.Deleted = 0 AND (r.Sid IN (SELECT x.Sid FROM Reference x WHERE x.Param IN (SELECT n.Number FROM Parameter n WHERE {codes}) AND x.Target = {target})"
            + $" OR r.Sid IN (SELECT u.Sid FROM Uri u WHERE u.Param IN (SELECT m.Number FROM Parameter m WHERE m.Type = 'DocumentReference' AND m.Code = 'location') AND u.Value = {address}))"
            + $"{access.OfAny(ResourceTypes.All, arguments, "r")}{dialect.Limit(one)}",
            arguments.Values);
    }
}
