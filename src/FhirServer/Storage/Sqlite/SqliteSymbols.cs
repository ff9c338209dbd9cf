using FhirEmr.FhirServer.Storage.Symbols;

namespace FhirEmr.FhirServer.Storage.Sqlite;

/// <summary>Numbers are given in memory at once and written by the writer before the first plan that can use them, in its transaction.</summary>
internal sealed class SqliteSymbols : SymbolTable
{
    private const string InsertSymbol = "INSERT INTO Symbol (Number, Text) VALUES (?1, ?2)";
    private const string InsertParameter = "INSERT INTO Parameter (Number, Type, Code) VALUES (?1, ?2, ?3)";

    private readonly Queue<Pending> pending = new();
    private readonly List<Pending> flushed = [];
    private int lastSymbol;
    private int lastParameter;
    private volatile bool any;

    public void Load(SqliteSession session)
    {
        Each("SELECT Number, Text FROM Symbol", r => LoadSymbol(r.Text(1), lastSymbol = Math.Max(lastSymbol, (int)r.Int64(0))));
        Each("SELECT Number, Type, Code FROM Parameter", r =>
        {
            lastParameter = Math.Max(lastParameter, (int)r.Int64(0));
            LoadParameter(r.Text(1), r.Text(2), (int)r.Int64(0));
        });
        Each("SELECT Type, Hash, Params FROM Shape", r => LoadShape((int)r.Int64(0), r.Int64(1), r.Text(2)));

        void Each(string sql, Action<SqliteStatement> read)
        {
            var statement = session.Prepare(sql);
            while (statement.Step())
                read(statement);
            statement.Reset();
        }
    }

    /// <summary>Writes what is pending into the open transaction.</summary>
    public void Flush(SqliteSession session)
    {
        if (!any)
            return;

        lock (Gate)
        {
            while (pending.TryDequeue(out var symbol))
            {
                flushed.Add(symbol);
                var insert = session.Prepare(symbol.Code is null ? InsertSymbol : InsertParameter);
                insert.Bind(1, symbol.Number);
                insert.Bind(2, symbol.Text);
                if (symbol.Code is not null)
                    insert.Bind(3, symbol.Code);
                insert.Run();
            }

            any = false;
        }
    }

    public void Committed() => flushed.Clear();

    public void RolledBack()
    {
        lock (Gate)
        {
            foreach (var symbol in flushed)
                pending.Enqueue(symbol);
            flushed.Clear();
            any = pending.Count > 0;
        }
    }

    protected override int CreateSymbol(string text) => Enqueue(new(++lastSymbol, text, null));

    protected override int CreateParameter(string type, string code) => Enqueue(new(++lastParameter, type, code));

    private int Enqueue(Pending symbol)
    {
        pending.Enqueue(symbol);
        any = true;
        return symbol.Number;
    }

    private readonly record struct Pending(int Number, string Text, string? Code);
}
