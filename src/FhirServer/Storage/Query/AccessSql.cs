using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>A caller's rights to one interaction as conditions on a resource row; empty text where the plan opens everything.</summary>
/// <remarks>Each text begins with AND. Statements put it inside, before order, limit and count (security.md S-31).</remarks>
internal sealed class AccessSql(SqlDialect dialect, AccessPlan access, Interaction interaction)
{
    /// <summary>The row, which is of that type, is one the caller may reach.</summary>
    public string Of(string type, SqlArguments arguments, string alias)
    {
        if (access.IsEverything)
            return "";
        var to = access.Of(type);
        if (!to.Allows(interaction))
            return " AND 1 = 0";
        return to.Where(interaction) is { } where ? $" AND {Condition(where, arguments, alias)}" : "";
    }

    /// <summary>The row, which is of one of these types, is one the caller may reach.</summary>
    public string OfAny(IReadOnlyList<string> types, SqlArguments arguments, string alias)
    {
        if (access.IsEverything)
            return "";
        var allowed = types.Where(t => access.Of(t).Allows(interaction)).ToList();
        if (allowed.Count == 0)
            return " AND 1 = 0";
        var among = allowed.Count == types.Count ? "" : $" AND {dialect.Probe($"{alias}.Type")} IN ({Numbers(allowed)})";
        return among + (TypeFilters.Of(allowed, interaction, access) is { } filter ? $" AND {Condition(filter, arguments, alias)}" : "");
    }

    /// <summary>Resources of the types that the plan names at all.</summary>
    public string Types(string alias)
    {
        var allowed = ResourceTypes.All.Where(t => access.Of(t).Allows(interaction)).ToList();
        return access.IsEverything || allowed.Count == ResourceTypes.All.Count ? "" : allowed.Count == 0 ? " AND 1 = 0" : $" AND {alias}.Type IN ({Numbers(allowed)})";
    }

    /// <summary>Condition, without AND, that the resource of the version row stands within reach now, or is deleted: then its last content decides.</summary>
    public string Standing(string type, SqlArguments arguments, string alias)
    {
        if (!access.Of(type).Allows(interaction))
            return "1 = 0";
        if (access.Of(type).Where(interaction) is not { } where)
            return "1 = 1";
        var (number, owner) = (ResourceTypes.NumberOf(type), ConditionSql.OwnerOf(where));
        var (condition, isDriven, _) = new ConditionSql(dialect, arguments).All(where, "f", owner);
        var ofOwner = owner is { } o ? $" AND g.Owner = {arguments.Add(o)}" : "";
        return $"{alias}.Sid IN (SELECT f.Sid FROM Resource f WHERE {(isDriven ? dialect.Probe("f.Type") : "f.Type")} = {number} AND f.Deleted = 0 AND {condition}"
            + $" UNION ALL SELECT g.Sid FROM Resource g WHERE g.Type = {number} AND g.Deleted = 1{ofOwner})";
    }

    /// <summary>Of types with withheld elements a wildcard follows only what R4 reads from others.</summary>
    public string FollowsOnly(string column)
    {
        if (!access.HasMasks)
            return "";
        var closed = ResourceTypes.All.Where(t => access.Withheld(t, interaction).Count > 0)
            .Select(t => $"(n.Type = '{t}'{(WithheldParameters.OpenReferences(t, access) is { Count: > 0 } open ? $" AND n.Code NOT IN ({string.Join(", ", open.Select(c => $"'{c}'"))})" : "")})")
            .ToList();
        return closed.Count == 0 ? "" : $" AND {column} NOT IN (SELECT n.Number FROM Parameter n WHERE {string.Join(" OR ", closed)})";
    }

    private string Condition(SearchExpression where, SqlArguments arguments, string alias) => new ConditionSql(dialect, arguments).Beside(where, alias);

    private static string Numbers(IEnumerable<string> types) => string.Join(", ", types.Select(ResourceTypes.NumberOf));
}
