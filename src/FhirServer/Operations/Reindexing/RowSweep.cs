using System.Globalization;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Reindex;

namespace FhirEmr.FhirServer.Operations.Reindexing;

/// <summary>Finds and takes away index rows that an older definition wrote and today's would not.</summary>
/// <remarks>
/// There is no way from a resource to its rows. So the rows that a type's resources give are counted while they are filled in (with the sum of
/// their surrogate keys), by table and parameter, and then those on disk: one pass over the index tables. Where the two differ, and there only,
/// each row of the parameter is compared with what its resource gives now. A write in between that changes how many rows a resource has makes
/// a comparison too many; to hide a stale row, one would have to take away a row of the same parameter from just that resource.
/// </remarks>
internal sealed class RowSweep(ResourceStore store, ReindexStep step)
{
    private const int RowsAtOnce = 200;

    private SqlDialect Dialect => store.Dialect;

    /// <summary>The tally with the rows of a plan.</summary>
    public static IReadOnlyDictionary<string, long[]> Add(IReadOnlyDictionary<string, long[]> tally, CommitPlan plan)
    {
        var sum = tally.ToDictionary(t => t.Key, t => (long[])[.. t.Value], StringComparer.Ordinal);
        foreach (var (_, rows) in ColumnRows.Index(new PreparedPlan(plan)))
        {
            var (numbers, sids) = ((int[])Column(rows, "Param"), (long[])Column(rows, "Sid"));
            for (var i = 0; i < rows.Count; i++)
            {
                var name = Name(rows.Table, numbers[i]);
                if (!sum.TryGetValue(name, out var entry))
                    sum[name] = entry = [0, 0];
                entry[0]++;
                entry[1] += sids[i];
            }
        }

        return sum;
    }

    /// <summary>Compares what is on disk with the tally: which parameters of the type are to be swept.</summary>
    public async Task<ReindexProgress> CountAsync(ReindexProgress progress, CancellationToken ct)
    {
        var type = progress.Types[progress.At];
        var numbers = (await store.QueryAsync(ReindexSql.Parameters(Dialect, type), r => (Number: (int)r.Int64(0), Code: r.Text(1)), ct))
            .Where(p => !IsCustom(p.Code)).Select(p => p.Number).ToArray();
        var sweeps = new List<string>();
        foreach (var (table, _) in ReindexSql.Tables)
            foreach (var (number, count, sum) in await store.QueryAsync(
                ReindexSql.Tally(Dialect, table, numbers, progress.Tally.Count == 0 ? long.MaxValue : progress.Sid), r => ((int)r.Int64(0), r.Int64(1), r.Int64(2)), ct))
                if (!progress.Tally.TryGetValue(Name(table, number), out var expected) || expected[0] != count || expected[1] != sum)
                    sweeps.Add(Name(table, number));
        return sweeps.Count == 0 ? Following(progress) : progress with { IsCounting = false, Sweeps = sweeps, Key = [], Tally = new Dictionary<string, long[]>() };
    }

    /// <summary>Compares the next rows: what to delete, and the position behind it.</summary>
    public async Task<(CommitPlan Plan, ReindexProgress Next)> StepAsync(ReindexProgress progress, CancellationToken ct)
    {
        var at = progress.Sweeps[0].Split('.');
        var (table, columns) = ReindexSql.Tables.Single(t => t.Table == at[0]);
        var number = int.Parse(at[1], CultureInfo.InvariantCulture);
        var rows = await RowsAsync(table, columns, number, progress.Key, ct);
        var plan = await DeletesAsync(table, columns, number, rows, ct);
        if (rows.Count == RowsAtOnce)
            return (plan, progress with { Key = [.. rows[^1].Skip(1).Select(v => Convert.ToString(v, CultureInfo.InvariantCulture)!)] });
        return (plan, progress.Sweeps is [_] ? Following(progress) : progress with { Sweeps = [.. progress.Sweeps.Skip(1)], Key = [] });
    }

    /// <summary>The beginning of the next type.</summary>
    public static ReindexProgress Following(ReindexProgress progress) => progress with
    {
        At = progress.At + 1,
        Sid = 0,
        IsCounting = false,
        Sweeps = [],
        Key = [],
        Tally = new Dictionary<string, long[]>(),
    };

    private async Task<List<object[]>> RowsAsync(string table, string[] columns, int number, IReadOnlyList<string> key, CancellationToken ct)
    {
        object[] behind = [.. key.Select((v, i) => ReindexSql.IsText(columns[i + 1]) ? (object)v : long.Parse(v, CultureInfo.InvariantCulture))];
        var rows = new List<object[]>();
        foreach (var statement in ReindexSql.RowsBehind(Dialect, table, columns, number, behind, RowsAtOnce))
        {
            rows.AddRange(await store.QueryAsync(statement, r => (object[])[.. columns.Select((c, i) => ReindexSql.IsText(c) ? (object)r.Text(i) : r.Int64(i))], ct));
            if (rows.Count >= RowsAtOnce)
                break;
        }

        return rows.Count <= RowsAtOnce ? rows : rows.GetRange(0, RowsAtOnce);
    }

    /// <summary>Rows that their resources do not give; each resource must still be as it was when they are deleted.</summary>
    private async Task<CommitPlan> DeletesAsync(string table, string[] columns, int number, List<object[]> rows, CancellationToken ct)
    {
        var plan = new CommitPlan();
        if (rows.Count == 0)
            return plan;

        var sid = Array.IndexOf(columns, "Sid");
        var resources = await store.QueryAsync(IncludeSql.BySid(Dialect, rows.Select(r => (long)r[sid]).Distinct()), store.Read, ct);
        var given = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (_, added) in ColumnRows.Index(new PreparedPlan(await step.BuildAsync(resources, new HashSet<int> { number }, ct))))
            if (added.Table == table)
            {
                var values = columns.Select(c => Column(added, c)).ToArray();
                for (var i = 0; i < added.Count; i++)
                    given.Add(Text(values.Select(v => v.GetValue(i)!)));
            }

        var versions = resources.ToDictionary(r => r.Sid, r => r.Version);
        var held = new HashSet<long>();
        foreach (var row in rows.Where(r => !given.Contains(Text(r))))
            if (versions.TryGetValue((long)row[sid], out var version))
            {
                if (held.Add((long)row[sid]))
                    plan.Fills.Add(new((long)row[sid], version, new()));
                plan.Statements.Add(PlanStatement.Of(ReindexSql.Delete(Dialect, table, columns, row)));
            }
            else
            {
                plan.Statements.Add(PlanStatement.Of(ReindexSql.DeleteOrphan(Dialect, table, columns, row)));
            }

        return plan;
    }

    // Custom parameters have a job each, which takes their rows away: code~sid.version.attempt.
    private static bool IsCustom(string code) => code.IndexOf('~', StringComparison.Ordinal) is >= 0 and var at && at < code.Length - 1;

    private static Array Column(ColumnRows rows, string name) => rows.Values[Array.IndexOf(rows.Columns, name)];

    private static string Name(string table, int number) => string.Create(CultureInfo.InvariantCulture, $"{table}.{number}");

    private static string Text(IEnumerable<object> values) => string.Join('\u001f', values.Select(v => Convert.ToString(v, CultureInfo.InvariantCulture)));
}
