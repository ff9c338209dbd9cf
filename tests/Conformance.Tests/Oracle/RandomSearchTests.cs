using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>Random searches over random resources of every type, against the oracle.</summary>
public abstract class RandomSearchTests(RandomServer server) : MeaningOracle(server)
{
    private const int PerParameter = 3;

    [Fact]
    public Task Each_parameter_of_each_type_finds_what_the_oracle_finds() => CompareAsync(
        from param in RandomRecords.Types.SelectMany(t => OracleSearch.Params(t).Values).Index()
        from round in Enumerable.Range(0, PerParameter)
        let seed = HashCode(param.Index, round)
        let criterion = Maker(seed).On(param.Item)
        where criterion is not null
        select (seed, param.Item.Type, (IReadOnlyList<Criterion>)[criterion]), atLeast: 3000);

    [Fact]
    public Task Chains_and_reverse_chains_find_what_the_oracle_finds() => CompareAsync(
        from i in Enumerable.Range(0, 700)
        let seed = HashCode(i, 1000)
        let criterion = Maker(seed).Through(RandomRecords.Types[i % RandomRecords.Types.Count])
        where criterion is not null
        select (seed, RandomRecords.Types[i % RandomRecords.Types.Count], (IReadOnlyList<Criterion>)[criterion]), atLeast: 200);

    [Fact]
    public Task Several_criteria_find_what_the_oracle_finds() => CompareAsync(
        from i in Enumerable.Range(0, 500)
        let seed = HashCode(i, 2000)
        let type = RandomRecords.Types[i % RandomRecords.Types.Count]
        let random = new Random(seed)
        let all = OracleSearch.Params(type).Values.ToArray()
        let criteria = Enumerable.Range(0, 2 + (i % 2)).Select(k => Maker(seed + k).On(all[random.Next(all.Length)])).OfType<Criterion>().DistinctBy(c => c.Name).ToArray()
        where criteria.Length > 1
        select (seed, type, (IReadOnlyList<Criterion>)criteria), atLeast: 200, leastFound: 0.15);

    [Fact]
    public async Task Sorted_pages_bring_each_match_once_and_in_order()
    {
        var differences = new List<string>();
        foreach (var i in Enumerable.Range(0, 150))
        {
            var random = new Random(HashCode(i, 3000));
            var type = RandomRecords.Types[i % RandomRecords.Types.Count];
            var sortable = OracleSearch.Params(type).Values.Where(p => SortValue.CanCompare(p) && Server.IsOffered(type, p.Code)).ToArray();
            if (sortable.Length == 0)
                continue; // a Binary is found by no search
            var keys = Enumerable.Range(0, 1 + (i % 2)).Select(_ => sortable[random.Next(sortable.Length)].Code).Distinct().Select(c => random.Next(2) == 0 ? c : "-" + c);
            if (await SortedDifferenceAsync(type, [], string.Join(',', keys), 1 + random.Next(4)) is { } difference)
                differences.Add(difference);
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences.Take(12)));
    }

    private new RandomServer Server => (RandomServer)base.Server;

    private static int HashCode(int a, int b) => (RandomServer.Seed * 1_000_003) ^ (b * 100_003) ^ (a * 31);
}

public sealed class SqliteRandomSearchTests(RandomSqlite server) : RandomSearchTests(server), IClassFixture<RandomSqlite>;

public sealed class PostgresRandomSearchTests(RandomPostgres server) : RandomSearchTests(server), IClassFixture<RandomPostgres>;
