using System.Globalization;
using System.Text.Json.Nodes;

namespace FhirEmr.Conformance.Tests.Access;

/// <summary>One resource with all it has been; null for a deletion.</summary>
internal sealed record Chart(string Type, string Id)
{
    public List<JsonObject?> Versions { get; } = [];

    /// <summary>When each version was written, counted over all of them.</summary>
    public List<int> Written { get; } = [];

    public JsonObject? Now => Versions[^1];

    /// <summary>What it says, or said last.</summary>
    public JsonObject Last => Versions[^1] ?? Versions[^2]!;
}

/// <summary>A made-up clinic whose records refer to each other in every direction a reader might follow; some were moved, relabelled or deleted.</summary>
internal sealed class Clinic
{
    public const string Security = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

    private readonly Random random;
    private readonly string prefix;
    private int clock;

    public Clinic(int seed, string prefix)
    {
        (random, this.prefix) = (new Random(seed), prefix);
        foreach (var i in Enumerable.Range(0, 3))
            New("Practitioner", i, new() { ["active"] = Flip(), ["name"] = Name(), ["telecom"] = Phone() });
        foreach (var i in Enumerable.Range(0, 5))
            New("Patient", i, new()
            {
                ["gender"] = Pick("female", "male"),
                ["name"] = Name(),
                ["telecom"] = Phone(),
                ["birthDate"] = $"19{random.Next(50, 99)}-0{random.Next(1, 9)}-11",
                ["generalPractitioner"] = random.Next(5) == 0 ? null : new JsonArray(To("Practitioner")),
            });
        foreach (var i in Enumerable.Range(0, 6))
            New("Encounter", i, new()
            {
                ["status"] = Pick("finished", "planned"),
                ["class"] = new JsonObject { ["code"] = "AMB" },
                ["subject"] = To("Patient"),
                ["participant"] = new JsonArray(new JsonObject { ["individual"] = To("Practitioner") }),
            });
        foreach (var i in Enumerable.Range(0, 6))
            New("Condition", i, new()
            {
                ["clinicalStatus"] = Coded(Pick("active", "resolved")),
                ["code"] = Coded(Pick("c1", "c2")),
                ["subject"] = To("Patient"),
                ["encounter"] = Maybe("Encounter"),
                ["asserter"] = Maybe("Practitioner"),
            });
        foreach (var i in Enumerable.Range(0, 16))
            New("Observation", i, new()
            {
                ["status"] = Pick("final", "amended"),
                ["code"] = Coded(Pick("c1", "c2", "c3")),
                ["subject"] = To("Patient"),
                ["encounter"] = Maybe("Encounter"),
                ["performer"] = Maybe("Practitioner") is { } one ? new JsonArray(one) : null,
                ["effectiveDateTime"] = $"2024-0{random.Next(1, 9)}-1{random.Next(0, 9)}",
                ["valueQuantity"] = random.Next(3) == 0 ? null : new JsonObject { ["value"] = random.Next(1, 12), ["unit"] = "mg", ["system"] = "http://unitsofmeasure.org", ["code"] = "mg" },
                ["hasMember"] = i > 0 && random.Next(2) == 0 ? new JsonArray(Reference("Observation", random.Next(i))) : null,
            });
        foreach (var i in Enumerable.Range(0, 4))
            New("List", i, new()
            {
                ["status"] = Pick("current", "retired"),
                ["mode"] = "working",
                ["subject"] = Maybe("Patient"),
                ["entry"] = new JsonArray(new JsonObject { ["item"] = To("Condition") }, new JsonObject { ["item"] = To("Observation") }),
            });

        foreach (var chart in Charts.Where(c => c.Type is "Observation" or "Condition" or "Encounter").ToList())
            switch (random.Next(8))
            {
                case 0:
                    Change(chart, c => c["subject"] = To("Patient"));
                    break;
                case 1:
                    Change(chart, c => c["status"] = c["status"] is null ? null : chart.Type == "Observation" ? "amended" : "finished");
                    Change(chart, Label);
                    break;
                case 2 when chart.Type != "Encounter":
                    Delete(chart);
                    break;
                case 3 when chart.Type == "Observation":
                    Change(chart, c => c["subject"] = To("Patient"));
                    Delete(chart);
                    Change(chart, c => c["status"] = "final");
                    break;
            }
    }

    public List<Chart> Charts { get; } = [];

    public IEnumerable<string> IdsOf(string type) => Charts.Where(c => c.Type == type).Select(c => c.Id);

    /// <summary>All writes in order.</summary>
    public IEnumerable<(Chart Chart, JsonObject? Version)> Writes =>
        Charts.SelectMany(c => c.Versions.Zip(c.Written, (v, at) => (Chart: c, Version: v, At: at))).OrderBy(w => w.At).Select(w => (w.Chart, w.Version));

    private void New(string type, int number, JsonObject content)
    {
        var chart = new Chart(type, prefix + type[0].ToString().ToLowerInvariant() + type[1] + number.ToString(CultureInfo.InvariantCulture));
        foreach (var empty in content.Where(p => p.Value is null).Select(p => p.Key).ToList())
            content.Remove(empty);
        var resource = new JsonObject { ["resourceType"] = type, ["id"] = chart.Id, ["meta"] = new JsonObject { ["tag"] = new JsonArray(new JsonObject { ["system"] = "urn:graph", ["code"] = prefix }) } };
        foreach (var (name, value) in content)
            resource[name] = value?.DeepClone();
        if (random.Next(5) == 0)
            Label(resource);
        Charts.Add(chart);
        Add(chart, resource);
    }

    private void Change(Chart chart, Action<JsonObject> change)
    {
        var next = (JsonObject)chart.Last.DeepClone();
        change(next);
        foreach (var empty in next.Where(p => p.Value is null).Select(p => p.Key).ToList())
            next.Remove(empty);
        if (chart.Now is null || !JsonNode.DeepEquals(next, chart.Now))
            Add(chart, next);
    }

    private void Delete(Chart chart) => Add(chart, null);

    private void Add(Chart chart, JsonObject? version)
    {
        chart.Versions.Add(version);
        chart.Written.Add(clock++);
    }

    private static void Label(JsonObject resource) => resource["meta"]!["security"] = new JsonArray(new JsonObject { ["system"] = Security, ["code"] = "R" });

    private bool Flip() => random.Next(2) == 0;

    private string Pick(params string[] values) => values[random.Next(values.Length)];

    private JsonArray Name() => [new JsonObject { ["family"] = Pick("Adams", "Baker", "Clark") }];

    private JsonArray Phone() => [new JsonObject { ["system"] = "phone", ["value"] = Pick("555-1", "555-2") }];

    private static JsonObject Coded(string code) => new() { ["coding"] = new JsonArray(new JsonObject { ["system"] = "urn:codes", ["code"] = code }) };

    private JsonObject? Maybe(string type) => random.Next(3) == 0 ? null : To(type);

    private JsonObject To(string type) => Reference(type, random.Next(Charts.Count(c => c.Type == type)));

    private JsonObject Reference(string type, int number) => new() { ["reference"] = $"{type}/{Charts.Where(c => c.Type == type).ElementAt(number).Id}" };
}
