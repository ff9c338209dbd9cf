using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Reindex;
using Hl7.Fhir.Model;
using Task = System.Threading.Tasks.Task;

namespace FhirEmr.FhirServer.Tests.Storage;

/// <summary>Index rows put in for resources that stay as they are, and words.</summary>
public abstract partial class StoreSuite
{
    [Fact]
    public async Task Rows_are_filled_in_for_the_version_they_were_made_from_and_for_no_other()
    {
        var code = H.Param("Basic", "code");
        var sid = await H.CreateAsync("Basic", "a");
        Assert.IsType<CommitResult.Committed>(await Store.CommitAsync(Fill(sid, 1), Ct));
        Assert.Equal(["a"], await Found());

        await H.CommitAsync(H.Write("Basic", "a", sid, StoreHarness.Rows(), expected: 1, before: StoreHarness.Rows(null, H.Token(code, "x"))));
        Assert.Empty(await Found());
        Assert.IsType<CommitResult.Stale>(await Store.CommitAsync(Fill(sid, 1), Ct));
        Assert.Empty(await Found());

        await H.CommitAsync(H.Write("Basic", "a", sid, StoreHarness.Rows(), expected: 2, before: StoreHarness.Rows(), delete: true));
        Assert.IsType<CommitResult.Stale>(await Store.CommitAsync(Fill(sid, 3), Ct));

        CommitPlan Fill(long of, int version)
        {
            var plan = new CommitPlan();
            plan.Fills.Add(new(of, version, StoreHarness.Rows(null, H.Token(code, "x"))));
            return plan;
        }

        Task<string[]> Found() => H.IdsAsync("Basic", new SearchExpression.Token(code, H.Hash("x"), null));
    }

    [Fact]
    public async Task Words_are_found_whole_or_by_their_beginning()
    {
        var text = H.Param("Basic", "_text", SearchParamType.String);
        foreach (var (id, words) in new[] { ("a", "fever cough"), ("b", "feverish"), ("c", "fe\U0001F600") })
        {
            var rows = StoreHarness.Rows();
            rows.Words.AddRange(words.Split(' ').Select(w => new WordRow(text.Number, w)));
            await H.CreateAsync("Basic", id, rows);
        }

        Assert.Equal(["a"], await H.IdsAsync("Basic", new SearchExpression.Word(text, "fever", false)));
        Assert.Equal(["a", "b"], await H.IdsAsync("Basic", new SearchExpression.Word(text, "fever", true)));
        Assert.Equal(["a", "b", "c"], await H.IdsAsync("Basic", new SearchExpression.Word(text, "fe", true)));
        Assert.Equal(["b", "c"], await H.IdsAsync("Basic", new SearchExpression.Not(new SearchExpression.Word(text, "fever", false))));
    }
}

public sealed class ReindexSqlTests(SqlServerCompiler compiler) : IClassFixture<SqlServerCompiler>
{
    [Fact]
    public void Every_statement_of_jobs_and_reindex_compiles_on_SQL_Server()
    {
        var dialect = SqlDialect.SqlServer;
        var row = new ReindexRow("id", "waiting", "", 0, 1, 1, "{}");
        foreach (var statement in (SqlStatement[])[ReindexJobSql.OfKind(dialect, "k"), ReindexJobSql.Insert(dialect, "k", row), ReindexJobSql.Update(dialect, row, 1), ReindexJobSql.Delete(dialect, "id"),
            SettingSql.Find(dialect, "n"), SettingSql.Insert(dialect, "n", "v"), SettingSql.Update(dialect, "n", "v"),
            ReindexSql.All(dialect, "Patient"), ReindexSql.After(dialect, "Patient", 1, 2), ReindexSql.Count(dialect, ["Patient", "Basic"]),
            ReindexSql.Any(dialect), ReindexSql.Parameters(dialect, "Patient")])
            compiler.Add(statement);
        foreach (var statement in SettingSql.Save("n", "v").Concat(JobSql.Save(new JobStep("id", "purge", JobState.Running, 1, 1, "client", "{}"))))
            compiler.Add(statement.Compose(dialect));
        foreach (var (table, columns) in ReindexSql.Tables)
        {
            compiler.Add(ReindexSql.Rows(dialect, table, columns, 1, 5));
            object[] values = [.. columns.Select(c => ReindexSql.IsText(c) ? (object)"x" : 1L)];
            compiler.Add(ReindexSql.Delete(dialect, table, columns, values));
            compiler.Add(ReindexSql.DeleteOrphan(dialect, table, columns, values));
            compiler.Add(ReindexSql.Tally(dialect, table, [1, 2], 9));
            foreach (var statement in ReindexSql.RowsBehind(dialect, table, columns, 1, [], 5).Concat(ReindexSql.RowsBehind(dialect, table, columns, 1, values[1..], 5)))
                compiler.Add(statement);
        }

        Assert.Empty(compiler.Check());
    }
}
