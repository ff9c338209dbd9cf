namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Where the three engines word the same query differently.</summary>
internal abstract class SqlDialect
{
    public static SqlDialect Sqlite { get; } = new SqliteDialect();

    public static SqlDialect Postgres { get; } = new PostgresDialect();

    public static SqlDialect SqlServer { get; } = new SqlServerDialect();

    /// <summary>Placeholder of the n-th argument, from 1.</summary>
    public abstract string Argument(int number);

    /// <summary>Condition that a number column is in the list of that argument.</summary>
    public abstract string InNumbers(string column, string list);

    /// <summary>Condition that a text column is in the list of that argument.</summary>
    public abstract string InTexts(string column, string list);

    public abstract string Contains(string column, string text);

    /// <summary>The comma-separated list in the column has the number.</summary>
    public abstract string HasListed(string column, int number);

    /// <summary>What follows SELECT to take the first rows; empty where it stands at the end.</summary>
    public virtual string Top(string count) => "";

    /// <summary>What ends a SELECT to take the first rows; empty where it stands at the start.</summary>
    public virtual string Limit(string count) => $" LIMIT {count}";

    /// <summary>Condition that there is such a row, asked anew for each row it stands beside and never turned into a join.</summary>
    /// <param name="rows">FROM and WHERE.</param>
    public virtual string LookUp(string rows) => $"EXISTS (SELECT 1 {rows})";

    /// <summary>What follows the SELECT of a step inside another's, so that it is worked out by itself and each of its rows counts once.</summary>
    public virtual string Apart => "";

    /// <summary>A condition that holds for nearly all rows, whatever the planner would think.</summary>
    public virtual string Nearly(string condition) => condition;

    /// <summary>What ends a sorted SELECT to take the one row behind so many.</summary>
    public virtual string Skip(string count) => $" LIMIT 1 OFFSET {count}";

    /// <summary>Literal of a blob without bytes.</summary>
    public virtual string EmptyBlob => "x''";

    /// <summary>A column the planner must not look up by: another condition was chosen to drive the query.</summary>
    public virtual string Probe(string column) => column;

    /// <summary>What ends an INSERT that leaves a row with the same key alone; SQL Server has none, its key violation makes the plan stale.</summary>
    public virtual string KeepsExisting => " ON CONFLICT DO NOTHING";

    /// <summary>Sorts behind every character: the end of a prefix range. UTF-8 engines order by code point, SQL Server by code unit.</summary>
    public virtual string LastCharacter => "\U0010FFFF";

    /// <summary>Order of two texts as the engine sorts them: the same rule as that of <see cref="LastCharacter"/>.</summary>
    public virtual int Compare(string a, string b)
    {
        for (var i = 0; i < Math.Min(a.Length, b.Length); i++)
            if (a[i] != b[i])
                return char.IsSurrogate(a[i]) == char.IsSurrogate(b[i]) ? a[i] - b[i] : char.IsSurrogate(a[i]) ? 1 : -1;
        return a.Length - b.Length;
    }

    /// <summary>So many characters from the start of a text, counted as the engine counts them.</summary>
    public virtual string Cut(string text, int length)
    {
        var at = 0;
        for (; length > 0 && at < text.Length; length--)
            at += char.IsHighSurrogate(text[at]) && at + 1 < text.Length ? 2 : 1;
        return text[..at];
    }

    /// <summary>A set difference is planned well as NOT EXISTS whatever the index; otherwise only with a matching one.</summary>
    public virtual bool PrefersNotExists => true;

    /// <summary>Statement that answers one text a fault of the database itself, or "ok"; null where the engine has none to run online.</summary>
    public virtual string? EngineCheck => null;

    private sealed class SqliteDialect : SqlDialect
    {
        public override string? EngineCheck => "PRAGMA integrity_check(20)";

        public override bool PrefersNotExists => false;

        public override string Argument(int number) => $"?{number}";

        public override string InNumbers(string column, string list) => $"{column} IN (SELECT j.value FROM json_each({list}) j)";

        public override string InTexts(string column, string list) => $"{column} IN (SELECT j.value FROM json_each({list}) j)";

        public override string Contains(string column, string text) => $"instr({column}, {text}) > 0";

        public override string HasListed(string column, int number) => $"instr(',' || {column} || ',', ',{number},') > 0";

        public override string Probe(string column) => "+" + column;
    }

    private sealed class PostgresDialect : SqlDialect
    {
        // Several equal columns multiply to a share far too small, and a join of everything then looks cheaper than a few look-ups.
        public override string LookUp(string rows) => $"(SELECT 1 {rows} LIMIT 1) IS NOT NULL";

        // Flattened into one join, steps multiply: a patient found by each of 500 results is followed 500 times, and again at the next step.
        public override string Apart => "DISTINCT ";

        public override string Nearly(string condition) => $"CASE WHEN {condition} THEN 1 END IS NOT NULL";

        public override string EmptyBlob => "''::bytea";

        public override string Argument(int number) => $"${number}";

        public override string InNumbers(string column, string list) => $"{column} = ANY({list})";

        public override string InTexts(string column, string list) => $"{column} = ANY({list})";

        public override string Contains(string column, string text) => $"strpos({column}, {text}) > 0";

        public override string HasListed(string column, int number) => $"strpos(',' || {column} || ',', ',{number},') > 0";
    }

    private sealed class SqlServerDialect : SqlDialect
    {
        public override string EmptyBlob => "0x";

        public override string Argument(int number) => $"@p{number}";

        public override string InNumbers(string column, string list) => $"{column} IN (SELECT CAST(j.value AS bigint) FROM OPENJSON({list}) j)";

        public override string InTexts(string column, string list) =>
            $"{column} IN (SELECT CAST(j.value AS nvarchar(64)) COLLATE Latin1_General_100_BIN2 FROM OPENJSON({list}) j)";

        public override string Contains(string column, string text) => $"CHARINDEX({text}, {column}) > 0";

        public override string HasListed(string column, int number) => $"CHARINDEX(',{number},', ',' + {column} + ',') > 0";

        public override string LastCharacter => "\uFFFF";

        public override int Compare(string a, string b) => string.CompareOrdinal(a, b);

        public override string Cut(string text, int length) => text.Length <= length ? text : text[..length];

        public override string Top(string count) => $"TOP ({count}) ";

        public override string Limit(string count) => "";

        public override string Skip(string count) => $" OFFSET {count} ROWS FETCH NEXT 1 ROWS ONLY";

        public override string KeepsExisting => "";
    }
}
