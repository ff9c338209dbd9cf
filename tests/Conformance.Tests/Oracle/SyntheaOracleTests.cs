using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Tests.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>Some Synthea records, the smallest files, with the addresses inside each bundle made ids.</summary>
public abstract class SyntheaOracleServer(PostgresCluster? cluster) : OracleServer(cluster)
{
    private const int Files = 5;

    protected override IReadOnlyList<JsonObject>? Resources()
    {
        if (SharedData.Synthea.Count == 0)
        {
            WhyNot = SharedData.WhyNot;
            return null;
        }

        var all = new Dictionary<string, JsonObject>();
        foreach (var file in SharedData.Synthea.OrderBy(f => new FileInfo(f).Length).Take(Files))
        {
            var entries = JsonNode.Parse(File.ReadAllText(file))!["entry"]!.AsArray();
            var keys = entries.ToDictionary(e => e!["fullUrl"]!.GetValue<string>(), e => $"{e!["resource"]!["resourceType"]}/{e["resource"]!["id"]}");
            foreach (var entry in entries)
                all[keys[entry!["fullUrl"]!.GetValue<string>()]] = Resolved(entry["resource"]!, keys).AsObject();
        }

        return [.. all.Values];
    }

    protected override IReadOnlyList<JsonObject> Definitions(IReadOnlyList<JsonObject> resources) => [.. base.Definitions(resources), .. CurrentRecords.All()];

    private static JsonNode Resolved(JsonNode node, Dictionary<string, string> keys)
    {
        switch (node)
        {
            case JsonObject item:
                return new JsonObject(item.Select(p => KeyValuePair.Create(p.Key, p.Key == "reference" && keys.TryGetValue(p.Value!.ToString(), out var key) ? key : (JsonNode?)Resolved(p.Value!, keys))));
            case JsonArray list:
                return new JsonArray([.. list.Select(i => i is null ? null : Resolved(i, keys))]);
            default:
                return node.DeepClone();
        }
    }
}

public sealed class SyntheaOracleSqlite() : SyntheaOracleServer(null);

public sealed class SyntheaOraclePostgres(PostgresCluster cluster) : SyntheaOracleServer(cluster);

/// <summary>Random searches over Synthea records, against the oracle.</summary>
public abstract class SyntheaOracleTests(SyntheaOracleServer server) : MeaningOracle(server)
{
    private IReadOnlyList<string> Types => [.. server.Oracle.Records.Select(r => r.Type).Distinct().Order(StringComparer.Ordinal)];

    [Fact]
    public Task Each_parameter_finds_what_the_oracle_finds() => CompareAsync(
        from param in Types.SelectMany(t => OracleSearch.Params(t).Values).Index()
        from round in Enumerable.Range(0, 3)
        let seed = (param.Index * 31) + round
        let criterion = Maker(seed).On(param.Item)
        where criterion is not null
        select (seed, param.Item.Type, (IReadOnlyList<Criterion>)[criterion]), atLeast: 300);

    [Fact]
    public Task Chains_and_several_criteria_find_what_the_oracle_finds() => CompareAsync(
        from i in Enumerable.Range(0, 250)
        let type = Types[i % Types.Count]
        let all = OracleSearch.Params(type).Values.ToArray()
        let criteria = new[] { Maker(i).Through(type), i % 2 == 0 ? Maker(i).On(all[i % all.Length]) : null }.OfType<Criterion>().ToArray()
        where criteria.Length > 0
        select (i, type, (IReadOnlyList<Criterion>)criteria), atLeast: 100);

    /// <summary>lifecycle.html#current: what a patient's record itself implies.</summary>
    [Fact]
    public Task The_current_lists_of_a_patient_hold_what_their_definition_says() => CompareAsync(
        from patient in server.Oracle.Of("Patient").Index()
        from list in Current
        select (patient.Index, list.Type, (IReadOnlyList<Criterion>)[new Criterion("patient", [patient.Item.Id]), new Criterion("_list", [list.Name]) { Meaning = (r, _) => list.Holds(r.Resource) }]), atLeast: 20, leastFound: 0.2);

    private static readonly (string Name, string Type, Func<Resource, bool> Holds)[] Current =
    [
        ("$current-problems", "Condition", r => r is Condition c && IsCurrent(c.ClinicalStatus, c.VerificationStatus)),
        ("$current-allergies", "AllergyIntolerance", r => r is AllergyIntolerance a && IsCurrent(a.ClinicalStatus, a.VerificationStatus)),
        ("$current-drug-allergies", "AllergyIntolerance", r => r is AllergyIntolerance a && IsCurrent(a.ClinicalStatus, a.VerificationStatus) && a.Category.Contains(AllergyIntolerance.AllergyIntoleranceCategory.Medication)),
        ("$current-medications", "MedicationRequest", r => r is MedicationRequest { Status: MedicationRequest.MedicationrequestStatus.Active }),
    ];

    private static bool IsCurrent(CodeableConcept? clinical, CodeableConcept? verification) =>
        clinical?.Coding.Exists(c => c.Code is "active" or "recurrence" or "relapse") == true && verification?.Coding.Exists(c => c.Code is "refuted" or "entered-in-error") != true;

    [Fact]
    public async Task Sorted_pages_bring_each_match_once_and_in_order()
    {
        var differences = new List<string>();
        foreach (var (i, type) in Types.Index())
        {
            var sortable = OracleSearch.Params(type).Values.Where(p => SortValue.CanCompare(p) && server.IsOffered(type, p.Code)).ToArray();
            var keys = new[] { sortable[i % sortable.Length].Code, "-" + sortable[(i * 7) % sortable.Length].Code };
            var count = server.Oracle.Of(type).Count();
            if (await SortedDifferenceAsync(type, [], string.Join(',', keys), Math.Max(2, count / 7)) is { } difference)
                differences.Add(difference);
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }
}

public sealed class SqliteSyntheaOracleTests(SyntheaOracleSqlite server) : SyntheaOracleTests(server), IClassFixture<SyntheaOracleSqlite>;

public sealed class PostgresSyntheaOracleTests(SyntheaOraclePostgres server) : SyntheaOracleTests(server), IClassFixture<SyntheaOraclePostgres>;
