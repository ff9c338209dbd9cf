using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage.Sqlite;

/// <summary>Executes plans on the writer's session with statements prepared once.</summary>
internal sealed class SqliteCommit(SqliteSession session)
{
    private readonly SqliteStatement insert = session.Keep("""
        INSERT INTO Resource (Sid, Type, Id, Version, LastUpdated, Deleted, Method, Owner, Body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT DO NOTHING
        """);

    private readonly SqliteStatement update = session.Keep("""
        UPDATE Resource SET Version = ?4, LastUpdated = ?5, Deleted = ?6, Method = ?7, Owner = ?8, Body = ?9
        WHERE Sid = ?1 AND Type = ?2 AND Id = ?3 AND Version = ?10
        """);

    private readonly SqliteStatement keepOld = session.Keep("""
        INSERT INTO ResourceHistory (Sid, Version, Type, LastUpdated, Deleted, Method, Body)
        SELECT Sid, Version, Type, LastUpdated, Deleted, Method, Body FROM Resource WHERE Sid = ?1 AND Version = ?2
        """);

    private readonly SqliteStatement anchor = session.Keep("""
        INSERT INTO Resource (Sid, Type, Id, Version, LastUpdated, Deleted, Method, Owner, Body) VALUES (?1, ?2, ?3, 0, 0, 1, 0, 0, x'')
        ON CONFLICT DO NOTHING
        """);

    private readonly SqliteStatement sidOf = session.Keep("SELECT Sid FROM Resource WHERE Type = ?1 AND Id = ?2");
    private readonly SqliteStatement isAt = session.Keep("SELECT 1 FROM Resource WHERE Sid = ?1 AND Version = ?2 AND Deleted = 0");
    private readonly SqliteStatement change = session.Keep("INSERT INTO Change (Sid, Version) VALUES (?1, ?2)");
    private readonly SqliteStatement text = session.Keep("INSERT OR IGNORE INTO TokenText (Hash, Text) VALUES (?1, ?2)");
    private readonly SqliteStatement shape = session.Keep("INSERT OR IGNORE INTO Shape (Type, Hash, Params) VALUES (?1, ?2, ?3)");
    private readonly SqliteStatement display = session.Keep("INSERT OR IGNORE INTO TokenDisplay (Param, Folded, Hash, System) VALUES (?1, ?2, ?3, ?4)");
    private readonly SqliteStatement current = session.Keep("SELECT 1 FROM Resource WHERE Sid = ?1 AND Deleted = 0 AND Version > 0");
    private readonly Dictionary<string, SqliteStatement> inserts = new(StringComparer.Ordinal);
    private readonly SqliteIndexWriter index = new(session);
    private readonly SqliteMaintenance maintenance = new(session);
    private readonly SqliteContents contents = new(session);
    private long deletions;

    /// <summary>
    /// Counts deletions twice: when one is executed, for plans behind it in the same transaction, and when it is committed, for plans whose
    /// reads began in between.
    /// </summary>
    public long Deletions => Interlocked.Read(ref deletions);

    /// <summary>A deletion stands in the transaction under way: a plan may have read its targets after that and before the commit.</summary>
    public bool HasDeleted { get; private set; }

    public void MarkCommitted()
    {
        if (HasDeleted)
            Interlocked.Increment(ref deletions);
        HasDeleted = false;
    }

    /// <summary>Null when done; otherwise what no longer holds, and the caller must roll back.</summary>
    public string? Execute(PreparedPlan prepared)
    {
        var plan = prepared.Plan;
        foreach (var statement in plan.Statements)
            if (Run(statement) == 0 && statement.MustChange is { } otherwise)
                return otherwise;

        foreach (var rows in plan.Records)
            Insert(rows);
        if (plan.Contents.Count > 0 && contents.Execute(plan.Contents) is { } gone)
            return gone;
        foreach (var (sid, key) in plan.Anchors)
            if (!Anchor(sid, key))
                return $"{key} has another key by now.";

        if (plan.Targets.Count > 0 && (plan.DeletionMark != Deletions || HasDeleted) && plan.Targets.Exists(sid => !IsCurrent(sid)))
            return "A resource referred to was deleted meanwhile.";

        var deleted = new List<long>();
        foreach (var write in plan.Writes)
        {
            if (!Write(write))
                return $"{write.Key} is no longer at version {write.ExpectedVersion}.";
            if (write.IsDeleted)
                deleted.Add(write.Sid);
        }

        foreach (var purge in plan.Purges)
            if (!maintenance.Purge(purge))
                return $"{purge.Key} is no longer at version {purge.ExpectedVersion}.";

        foreach (var fill in plan.Fills)
            if (!IsAt(fill.Sid, fill.Version))
                return "A resource changed while it was being indexed.";

        index.Write(prepared);
        foreach (var correction in plan.Corrections)
            if (!maintenance.Correct(correction))
                return "A resource was written while its index rows were being put right.";
        if (plan.Purges.Count > 0)
        {
            if (plan.DeletesOnlyUnreferenced)
                deleted.AddRange(plan.Purges.Select(p => p.Sid));
            MarkDeletion();
            maintenance.FinishPurge(plan.Purges);
        }

        if (deleted.Count > 0)
        {
            MarkDeletion();
            if (plan.DeletesOnlyUnreferenced && SqliteRead.Query(session, ReferrersSql.Any(SqlDialect.Sqlite, deleted), r => r.Int64(0), CancellationToken.None).Count > 0)
                return "Something refers to what is being deleted.";
        }

        foreach (var (hash, value) in plan.Texts)
        {
            text.Bind(1, hash);
            text.Bind(2, value);
            text.Run();
        }

        foreach (var (type, hash, set) in plan.Shapes)
        {
            shape.Bind(1, type);
            shape.Bind(2, hash);
            shape.Bind(3, set);
            shape.Run();
        }

        foreach (var entry in plan.Displays)
        {
            display.Bind(1, entry.Param);
            display.Bind(2, entry.Folded);
            display.Bind(3, entry.Hash);
            display.Bind(4, entry.System);
            display.Run();
        }

        return null;
    }

