using System.Globalization;
using System.Text.Json.Nodes;
using Hl7.Fhir.Model;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>Records beside those of a world that say what its codes mean and where places lie: a code system, value sets of every make, locations.</summary>
internal static class DefinitionRecords
{
    private const string Mark = "oracle-";
    private const string Sets = "http://example.org/oracle/vs/";
    private const int LeastCodes = 5, MostCodes = 60;

    private static readonly double[] Latitudes = [42.25, -16.8, 89.97, -89.95, 0, 51.4779];
    private static readonly double[] Longitudes = [-83.69, 179.95, -179.95, 180, -180, 0, 90];

    public static bool IsOurs(Resource resource) => resource.Id?.StartsWith(Mark, StringComparison.Ordinal) == true;

    public static IReadOnlyList<JsonObject> For(IEnumerable<JsonObject> world)
    {
        var systems = world.SelectMany(Codings).GroupBy(c => c.System).Where(g => g.Select(c => c.Code).Distinct().Count() >= LeastCodes).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Take(3)
            .Select(g => (System: g.Key, Codes: g.Select(c => c.Code).Distinct().Order(StringComparer.Ordinal).Take(MostCodes).ToArray())).ToArray();
        return [Hierarchy(systems[0].System, systems[0].Codes), .. ValueSets(systems), .. Places()];
    }

    /// <summary>Each code stands below the one with half its number; every third by a property instead of its place.</summary>
    private static JsonObject Hierarchy(string system, string[] codes)
    {
        return new()
        {
            ["resourceType"] = "CodeSystem",
            ["id"] = Mark + "tree",
            ["url"] = system,
            ["status"] = "active",
            ["content"] = "complete",
            ["concept"] = new JsonArray([.. Enumerable.Range(0, codes.Length).Where(i => i == 0 || StandsApart(i)).Select(i => (JsonNode)Concept(i))]),
        };

        static bool StandsApart(int i) => i % 3 == 2;

        JsonObject Concept(int i)
        {
            var properties = new JsonArray();
            if (i % 4 != 3)
                properties.Add(new JsonObject { ["code"] = "kind", ["valueCode"] = "k" + (i % 3) });
            if (StandsApart(i))
                properties.Add(new JsonObject { ["code"] = "parent", ["valueCode"] = codes[(i - 1) / 2] });
            var concept = new JsonObject { ["code"] = codes[i] };
            if (properties.Count > 0)
                concept["property"] = properties;
            var below = new[] { (2 * i) + 1, (2 * i) + 2 }.Where(c => c < codes.Length && !StandsApart(c)).Select(c => (JsonNode)Concept(c)).ToArray();
            if (below.Length > 0)
                concept["concept"] = new JsonArray(below);
            return concept;
        }
    }

    private static IEnumerable<JsonObject> ValueSets((string System, string[] Codes)[] systems)
    {
        var ((tree, codes), (other, others), (third, _)) = (systems[0], systems[1], systems[2]);
        var plain = codes.Where(c => !c.Contains(',', StringComparison.Ordinal)).ToArray();
        yield return Set("listed", [Include(other, concepts: others.Where((_, i) => i % 2 == 0)), Include(third)]);
        yield return Set("isa", [Include(tree, filters: ("concept", "is-a", codes[1]))]);
        yield return Set("newer", [Include(tree, filters: ("concept", "descendent-of", codes[0]))], version: "1.9");
        yield return Set("newer", [Include(tree, concepts: codes.Take(3))], [Include(tree, concepts: codes.Take(1))], "1.10");
        yield return Set("isnota", [Include(tree, filters: ("concept", "is-not-a", codes[1]))]);
        yield return Set("generalizes", [Include(tree, filters: ("concept", "generalizes", codes[^1]))]);
        yield return Set("kind", [Include(tree, filters: ("kind", "=", "k1"))]);
        yield return Set("kinds", [Include(tree, [("kind", "in", "k0,k2"), ("concept", "is-a", codes[1])])]);
        yield return Set("notkinds", [Include(tree, filters: ("kind", "not-in", "k0,k2"))]);
        yield return Set("pattern", [Include(tree, filters: ("kind", "regex", "k[02]"))]);
        yield return Set("exists", [Include(tree, filters: ("kind", "exists", "false"))]);
        yield return Set("allbut", [Include(tree, filters: ("code", "not-in", string.Join(',', plain.Take(2))))], [Include(tree, concepts: plain.Skip(2).Take(1))]);
        yield return Set("imports", [Import(null, "listed", "isnota"), Import(tree, "isa"), Import(null, "kind")], [Include(other, concepts: others.Take(1))]);
        yield return new JsonObject
        {
            ["resourceType"] = "ValueSet",
            ["id"] = Mark + "expanded",
            ["url"] = Sets + "expanded",
            ["status"] = "active",
            ["expansion"] = new JsonObject
            {
                ["timestamp"] = "2024-01-01",
                ["contains"] = new JsonArray(new JsonObject
                {
                    ["system"] = tree,
                    ["abstract"] = true,
                    ["code"] = codes[0],
                    ["contains"] = new JsonArray(new JsonObject { ["system"] = tree, ["code"] = codes[1] }),
                }),
            },
        };
    }

    private static JsonObject Set(string name, JsonObject[] include, JsonObject[]? exclude = null, string? version = null)
    {
        var compose = new JsonObject { ["include"] = new JsonArray(include) };
        if (exclude is not null)
            compose["exclude"] = new JsonArray(exclude);
        var set = new JsonObject { ["resourceType"] = "ValueSet", ["id"] = Mark + name + version?.Replace(".", "-", StringComparison.Ordinal), ["url"] = Sets + name, ["status"] = "active", ["compose"] = compose };
        if (version is not null)
            set["version"] = version;
        return set;
    }

    private static JsonObject Include(string system, params (string Property, string Op, string Value)[] filters)
    {
        var part = new JsonObject { ["system"] = system };
        if (filters.Length > 0)
            part["filter"] = new JsonArray([.. filters.Select(f => (JsonNode)new JsonObject { ["property"] = f.Property, ["op"] = f.Op, ["value"] = f.Value })]);
        return part;
    }

    private static JsonObject Include(string system, IEnumerable<string> concepts) =>
        new() { ["system"] = system, ["concept"] = new JsonArray([.. concepts.Select(c => (JsonNode)new JsonObject { ["code"] = c })]) };

    private static JsonObject Import(string? system, params string[] sets)
    {
        var part = new JsonObject { ["valueSet"] = new JsonArray([.. sets.Select(s => JsonValue.Create(Sets + s))]) };
        if (system is not null)
            part["system"] = system;
        return part;
    }

    private static IEnumerable<JsonObject> Places() => Latitudes.SelectMany(_ => Longitudes, (lat, lon) => (lat, lon)).Select((at, i) => new JsonObject
    {
        ["resourceType"] = "Location",
        ["id"] = string.Create(CultureInfo.InvariantCulture, $"{Mark}place-{i}"),
        ["position"] = new JsonObject { ["latitude"] = (decimal)at.lat, ["longitude"] = (decimal)at.lon },
    });

    /// <summary>System and code of every Coding, however deep: what else has both has a value too.</summary>
    private static IEnumerable<(string System, string Code)> Codings(JsonNode node) => node switch
    {
        JsonObject item => item.Select(p => p.Value).OfType<JsonNode>().SelectMany(Codings)
            .Concat(!item.ContainsKey("value") && item["system"] is JsonValue s && item["code"] is JsonValue c ? [(s.ToString(), c.ToString())] : []),
        JsonArray list => list.OfType<JsonNode>().SelectMany(Codings),
        _ => [],
    };
}
