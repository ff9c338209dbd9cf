using System.Globalization;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.Conformance.Tests.Oracle;
using FhirEmr.FhirServer.Tests.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.Conformance.Tests.Integrity;

/// <summary>A random record that went on after an instant, and what the server answered at that instant.</summary>
/// <remarks>
/// Ordinary searches are compared with an oracle elsewhere. Here they are the oracle: each is asked while the instant is the present, and again
/// with <c>_asOf</c> when most of what it found was changed or deleted, came back, or got company.
/// </remarks>
public abstract class PastServer(PostgresCluster? cluster) : RandomServer(cluster)
{
    private const int PerType = RandomRecords.RecordsOfType;

    private readonly List<(string Query, Answer Answer)> answers = [];

    /// <summary>The searches with the answers of then; without those that were refused.</summary>
    internal IReadOnlyList<(string Query, Answer Answer)> Answers => answers;

    /// <summary>The instant, as it stands in an address.</summary>
    public string Then { get; private set; } = "";

    protected override async Task SeedAsync()
    {
        var random = new Random(Seed);
        await BatchAsync(new RandomRecords(Seed + 1).Make(PerType).Where(_ => random.Next(3) == 0).Select(Put));
        await BatchAsync(Keys().Where(_ => random.Next(8) == 0).Select(Delete));
        await base.SeedAsync();
        await BatchAsync(Keys().Where(_ => random.Next(12) == 0).Select(Delete));

        foreach (var query in Queries(random).Distinct())
            if (await AskAsync(query) is { } answer)
                answers.Add((query, answer));
        await Task.Delay(20);
        Then = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        await Task.Delay(20);

        await BatchAsync(new RandomRecords(Seed + 2).Make(PerType + 1).Where(_ => random.Next(2) == 0).Select(Put));
        await BatchAsync(Keys().Where(_ => random.Next(4) == 0).Select(Delete));
        await BatchAsync(new RandomRecords(Seed + 3).Make(PerType).Where(_ => random.Next(6) == 0).Select(Put));
    }

    /// <summary>All pages; null when it is refused.</summary>
    internal async Task<Answer?> AskAsync(string query)
    {
        var (entries, total) = (new List<string>(), (long?)null);
        for (var next = query; next is not null;)
        {
            var page = await GetAsync(next);
            if (page.Status != 200)
                return null;
            total ??= page.Json["total"]?.GetValue<long>();
            entries.AddRange(page.Entries.Where(e => e["search"]!["mode"]!.GetValue<string>() != "outcome")
                .Select(e => $"{e["search"]!["mode"]} {e["fullUrl"]!.GetValue<string>()[(BaseUrl.Length + 1)..]} {e["resource"]!["meta"]!["versionId"]}"));
            next = page.Next;
        }

        return new(entries, total);
    }

    private IEnumerable<string> Queries(Random random)
    {
        QueryMaker Maker() => new(Oracle, IsOffered, (type, code, target) => OracleSearch.Params(type)[code].Targets.Contains(target), new Random(random.Next()));
        foreach (var type in RandomRecords.Types)
        {
            var all = OracleSearch.Params(type).Values.Where(p => IsOffered(type, p.Code)).OrderBy(p => p.Code, StringComparer.Ordinal).ToArray();
            if (all.Length == 0)
                continue; // Binaries are not searched
            var sortable = all.Where(p => p.Kind is not (SearchParamType.Composite or SearchParamType.Special)).ToArray();
            OracleParam Any() => all[random.Next(all.Length)];
            string Sort() => (random.Next(2) == 0 ? "-" : "") + sortable[random.Next(sortable.Length)].Code;
            foreach (var criterion in new[] { Maker().On(Any()), Maker().On(Any()), Maker().On(Any()), Maker().Through(type), Maker().Through(type) }.OfType<Criterion>())
                yield return $"{type}?{criterion.Encoded}&_total=accurate";
            yield return $"{type}?_sort={Sort()}&_count={1 + random.Next(3)}&_total=accurate";
            yield return $"{type}?_sort={Sort()},{Sort()}&_count={1 + random.Next(3)}";
            yield return $"{type}?_include={type}:*&_revinclude=*&_count=2";
            yield return $"{type}?_summary=count";
            yield return $"Patient/{RandomRecords.Id(random.Next(PerType))}/{type}?_sort={Sort()}&_count=2&_total=accurate";
            yield return $"Encounter/{RandomRecords.Id(random.Next(PerType))}/{type}?_total=accurate";
        }

        foreach (var id in Enumerable.Range(0, PerType).Select(RandomRecords.Id))
        {
            yield return $"Patient/{id}/$everything";
            yield return $"Patient/{id}/$everything?_count=3";
            yield return $"Patient/{id}/$everything?start=2000-01-01&end=2020-01-01&_count=5";
            yield return $"Patient/{id}/$everything?_type=Observation,Claim,Practitioner";
            yield return $"Encounter/{id}/$everything";
            yield return $"Patient/{id}/*?_count=7&_total=accurate";
            yield return $"Claim?_id={id}&_include:iterate=*&_elements=status";
        }

        yield return "Patient/$everything";
        yield return "Patient/$everything?_count=7";
        yield return "Patient/$everything?start=2000-01-01&end=2020-01-01&_count=11";
        yield return "Patient/$everything?_type=Observation,Practitioner,Medication&_count=5";
        yield return "?_type=Observation,Condition,Claim&_sort=-_lastUpdated&_count=4&_total=accurate";
        yield return "?_type=Patient,Practitioner&_count=4";
        yield return "Observation?_sort=value-quantity&_count=3";
        yield return "Observation?subject:missing=true&_total=accurate";
    }

    private static IEnumerable<string> Keys() => RandomRecords.Types.SelectMany(t => Enumerable.Range(0, PerType).Select(i => $"{t}/{RandomRecords.Id(i)}"));

    private static JsonObject Put(JsonObject resource) => new()
    {
        ["resource"] = resource,
        ["request"] = new JsonObject { ["method"] = "PUT", ["url"] = $"{resource["resourceType"]}/{resource["id"]}" },
    };

    private static JsonObject Delete(string key) => new() { ["request"] = new JsonObject { ["method"] = "DELETE", ["url"] = key } };

    private async Task BatchAsync(IEnumerable<JsonObject> entries)
    {
        foreach (var some in entries.Chunk(300))
        {
            var reply = await PostAsync("", new JsonObject { ["resourceType"] = "Bundle", ["type"] = "batch", ["entry"] = new JsonArray([.. some]) }.ToJsonString());
            Assert.True(reply.Status == 200, reply.Body);
        }
    }

    /// <param name="Entries">Mode, key and version of each entry, in order, over all pages.</param>
    internal sealed record Answer(IReadOnlyList<string> Entries, long? Total);
}

public sealed class PastSqlite() : PastServer(null);

public sealed class PastPostgres(PostgresCluster cluster) : PastServer(cluster);
