using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Statements on the store's settings, worded alike on every engine.</summary>
internal static class SettingSql
{
    public static SqlStatement Find(SqlDialect dialect, string name) => new($"SELECT s.Value FROM Setting s WHERE s.Name = {dialect.Argument(1)}", [name]);

    /// <summary>Adds the setting unless it is there.</summary>
    public static SqlStatement Insert(SqlDialect dialect, string name, string value)
    {
        var a = dialect.Argument;
        return new($"INSERT INTO Setting (Name, Value) SELECT {a(1)}, {a(2)} WHERE NOT EXISTS (SELECT 1 FROM Setting s WHERE s.Name = {a(1)})", [name, value]);
    }

    public static SqlStatement Update(SqlDialect dialect, string name, string value) =>
        new($"UPDATE Setting SET Value = {dialect.Argument(1)} WHERE Name = {dialect.Argument(2)}", [value, name]);

    /// <summary>Sets it, whether it was there or not.</summary>
    public static IEnumerable<PlanStatement> Save(string name, string value) =>
        [new(dialect => Update(dialect, name, value), null), new(dialect => Insert(dialect, name, value), null)];
}
