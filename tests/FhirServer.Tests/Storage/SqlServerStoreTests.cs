using System.Reflection;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Audit;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Schema.SqlServer;
using FhirEmr.FhirServer.Storage.SqlServer;
using FhirEmr.FhirServer.Storage.Subscriptions;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace FhirEmr.FhirServer.Tests.Storage;

/// <summary>
/// The suite on SQL Server when <c>FHIREMR_TEST_SQLSERVER</c> names a server; otherwise on SQLite, while every statement that SQL Server
/// would have been asked is compiled against its schema.
/// </summary>
public sealed class SqlServerStoreTests(SharedSqlServerCompiler shared) : StoreSuite, IClassFixture<SharedSqlServerCompiler>
{
    private static readonly string? Server = Environment.GetEnvironmentVariable("FHIREMR_TEST_SQLSERVER");
    private readonly SqlServerCompiler compiler = shared.Compiler;
    private readonly string name = "fhiremr" + Guid.NewGuid().ToString("N");

    private string Folder => Path.Combine(Path.GetTempPath(), name);

    private string Database => new SqlConnectionStringBuilder(Server) { InitialCatalog = name }.ConnectionString;

    [Fact]
    public void The_newest_migration_is_the_one_named_in_code()
    {
        using var context = SqlServerStoreContext.Open("Server=none");
        Assert.Equal(SqlServerStoreContext.NewestMigration, context.Database.GetMigrations().Last());
        Assert.False(context.Database.HasPendingModelChanges());
    }

