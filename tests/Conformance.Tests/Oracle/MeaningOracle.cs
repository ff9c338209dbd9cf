using System.Collections.Concurrent;
using Hl7.Fhir.Model;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>Searches by what values mean and where they stand, in either world, against the oracle.</summary>
public abstract class MeaningOracle(OracleServer server) : OracleSuite(server)
{
    private static readonly string[] ByMeaning = ["text", "of-type", "in", "not-in", "below", "above"];

    private IReadOnlyList<string> Types => [.. Oracle.Records.Select(r => r.Type).Distinct().Order(StringComparer.Ordinal)];

    [Fact]
    public Task Codes_are_found_by_their_texts_value_sets_and_hierarchies() => CompareAsync(
        from param in Types.SelectMany(t => OracleSearch.Params(t).Values).Where(p => p.Kind == SearchParamType.Token && p.Code != "_id" && IsOffered(p.Type, p.Code)).Index()
        from modifier in ByMeaning
        let seed = Seed(param.Index, modifier[0])
        let criterion = Maker(seed).With(param.Item, modifier)
        where criterion is not null
        select (seed, param.Item.Type, (IReadOnlyList<Criterion>)[criterion]), atLeast: 300, leastFound: 0.1);

    [Fact]
    public Task References_are_found_by_identifier_and_by_what_is_part_of_what() => CompareAsync(
        from param in Types.SelectMany(t => OracleSearch.Params(t).Values).Where(p => p.Kind == SearchParamType.Reference && IsOffered(p.Type, p.Code)).Index()
        from modifier in new[] { "identifier", "below", "above" }
        let seed = Seed(param.Index, 1000 + modifier[0])
        let criterion = Maker(seed).With(param.Item, modifier)
        where criterion is not null
        select (seed, param.Item.Type, (IReadOnlyList<Criterion>)[criterion]), atLeast: 0, leastFound: 0);

    [Fact]
    public Task Places_are_found_by_how_far_they_are() => CompareAsync(
        from i in Enumerable.Range(0, 120)
        let criterion = Maker(Seed(i, 2000)).With(OracleSearch.Params("Location")["near"], "")
        where criterion is not null
        select (Seed(i, 2000), "Location", (IReadOnlyList<Criterion>)[criterion]), atLeast: 60);

    [Fact]
    public Task Chains_and_reverse_chains_three_and_four_deep_find_what_the_oracle_finds() => CompareAsync(
        from i in Enumerable.Range(0, 500)
        let seed = Seed(i, 3000)
        let random = new Random(seed)
        let start = Oracle.Records.ElementAt(random.Next(Oracle.Records.Count))
        let criterion = new PathMaker(Oracle, Maker(seed), IsOffered, random).From(start, 3 + (i % 2))
        where criterion is not null
        select (seed, start.Type, (IReadOnlyList<Criterion>)[criterion]), atLeast: 100);

    [Fact]
    public Task Filters_find_what_the_oracle_finds() => CompareAsync(
        from i in Enumerable.Range(0, 600)
        let seed = Seed(i, 4000)
        let criterion = new FilterMaker(Oracle, IsOffered, new Random(seed)).On(Types[i % Types.Count])
        where criterion is not null
        select (seed, Types[i % Types.Count], (IReadOnlyList<Criterion>)[criterion]), atLeast: 300);

    [Theory]
    [InlineData("_text")]
    [InlineData("_content")]
    public Task Words_are_found_where_the_oracle_finds_them(string code) => CompareAsync(
        from i in Enumerable.Range(0, 300)
        let seed = Seed(i, 5000)
        let type = Types[i % Types.Count]
        where IsOffered(type, code)
        let criterion = new WordMaker(Oracle, new Random(seed)).On(type, code)
        where criterion is not null
        select (seed, type, (IReadOnlyList<Criterion>)[criterion]), atLeast: code == "_text" ? 15 : 150);

