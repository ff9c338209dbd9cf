namespace FhirEmr.FhirServer.Storage.Schema;

/// <summary>How one engine spells the column types and names of the store's schema.</summary>
/// <param name="Name">Table and column names: PostgreSQL folds unquoted names to lower case, so there they are lower case.</param>
/// <param name="Text">Column type of a text of at most so many UTF-16 units.</param>
/// <param name="Code">Column type of an ASCII text of at most so many characters.</param>
/// <param name="Collation">Ordinal collation; null when the type already is ordinal.</param>
internal sealed record SchemaEngine(
    Func<string, string> Name, Func<int, string> Text, Func<int, string> Code, string LongText, string Blob, string Int, string SmallInt, string Bool,
    string? Collation)
{
    public static readonly SchemaEngine Sqlite =
        new(n => n, _ => "TEXT", _ => "TEXT", "TEXT", "BLOB", "INTEGER", "INTEGER", "INTEGER", null);

    public static readonly SchemaEngine Postgres =
        new(n => n.ToLowerInvariant(), _ => "text", _ => "text", "text", "bytea", "integer", "smallint", "smallint", "C");

    /// <remarks>BIN2 compares code units, so index order is the same on every engine; nvarchar keeps keys below the 900-byte limit.</remarks>
    public static readonly SchemaEngine SqlServer =
        new(n => n, n => $"nvarchar({n})", n => $"nvarchar({n})", "nvarchar(max)", "varbinary(max)", "int", "smallint", "smallint", "Latin1_General_100_BIN2");
}