    [Fact]
    public void Every_fixed_statement_compiles()
    {
        var statements = typeof(SqlServerStatements).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).ToList();
        Assert.True(statements.Count > 15);
        foreach (var statement in statements)
            compiler.Add((string)statement.GetRawConstantValue()!, TypesOf(statement.Name));
    }

    [Fact]
    public void Statements_of_an_export_compile()
    {
        var dialect = SqlDialect.SqlServer;
        var subject = new SearchExpression.Or([new SearchExpression.Reference(new FhirEmr.FhirServer.Search.Parameters.SearchParam(1, "Observation", "subject", Hl7.Fhir.Model.SearchParamType.Reference, "", [], ""), [1, 2]), new SearchExpression.Sids([3])]);
        foreach (var byTime in (bool[])[false, true])
            foreach (var stretch in (ExportStretch[])
            [
                new("Observation", 5, byTime, ExportPosition.Start),
                new("Observation", 5, byTime, new(1, 2)) { Deleted = true },
                new("Observation", 5, byTime, ExportPosition.Since(3)) { IsOwned = true, Where = subject },
                new("Observation", 5, byTime, ExportPosition.Since(3)) { IsDriven = true, Where = new SearchExpression.And([subject, new SearchExpression.Not(subject)]) },
            ])
            {
                compiler.Add(ExportSql.Current(dialect, stretch, 10));
                compiler.Add(ExportSql.Changed(dialect, stretch, ExportPosition.End, 10));
                compiler.Add(ExportSql.Changed(dialect, stretch, new(4, 4), 10));
            }

        compiler.Add(JobSql.Over(dialect, "export", 1, 10));
        compiler.Add(JobSql.Unfinished(dialect, "export", "client"));
        compiler.Add(JobSql.Checkpoint("a", "b", 1, 2, "{}").Compose(dialect));
        compiler.Add(JobSql.Cancel("a", "b").Compose(dialect));
        compiler.Add(JobSql.Release("import").Compose(dialect));
        compiler.Add(ImportSql.Missing(dialect, 7, 10));
        Assert.Empty(compiler.Check());
    }

    /// <summary>Row versions are bytes: -1 lies behind all of them, and whoever begins there would never see one.</summary>
    [Fact]
    public void The_feed_begins_before_the_first_row_version()
    {
        var feed = SqlServerStatements.ChangeFeed;
        foreach (var statement in (SqlStatement[])[PointSql.Head(SqlDialect.SqlServer, feed), PointSql.Changes(SqlDialect.SqlServer, feed, -1, 1), PointSql.Positions(SqlDialect.SqlServer, feed, [1])])
            Assert.All(statement.Arguments.OfType<long>(), argument => Assert.True(argument >= 0));
    }

    [Fact]
    public void Statements_of_subscriptions_compile()
    {
        var dialect = SqlDialect.SqlServer;
        var row = new SubscriptionRow(1, "a", 2, SubscriptionState.Active, 3, 4, 5, 6, 7, "{}", "");
        foreach (var statement in (SqlStatement[])
        [
            SubscriptionSql.Live, SubscriptionSql.LastNumber(dialect, 1), SubscriptionSql.FirstNumber(dialect, 1), SubscriptionSql.One(dialect, 1), SubscriptionSql.ById(dialect, "a"), SubscriptionSql.Ids(dialect, 9),
            SubscriptionSql.Due(dialect, 1, 2, 9), SubscriptionSql.Events(dialect, 1, 2, 3, 9), SubscriptionSql.Versions(dialect, [(1, 2), (3, 4)]), SubscriptionSql.Orphans, PointSql.Head(dialect, SqlServerStatements.ChangeFeed),
        ])
            compiler.Add(statement);
        foreach (var statement in (PlanStatement[])
        [
            .. SubscriptionSql.Write(row), .. SubscriptionSql.Forget(1), .. SubscriptionSql.Sweep(1), SubscriptionSql.Claim(1, "a", 2, 3), SubscriptionSql.Renew(1, "a", 2), SubscriptionSql.Keep(row, "a", 1),
            SubscriptionSql.Replay(1, 2, SubscriptionState.Active), SubscriptionSql.Hasten(1), JobSql.Claim("a", "b", 1, 2), JobSql.Renew("a", "b", 2),
        ])
            compiler.Add(statement.Compose(dialect));
        var events = SubscriptionSql.NewEvents([(1, 2, 3, 4, 5)]);
        compiler.Add(SqlServerStatements.AddRow(events.Table, events.Columns), ["bigint", "bigint", "bigint", "int", "bigint"]);
        Assert.Empty(compiler.Check());
    }

    [Fact]
    public void Statements_of_maintenance_compile()
    {
        var dialect = SqlDialect.SqlServer;
        compiler.Add(PurgeSql.Members(dialect, 1, 0, 10));
        compiler.Add(PurgeSql.One(dialect, 1));
        compiler.Add(PurgeSql.IsPurged(dialect, "a"));
        compiler.Add(PurgeSql.Jobs(dialect, "purge", "running", 1));
        compiler.Add(VerifySql.Window(dialect, "Patient", 0, 10));
        compiler.Add(VerifySql.Resources(dialect, "Patient", 0, 10, 5));
        compiler.Add(VerifySql.Changes(dialect, 0, 10));
        compiler.Add(VerifySql.Texts(dialect, [1, 2]));
        compiler.Add(VerifySql.Shapes(dialect, "Patient", [1, 2]));
        compiler.Add(VerifySql.BadAnchors(dialect));
        compiler.Add(ReferrersSql.Any(dialect, [1, 2]));
        foreach (var (_, rows) in ColumnRows.Index(new PreparedPlan(new CommitPlan())))
        {
            compiler.Add(VerifySql.Rows(dialect, rows.Table, rows.Columns, "Patient", 0, 10));
            compiler.Add(VerifySql.UnknownParameters(dialect, rows.Table));
        }
    }

    [Fact]
    public void Statements_of_the_audit_compile()
    {
        var dialect = SqlDialect.SqlServer;
        SqlStatement[] statements =
        [
            AuditSql.NewestNumber, AuditSql.Nodes, AuditSql.SealedNodes, AuditSql.Rows(dialect, [1, 2]), AuditSql.After(dialect, 0, 9, 10), AuditSql.NumbersAfter(dialect, 0, 9, 10),
            AuditSql.Seals(dialect, 1, 0, 10), AuditSql.LastSeal(dialect, 1), AuditSql.SealBefore(dialect, 1, 2), AuditSql.SealedAfter(dialect, 1, 2), AuditSql.SealedWith,
            AuditSql.Checkpoints(dialect, 1), AuditSql.Around(dialect, 1, 2, 10),
            AuditSql.Claim(1, "o", "p", 3).Compose(dialect), AuditSql.Renew(1, "o", 3).Compose(dialect),
            AuditFileSql.FiledThrough, AuditFileSql.FiledAfter(dialect, 1, 2), AuditFileSql.Extents(dialect, 1, 2, true, 10), AuditFileSql.Extents(dialect, 1, 2, false, 10), AuditFileSql.Map(dialect, 1),
            AuditFileSql.Postings(dialect, 1, 2, 3, true, 10), AuditFileSql.Postings(dialect, 1, 2, 3, false, 10), AuditFileSql.Segments(dialect, 1, 2, 10),
            AuditFileSql.AllPostings(dialect, 1, 2, 10), AuditFileSql.AllPostings(dialect, 1, null, 10), AuditFileSql.Posting(dialect, 1, 2),
        ];
        foreach (var statement in statements)
            compiler.Add(statement);
        ColumnRows[] inserts = [AuditSql.AuditRows([1], [1], [[1]], [[1]]), AuditFileSql.PostingRows([1], [2], [[3]]), AuditFileSql.SegmentRow(new(1, 2, 3, 4, 5, 6, 7, "k", [1], [2])), AuditSql.NewNode(1, "o", 2, "n"),
            AuditSql.SealRow(new(1, 2, 3, 4, 5, "k", [1], [2])), AuditSql.CheckpointRow(1, new(1, 2, 3, "k", [1], [2]))];
        foreach (var rows in inserts)
            compiler.Add(new SqlStatement(SqlServerStatements.AddRow(rows.Table, rows.Columns), [.. rows.Values.Select(v => v.GetValue(0)!)]));
    }

    [Fact]
    public void A_statement_that_names_no_column_does_not_compile()
    {
        using var other = new SqlServerCompiler();
        Assert.Empty(other.Check());
        other.Add("SELECT r.Nothing FROM Resource r", []);
        Assert.Contains(other.Check(), f => f.Contains(nameof(A_statement_that_names_no_column_does_not_compile), StringComparison.Ordinal));
    }

    private protected override async Task<IResourceStore> CreateAsync()
    {
        if (Server is null)
            return Reopen();

        await ExecuteAsync($"CREATE DATABASE {name}; ALTER DATABASE {name} SET READ_COMMITTED_SNAPSHOT ON; ALTER DATABASE {name} SET ALLOW_SNAPSHOT_ISOLATION ON; ALTER DATABASE {name} SET RECOVERY FULL");
        return Reopen();
    }

    private protected override IResourceStore Reopen() => Server is null
        ? new CompilingStore(ResourceStoreFactory.Create(new StorageOptions { DataFolder = Folder }, NullLoggerFactory.Instance, References), compiler)
        : ResourceStoreFactory.Create(new StorageOptions { Provider = StorageOptions.SqlServer, ConnectionString = Database }, NullLoggerFactory.Instance, References);

    protected override async ValueTask CleanUpAsync()
    {
        if (Server is null)
            Directory.Delete(Folder, recursive: true);
        else
            await ExecuteAsync($"ALTER DATABASE {name} SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE {name}");
    }

    private static string[] TypesOf(string statement) => statement switch
    {
        nameof(SqlServerStatements.KeepOld) => ["bigint", "int"],
        nameof(SqlServerStatements.HoldVersion) => ["bigint", "int"],
        nameof(SqlServerStatements.Update) => ["bigint", "smallint", "nvarchar(64)", "int", "bigint", "smallint", "smallint", "bigint", "varbinary(max)"],
        nameof(SqlServerStatements.TargetsStand) => ["nvarchar(max)", "int"],
        nameof(SqlServerStatements.NothingRefers) => ["nvarchar(max)", "nvarchar(max)"],
        nameof(SqlServerStatements.Purge) or nameof(SqlServerStatements.StillAt) => ["bigint", "int"],
        nameof(SqlServerStatements.PurgeHistory) => ["bigint"],
        nameof(SqlServerStatements.DropPurged) => ["nvarchar(max)", "nvarchar(max)"],
        nameof(SqlServerStatements.Anchor) => ["bigint", "smallint", "nvarchar(64)"],
        nameof(SqlServerStatements.BeginContent) => ["bigint", "bigint"],
        nameof(SqlServerStatements.AddPiece) => ["bigint", "int", "varbinary(max)"],
        nameof(SqlServerStatements.CloseContent) => ["bigint", "bigint", "nvarchar(4000)"],
        nameof(SqlServerStatements.ReferToContent) or nameof(SqlServerStatements.PurgeContent) or nameof(SqlServerStatements.DropContent) or nameof(SqlServerStatements.DropPieces) => ["bigint"],
        nameof(SqlServerStatements.Text) => ["bigint", "nvarchar(4000)"],
        nameof(SqlServerStatements.Shape) => ["smallint", "bigint", "nvarchar(4000)"],
        nameof(SqlServerStatements.LookUp) => ["nvarchar(max)", "int"],
        nameof(SqlServerStatements.Symbols) => ["int"],
        nameof(SqlServerStatements.IsWritten) => ["bigint", "int", "bigint", "varbinary(max)"],
        _ => ["nvarchar(4000)", "nvarchar(4000)"],
    };

    private static async Task ExecuteAsync(string sql)
    {
        await using var connection = new SqlConnection(Server);
        await connection.OpenAsync(CancellationToken.None);
        await using var command = new SqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
