using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Storage.Sqlite;

/// <summary>Writes index changes, table by table in key order.</summary>
/// <remarks>
/// A row that is there already is left as it is: after an extractor changed, the old body may yield other rows than were stored, and an
/// update must still go through (a reindex puts the rest right).
/// </remarks>
internal sealed class SqliteIndexWriter(SqliteSession session)
{
    private readonly Table tokens = new(session, "Token", "Param", "Hash", "Owner", "Sid", "System");
    private readonly Table references = new(session, "Reference", "Param", "Target", "Sid", "Owner");
    private readonly Table dates = new(session, "Date", "Param", "Owner", "Lo", "Hi", "Sid", "DayLo", "DayHi");
    private readonly Table strings = new(session, "String", "Param", "Folded", "Exact", "Owner", "Sid");
    private readonly Table numbers = new(session, "Number", "Param", "Value", "Owner", "Sid");
    private readonly Table quantities = new(session, "Quantity", "Param", "Unit", "Value", "Owner", "Sid");
    private readonly Table composites = new(session, "Composite", "Param", "Hash", "Unit", "Value", "Owner", "Sid", "System");
    private readonly Table uris = new(session, "Uri", "Param", "Value", "Sid", "Owner");

    public void Write(PreparedPlan plan)
    {
        tokens.Apply(plan.Tokens, static (s, e) => s.Token(e));
        references.Apply(plan.References, static (s, e) => s.Reference(e));
        dates.Apply(plan.Dates, static (s, e) => s.Date(e));
        strings.Apply(plan.Strings, static (s, e) => s.String(e));
        numbers.Apply(plan.Numbers, static (s, e) => s.Number(e));
        quantities.Apply(plan.Quantities, static (s, e) => s.Quantity(e));
        uris.Apply(plan.Uris, static (s, e) => s.Uri(e));
        composites.Apply(plan.Composites, static (s, e) => s.Composite(e));
    }

    private sealed class Table(SqliteSession session, string name, params string[] columns)
    {
        private readonly SqliteStatement insert = session.Keep(
            $"INSERT OR IGNORE INTO {name} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select((_, i) => $"?{i + 1}"))})");

        private readonly SqliteStatement delete = session.Keep(
            $"DELETE FROM {name} WHERE {string.Join(" AND ", columns.Select((c, i) => $"{c} = ?{i + 1}"))}");

        public void Apply<T>(IndexChanges<T> changes, Action<SqliteStatement, IndexEntry<T>> bind) where T : struct
        {
            foreach (var entry in changes.Removed)
            {
                bind(delete, entry);
                delete.Run();
            }

            foreach (var entry in changes.Added)
            {
                bind(insert, entry);
                insert.Run();
            }
        }
    }
}

/// <summary>Binds one entry in the order of its table's key.</summary>
file static class Binding
{
    public static void Token(this SqliteStatement s, IndexEntry<TokenRow> e)
    {
        s.Bind(1, e.Row.Param);
        s.Bind(2, e.Row.Hash);
        s.Bind(3, e.Owner);
        s.Bind(4, e.Sid);
        s.Bind(5, e.Row.System);
    }

    public static void Reference(this SqliteStatement s, IndexEntry<ReferenceRow> e)
    {
        s.Bind(1, e.Row.Param);
        s.Bind(2, e.Row.Target);
        s.Bind(3, e.Sid);
        s.Bind(4, e.Owner);
    }

    public static void Date(this SqliteStatement s, IndexEntry<DateRow> e)
    {
        s.Bind(1, e.Row.Param);
        s.Bind(2, e.Owner);
        s.Bind(3, e.Row.Lo);
        s.Bind(4, e.Row.Hi);
        s.Bind(5, e.Sid);
        s.Bind(6, e.Row.DayLo);
        s.Bind(7, e.Row.DayHi);
    }

    public static void String(this SqliteStatement s, IndexEntry<StringRow> e)
    {
        s.Bind(1, e.Row.Param);
        s.Bind(2, e.Row.Folded);
        s.Bind(3, e.Row.Exact);
        s.Bind(4, e.Owner);
        s.Bind(5, e.Sid);
    }

    public static void Number(this SqliteStatement s, IndexEntry<NumberRow> e)
    {
        s.Bind(1, e.Row.Param);
        s.Bind(2, e.Row.Value);
        s.Bind(3, e.Owner);
        s.Bind(4, e.Sid);
    }

    public static void Quantity(this SqliteStatement s, IndexEntry<QuantityRow> e)
    {
        s.Bind(1, e.Row.Param);
        s.Bind(2, e.Row.Unit);
        s.Bind(3, e.Row.Value);
        s.Bind(4, e.Owner);
        s.Bind(5, e.Sid);
    }

    public static void Uri(this SqliteStatement s, IndexEntry<UriRow> e)
    {
        s.Bind(1, e.Row.Param);
        s.Bind(2, e.Row.Value);
        s.Bind(3, e.Sid);
        s.Bind(4, e.Owner);
    }

    public static void Composite(this SqliteStatement s, IndexEntry<CompositeRow> e)
    {
        s.Bind(1, e.Row.Param);
        s.Bind(2, e.Row.Hash);
        s.Bind(3, e.Row.Unit);
        s.Bind(4, e.Row.Value);
        s.Bind(5, e.Owner);
        s.Bind(6, e.Sid);
        s.Bind(7, e.Row.System);
    }
}