    [Fact]
    public Task Members_of_lists_are_found() => CompareAsync(
        from list in Oracle.Of("List").Index()
        from type in Oracle.Targets(list.Item, OracleSearch.Params("List")["item"]).Select(t => t.Type).Distinct().Append("Patient")
        let other = Oracle.Of("List").ElementAt((list.Index + 1) % Oracle.Of("List").Count())
        from ids in new[] { new[] { list.Item.Id }, [list.Item.Id, other.Id], ["nobody"] }
        select (list.Index, type, (IReadOnlyList<Criterion>)[new Criterion("_list", ids)]), atLeast: 0, leastFound: 0);

    /// <summary>Whatever contains a match, the matches inside it, and with <c>both</c> those that stand by themselves.</summary>
    [Fact]
    public async Task Contained_resources_are_found_with_what_contains_them()
    {
        var (differences, compared, found) = (new ConcurrentBag<string>(), 0, 0);
        var holders = Oracle.Records.Where(r => r.Contained.Count > 0).ToArray();
        var work = from type in holders.SelectMany(h => h.Contained).Select(c => c.Type).Distinct().Order(StringComparer.Ordinal)
                   from param in OracleSearch.Params(type).Values.Index()
                   where param.Item.Code != "_lastUpdated" && param.Item.Kind != SearchParamType.Special
                   from round in Enumerable.Range(0, 3)
                   let seed = Seed(param.Index, 6000 + round)
                   let criterion = Maker(seed).On(param.Item)
                   where criterion is not null && criterion.Name.Split(':').ElementAtOrDefault(1) is not ("text" or "below" or "above")
                   select (type, criterion);
        await Parallel.ForEachAsync(work, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, async (search, _) =>
        {
            var (type, criterion) = search;
            var now = Now;
            bool Holds(OracleRecord record) => record.Type == type && Oracle.Matches(record, criterion, now);
            foreach (var (where, what) in new[] { ("true", "container"), ("both", "container"), ("true", "contained"), ("both", "contained") })
            {
                var query = $"{Query(type, criterion)}_contained={where}&_containedType={what}&_count=1000";
                var reply = await Server.GetAsync(query);
                if (reply.Status == 400 && reply.Diagnostics.Contains("cannot be asked of contained resources", StringComparison.Ordinal))
                    return; // what needs the body, such as a very long text
                var expected = (what == "container" ? holders.Where(h => h.Contained.Any(Holds)).Select(h => h.Key) : holders.SelectMany(h => h.Contained.Where(Holds).Select(c => $"{h.Key}#{c.Id}")))
                    .Concat(where == "both" ? Oracle.Of(type).Where(Holds).Select(r => r.Key) : []).Distinct().Order(StringComparer.Ordinal).ToArray();
                var shown = reply.Status != 200 ? [reply.Body] : reply.Entries.Where(e => e["search"]!["mode"]!.GetValue<string>() == "match")
                    .Select(e => e["fullUrl"]!.GetValue<string>()[(Server.BaseUrl.Length + 1)..]).Order(StringComparer.Ordinal).ToArray();
                Interlocked.Increment(ref compared);
                if (expected.Length > 0)
                    Interlocked.Increment(ref found);
                if (!shown.SequenceEqual(expected))
                    differences.Add($"{type}?{criterion}&_contained={where}&_containedType={what}: [{string.Join(' ', shown.Except(expected))}] too many, [{string.Join(' ', expected.Except(shown))}] too few");
            }
        });

        Assert.True(differences.IsEmpty, string.Join('\n', differences.Take(12)));
        Assert.True(holders.Length == 0 || (compared > 100 && found * 4 > compared), $"{compared} compared, {found} with a match");
    }

    [Fact]
    public async Task Pages_sorted_by_quantity_are_in_order_within_a_unit()
    {
        var differences = new List<string>();
        foreach (var (i, param) in Types.SelectMany(t => OracleSearch.Params(t).Values).Where(p => p.Kind == SearchParamType.Quantity && IsOffered(p.Type, p.Code)).Index())
            foreach (var sort in new[] { param.Code, "-" + param.Code })
                if (await SortedDifferenceAsync(param.Type, [], sort, i % 2 == 0 ? 3 : 200) is { } difference)
                    differences.Add(difference);
        Assert.True(differences.Count == 0, string.Join('\n', differences.Take(12)));
    }

    private static int Seed(int a, int b) => (RandomServer.Seed * 1_000_003) ^ (b * 100_003) ^ (a * 31);
}
