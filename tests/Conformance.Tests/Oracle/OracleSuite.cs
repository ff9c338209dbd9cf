using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using FhirEmr.Conformance.Tests.Hosting;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>Searches over HTTP whose answers must be those of the oracle; a difference is shrunk to its smallest search before it is told.</summary>
public abstract class OracleSuite(OracleServer server) : OnServer(server)
{
    private const int Told = 12;

    private static readonly JsonSerializerOptions Json = new JsonSerializerOptions().ForFhir(ModelInfo.ModelInspector);

    private protected OracleSearch Oracle => server.Oracle;

    private protected QueryMaker Maker(int seed) => new(Oracle, server.IsOffered, (type, code, target) => OracleSearch.Params(type)[code].Targets.Contains(target), new Random(seed));

    private protected Func<string, string, bool> IsOffered => server.IsOffered;

    /// <summary>Compares, several at a time.</summary>
    private protected async Task CompareAsync(IEnumerable<(int Seed, string Type, IReadOnlyList<Criterion> Criteria)> searches, int atLeast, double leastFound = 0.25)
    {
        var differences = new ConcurrentBag<string>();
        var (compared, found) = (0, 0);
        await Parallel.ForEachAsync(searches, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, async (search, _) =>
        {
            var (seed, type, criteria) = search;
            if (differences.Count >= Told)
                return;
            Interlocked.Increment(ref compared);
            var (difference, hits) = await DifferenceAsync(type, criteria);
            if (hits > 0)
                Interlocked.Increment(ref found);
            if (difference is not null)
                differences.Add($"seed {seed}: {await ShrinkAsync(type, criteria, difference)}");
        });

        Assert.True(differences.IsEmpty, $"World {RandomServer.Seed} (set FHIREMR_SEED to see it again):\n{string.Join('\n', differences)}");
        Assert.True(compared >= atLeast && found >= leastFound * compared, $"Only {compared} searches were compared, {found} with a match.");
    }

    /// <summary>Every page of a sorted search: the total is right, none is shown twice or left out, and the order is that of the sort values.</summary>
    private protected async Task<string?> SortedDifferenceAsync(string type, IReadOnlyList<Criterion> criteria, string sort, int pageSize)
    {
        var expected = Oracle.Find(type, criteria, Now);
        var query = Query(type, [.. criteria]) + $"_sort={sort}&_count={pageSize}&_total=accurate";
        var shown = new List<string>();
        for (var next = query; next is not null;)
        {
            var page = await Server.GetAsync(next);
            if (page.Status != 200)
                return $"{query}: {page.Status} {page.Body}";
            if (page.Json["total"]!.GetValue<int>() != expected.Count)
                return $"{query}: total {page.Json["total"]}, expected {expected.Count}";
            if (page.Next is not null && page.Ids.Count != pageSize)
                return $"{query}: a page of {page.Ids.Count}, and more behind it";
            shown.AddRange(page.Ids);
            next = page.Next;
        }

        if (!shown.Order(StringComparer.Ordinal).SequenceEqual(expected))
            return $"{query}: pages bring {string.Join(' ', shown)}, expected {string.Join(' ', expected)}";
        var keys = sort.Split(',').Select(k => (Descending: k[0] == '-', Param: OracleSearch.Params(type)[k.TrimStart('-')])).ToArray();
        var byId = Oracle.Of(type).ToDictionary(r => r.Id);

        // Neighbours tell a total order; where some have none, those further apart must be looked at too.
        var isPartial = keys.Any(k => k.Param.Kind == SearchParamType.Quantity);
        var pairs = isPartial ? shown.Take(200).SelectMany((first, i) => shown.Take(200).Skip(i + 1).Select(second => (First: first, Second: second))) : shown.Zip(shown.Skip(1));
        var wrong = pairs.FirstOrDefault(pair => keys.Select(k => SortValue.Compare(byId[pair.First], byId[pair.Second], k.Param, k.Descending)).FirstOrDefault(c => c != 0) > 0);
        return wrong == default ? null : $"{query}: {wrong.First} before {wrong.Second}: {string.Join("; ", new[] { wrong.First, wrong.Second }.Select(id => Values(type, [.. keys.Select(k => new Criterion(k.Param.Code, []))], id)))}";
    }

    private protected static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private protected static string Query(string type, params IEnumerable<Criterion> criteria) => $"{type}?{string.Concat(criteria.Select(c => c.Encoded + "&"))}";

    private async Task<(string? Difference, int Hits)> DifferenceAsync(string type, IReadOnlyList<Criterion> criteria)
    {
        var expected = Oracle.Find(type, criteria, Now);
        var reply = await Server.GetAsync(Query(type, criteria) + "_count=1000");
        var shown = $"{type}?{string.Join('&', criteria)}";
        if (reply.Status != 200)
            return ($"{shown}: {reply.Status} {(reply.Body.Length > 400 ? reply.Body[..400] : reply.Body)}", 0);
        var ids = reply.Ids.Order(StringComparer.Ordinal).ToArray();
        return (ids.SequenceEqual(expected) ? null : string.Create(CultureInfo.InvariantCulture,
            $"{shown}: found [{string.Join(' ', ids.Except(expected))}] too many, [{string.Join(' ', expected.Except(ids))}] too few. {Values(type, criteria, ids.Except(expected).Concat(expected.Except(ids)).First())}"), expected.Count);
    }

    /// <summary>Leaves out criteria and alternatives as long as the answers differ.</summary>
    private async Task<string> ShrinkAsync(string type, IReadOnlyList<Criterion> criteria, string first)
    {
        while (true)
        {
            var smaller = criteria.Count > 1 ? criteria.Select(c => (IReadOnlyList<Criterion>)[.. criteria.Except([c])]) : [];
            smaller = smaller.Concat(criteria.SelectMany(c => c.Smaller.Select(less => (IReadOnlyList<Criterion>)[.. criteria.Except([c]), less])));
            smaller = smaller.Concat(criteria.Where(c => c.Values.Count > 1).SelectMany(c => c.Values.Select(v => (IReadOnlyList<Criterion>)[.. criteria.Except([c]), c with { Values = [v] }])));
            IReadOnlyList<Criterion>? next = null;
            foreach (var candidate in smaller)
                if ((await DifferenceAsync(type, candidate)).Difference is not null)
                {
                    next = candidate;
                    break;
                }

            if (next is null)
                return (await DifferenceAsync(type, criteria)).Difference ?? $"{type}?{string.Join('&', criteria)} differs no more; before: {first}";
            criteria = next;
        }
    }

    /// <summary>What the resource holds that the answers differ on.</summary>
    private string Values(string type, IReadOnlyList<Criterion> criteria, string id)
    {
        if (Oracle.Of(type).FirstOrDefault(r => r.Id == id) is not { } record)
            return $"{type}/{id} is none of the loaded records.";
        return string.Join("; ", criteria.Select(c => c.Name.Split(':', '.')[0]).Where(OracleSearch.Params(type).ContainsKey).Select(code =>
            $"{code} of {id}: {string.Join(" | ", OracleSearch.Values(record, OracleSearch.Params(type)[code]).Select(v => v.Poco is DataType and not PrimitiveType ? JsonSerializer.Serialize(v.Poco, v.Poco.GetType(), Json) : OracleDate.Text(v.Poco as PrimitiveType) ?? v.Poco.ToString()))}"));
    }
}