    private bool IsAt(long sid, int version)
    {
        isAt.Bind(1, sid);
        isAt.Bind(2, version);
        var holds = isAt.Step();
        isAt.Reset();
        return holds;
    }

    private int Run(PlanStatement statement)
    {
        var (text, arguments) = statement.Compose(SqlDialect.Sqlite);
        var prepared = session.Prepare(text);
        for (var i = 0; i < arguments.Count; i++)
            prepared.BindArgument(i + 1, arguments[i]);
        return prepared.Run();
    }

    private void Insert(ColumnRows rows)
    {
        if (!inserts.TryGetValue(rows.Table, out var statement))
            inserts[rows.Table] = statement = session.Keep(
                $"INSERT INTO {rows.Table} ({string.Join(", ", rows.Columns)}) VALUES ({string.Join(", ", rows.Columns.Select((_, i) => $"?{i + 1}"))})");
        for (var i = 0; i < rows.Count; i++)
        {
            for (var c = 0; c < rows.Values.Length; c++)
                switch (rows.Values[c])
                {
                    case long[] n: statement.Bind(c + 1, n[i]); break;
                    case int[] n: statement.Bind(c + 1, n[i]); break;
                    case short[] n: statement.Bind(c + 1, n[i]); break;
                    case string[] s: statement.Bind(c + 1, s[i]); break;
                    default: statement.Bind(c + 1, ((byte[][])rows.Values[c])[i].AsSpan()); break;
                }
            statement.Run();
        }
    }

    private bool Write(ResourceWrite write)
    {
        if (write.ExpectedVersion > 0)
        {
            keepOld.Bind(1, write.Sid);
            keepOld.Bind(2, write.ExpectedVersion);
            if (keepOld.Run() != 1 || !Run(update, write))
                return false;
        }
        else if (!Run(insert, write) && !Run(update, write))
        {
            return false;
        }

        change.Bind(1, write.Sid);
        change.Bind(2, write.Version);
        change.Run();
        return true;
    }

    private bool Run(SqliteStatement statement, ResourceWrite write)
    {
        statement.Bind(1, write.Sid);
        statement.Bind(2, ResourceTypes.NumberOf(write.Key.Type));
        statement.Bind(3, write.Key.Id);
        statement.Bind(4, write.Version);
        statement.Bind(5, write.LastUpdated);
        statement.Bind(6, write.IsDeleted ? 1 : 0);
        statement.Bind(7, HttpVerb.NumberOf(write));
        statement.Bind(8, write.Owner);
        statement.Bind(9, write.Body);
        if (statement == update)
            statement.Bind(10, write.ExpectedVersion);
        return statement.Run() == 1;
    }

    private void MarkDeletion()
    {
        HasDeleted = true;
        Interlocked.Increment(ref deletions);
    }

    private bool IsCurrent(long sid)
    {
        current.Bind(1, sid);
        var found = current.Step();
        current.Reset();
        return found;
    }

    private bool Anchor(long sid, ResourceKey key)
    {
        anchor.Bind(1, sid);
        anchor.Bind(2, ResourceTypes.NumberOf(key.Type));
        anchor.Bind(3, key.Id);
        if (anchor.Run() == 1)
            return true;

        sidOf.Bind(1, ResourceTypes.NumberOf(key.Type));
        sidOf.Bind(2, key.Id);
        var same = sidOf.Step() && sidOf.Int64(0) == sid;
        sidOf.Reset();
        return same;
    }
}
