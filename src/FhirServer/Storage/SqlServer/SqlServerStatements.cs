using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage.SqlServer;

/// <summary>The fixed statements of the SQL Server store; the tests compile each of them.</summary>
internal static class SqlServerStatements
{
    public const string KeepOld = """
        INSERT INTO ResourceHistory (Sid, Version, Type, LastUpdated, Deleted, Method, Body)
        SELECT Sid, Version, Type, LastUpdated, Deleted, Method, Body FROM Resource WHERE Sid = @p1 AND Version = @p2
        """;

    public const string Update = """
        UPDATE Resource SET Version = @p4, LastUpdated = @p5, Deleted = @p6, Method = @p7, Owner = @p8, Body = @p9
        WHERE Sid = @p1 AND Type = @p2 AND Id = @p3 AND Version = @p4 - 1
        """;

    /// <remarks>Writes nothing new, but holds the row until the commit: an update begins before, or waits and then sees the rows put in.</remarks>
    public const string HoldVersion = "UPDATE Resource SET Version = Version WHERE Sid = @p1 AND Version = @p2 AND Deleted = 0";

    public const string DropAnchors = "DELETE FROM Resource WHERE Version = 0 AND Sid IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@p1) j)";

    /// <remarks>The range lock makes the check and the insert one step.</remarks>
    public const string Anchor = """
        INSERT INTO Resource (Sid, Type, Id, Version, LastUpdated, Deleted, Method, Owner, Body)
        SELECT @p1, @p2, @p3, 0, 0, 1, 0, 0, 0x WHERE NOT EXISTS (SELECT 1 FROM Resource WITH (UPDLOCK, HOLDLOCK) WHERE Sid = @p1 AND Type = @p2 AND Id = @p3)
        """;

    public const string BeginContent = "INSERT INTO BinaryHead (Content, Size, Created, State, Digest) VALUES (@p1, 0, @p2, 0, N'')";
    public const string AddPiece = "INSERT INTO BinaryPiece (Content, Ordinal, Data) VALUES (@p1, @p2, @p3)";
    public const string CloseContent = "UPDATE BinaryHead SET Size = @p2, Digest = @p3 WHERE Content = @p1";
    public const string ReferToContent = "UPDATE BinaryHead SET State = 1 WHERE Content = @p1";
    public const string DropContent = "DELETE FROM BinaryHead WHERE Content = @p1 AND State = 0";
    public const string PurgeContent = "DELETE FROM BinaryHead WHERE Content = @p1";
    public const string DropPieces = "DELETE FROM BinaryPiece WHERE Content = @p1";

    public const string Text =
        "INSERT INTO TokenText (Hash, Text) SELECT @p1, @p2 WHERE NOT EXISTS (SELECT 1 FROM TokenText WITH (UPDLOCK, HOLDLOCK) WHERE Hash = @p1)";

    public const string Shape =
        "INSERT INTO Shape (Type, Hash, Params) SELECT @p1, @p2, @p3 WHERE NOT EXISTS (SELECT 1 FROM Shape WITH (UPDLOCK, HOLDLOCK) WHERE Type = @p1 AND Hash = @p2)";

    /// <summary>@p1 names the lock, @p2 is Shared or Exclusive; it goes with the transaction.</summary>
    public const string NamedLock = """
        DECLARE @r int; EXEC @r = sp_getapplock @Resource = @p1, @LockMode = @p2, @LockOwner = 'Transaction', @LockTimeout = 10000;
        IF @r < 0 THROW 50409, N'An equal request is still running.', 1;
        """;

    public const string TargetsStand = """
        IF (SELECT COUNT(*) FROM Resource r WHERE r.Sid IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@p1) j) AND r.Deleted = 0 AND r.Version > 0) <> @p2
            THROW 50409, N'A resource referred to was deleted meanwhile.', 1;
        """;

    public const string NothingRefers = """
        IF EXISTS (SELECT 1 FROM Reference x WHERE x.Param IN (SELECT n.Number FROM Parameter n WHERE n.Code IN
            (SELECT CAST(j.value AS nvarchar(64)) COLLATE Latin1_General_100_BIN2 FROM OPENJSON(@p1) j))
            AND x.Target IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@p2) j) AND x.Sid NOT IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@p2) j))
            THROW 50409, N'Something refers to what is being deleted.', 1;
        """;

    public const string Purge =
        "UPDATE Resource SET Version = 0, LastUpdated = 0, Deleted = 1, Method = 0, Owner = 0, Body = 0x WHERE Sid = @p1 AND Version = @p2";

    public const string PurgeHistory = "DELETE FROM ResourceHistory WHERE Sid = @p1";

    public const string DropPurged = """
        DELETE r FROM Resource r WHERE r.Version = 0 AND r.Sid IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@p1) j)
        AND NOT EXISTS (SELECT 1 FROM Reference x WHERE x.Param IN (SELECT n.Number FROM Parameter n WHERE n.Code IN
            (SELECT CAST(j.value AS nvarchar(64)) COLLATE Latin1_General_100_BIN2 FROM OPENJSON(@p2) j)) AND x.Target = r.Sid AND x.Sid <> r.Sid)
        """;

    public const string StillAt = """
        IF NOT EXISTS (SELECT 1 FROM Resource WITH (HOLDLOCK) WHERE Sid = @p1 AND Version = @p2)
            THROW 50409, N'A resource was written while its index rows were being put right.', 1;
        """;

    public const string LookUp = """
        SELECT CAST(k.[key] AS int), r.Sid, r.Version, r.Deleted, r.LastUpdated, r.Owner, CASE WHEN @p2 = 1 THEN r.Body END
        FROM OPENJSON(@p1) k JOIN Resource r ON r.Type = CAST(JSON_VALUE(k.value, '$[0]') AS smallint)
        AND r.Id = CAST(JSON_VALUE(k.value, '$[1]') AS nvarchar(64)) COLLATE Latin1_General_100_BIN2
        """;

    public const string Setting = "INSERT INTO Setting (Name, Value) SELECT @p1, @p2 WHERE NOT EXISTS (SELECT 1 FROM Setting WITH (UPDLOCK, HOLDLOCK) WHERE Name = @p1)";
    public const string GetSetting = "SELECT Value FROM Setting WHERE Name = @p1";
    public const string NextBlock = "SELECT NEXT VALUE FOR SidBlock";
    public const string Symbols = "SELECT Number, Text FROM Symbol WHERE Number > @p1";
    public const string Parameters = "SELECT Number, Type, Code FROM Parameter";
    public const string Shapes = "SELECT Type, Hash, Params FROM Shape";
    public const string FindSymbol = "SELECT Number FROM Symbol WHERE Text = @p1";
    public const string FindParameter = "SELECT Number FROM Parameter WHERE Type = @p1 AND Code = @p2";
    public const string AddSymbol = "INSERT INTO Symbol (Text) SELECT @p1 WHERE NOT EXISTS (SELECT 1 FROM Symbol WITH (UPDLOCK, HOLDLOCK) WHERE Text = @p1)";

    public const string AddParameter =
        "INSERT INTO Parameter (Type, Code) SELECT @p1, @p2 WHERE NOT EXISTS (SELECT 1 FROM Parameter WITH (UPDLOCK, HOLDLOCK) WHERE Type = @p1 AND Code = @p2)";

    public const string Size = "SELECT SUM(CAST(size AS bigint)) * 8192 FROM sys.database_files";

    public const string DatabaseSettings =
        "SELECT is_read_committed_snapshot_on, snapshot_isolation_state, recovery_model_desc, delayed_durability_desc FROM sys.databases WHERE database_id = DB_ID()";

    public const string IsWritten = """
        SELECT 1 FROM Resource WHERE Sid = @p1 AND Version = @p2 AND LastUpdated = @p3 AND Body = @p4
        UNION ALL SELECT 1 FROM ResourceHistory WHERE Sid = @p1 AND Version = @p2 AND LastUpdated = @p3 AND Body = @p4
        """;

    /// <summary>Rowversions ascend in the order in which rows are written; below the oldest still uncommitted nothing can appear.</summary>
    public static readonly ChangeOrder ChangeFeed = new(
        "CAST(c.Stamp AS bigint)", after => $"c.Stamp > CAST(CAST({after} AS bigint) AS binary(8)) AND c.Stamp < MIN_ACTIVE_ROWVERSION()", "c.Stamp")
    {
        Position = position => $"CAST(CAST({position} AS bigint) AS binary(8))",
    };

    /// <summary>A row that cannot be there yet.</summary>
    public static string AddRow(string table, string[] columns) =>
        $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select((_, i) => $"@p{i + 1}"))})";

    public static string InsertRow(string table, string[] columns) =>
        $"INSERT INTO {table} ({string.Join(", ", columns)}) SELECT {string.Join(", ", columns.Select((_, i) => $"@p{i + 1}"))} "
        + $"WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE {Same(columns)})";

    /// <summary>As <see cref="InsertRow"/>, where two transactions may bring the same row.</summary>
    public static string InsertNew(string table, string[] columns) =>
        $"INSERT INTO {table} ({string.Join(", ", columns)}) SELECT {string.Join(", ", columns.Select((_, i) => $"@p{i + 1}"))} "
        + $"WHERE NOT EXISTS (SELECT 1 FROM {table} WITH (UPDLOCK, HOLDLOCK) WHERE {Same(columns)})";

    public static string DeleteRow(string table, string[] columns) => $"DELETE FROM {table} WHERE {Same(columns)}";

    private static string Same(string[] columns) => string.Join(" AND ", columns.Select((c, i) => $"{c} = @p{i + 1}"));
}
