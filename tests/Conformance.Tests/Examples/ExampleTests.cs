using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.Conformance.Tests.Oracle;
using Hl7.Fhir.Introspection;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace FhirEmr.Conformance.Tests.Examples;

/// <summary>HL7's R4 examples go in and come out the same, as JSON and as XML, and are found by every value they have.</summary>
public abstract class ExampleTests(ExampleServer server) : OnServer(server)
{
    /// <summary>Formats do not depend on the engine: one of them is enough.</summary>
    protected virtual int OneIn => 1;

    private const int PerParameter = 3;

    private static readonly BaseFhirXmlSerializer ToXml = new(ModelInfo.ModelInspector);

    /// <summary>Examples that no search finds by the value they have, by name: the values are not R4.</summary>
    private static readonly HashSet<string> NotFound =
    [
        // A canonical is an absolute URL (references.html#canonical); these are relative, or name something contained.
        "ActivityDefinition?composed-of=#citalopramMedication", "ActivityDefinition?depends-on=Questionnaire/zika-virus-exposure-assessment",
        "CapabilityStatement?resource-profile=StructureDefinition/Library", "CapabilityStatement?resource-profile=StructureDefinition/Measure", "CapabilityStatement?resource-profile=StructureDefinition/ValueSet",
        "Library?depends-on=Library/fhir-model-definition", "Library?predecessor=library-fhir-helpers-predecessor", "MeasureReport?measure=Measure/CMS146",
        "PlanDefinition?composed-of=ActivityDefinition/referralPrimaryCareMentalHealth", "PlanDefinition?definition=#procedure", "PlanDefinition?depends-on=Library/example",
        "PlanDefinition?depends-on=Library/library-exclusive-breastfeeding-cds-logic", "PlanDefinition?depends-on=Library/opioidcds-recommendation-08",
        "PlanDefinition?derived-from=Measure/measure-exclusive-breastfeeding", "QuestionnaireResponse?questionnaire=Questionnaire/ussg-fht",
        // References to types that the element does not allow.
        "DeviceMetric?parent=DeviceDefinition/dc102", "MedicationRequest?intended-dispenser=Practitioner/f001",
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_is_found_by_a_value_of_each_parameter_it_has()
    {
        var notOffered = new ConcurrentBag<string>();
        var notFound = new ConcurrentBag<string>();
        var searched = 0;
        var work = from param in server.Oracle.Records.Select(r => r.Type).Distinct().SelectMany(t => OracleSearch.Params(t).Values)
                   where param.Code is not ("_lastUpdated" or "_id") && param.Kind != SearchParamType.Composite
                   let found = server.Oracle.Of(param.Type).SelectMany(r => OracleSearch.Values(r, param).Select(v => (Record: r, Query: FindingQuery.For(param, v.Poco)))).Where(f => f.Query is not null).DistinctBy(f => f.Record).ToArray()
                   where found.Length > 0
                   from one in found.Where((_, i) => i % Math.Max(1, found.Length / PerParameter) == 0)
                   select (Param: param, one.Record, Query: one.Query!);
        await Parallel.ForEachAsync(work, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Ct }, async (one, _) =>
        {
            var (param, record, query) = one;
            if (!server.IsOffered(param.Type, param.Code))
            {
                notOffered.Add($"{param.Type}.{param.Code}");
                return;
            }

            Interlocked.Increment(ref searched);
            var reply = await Server.GetAsync($"{param.Type}?_id={record.Id}&{param.Code}={Uri.EscapeDataString(query)}");
            if ((reply.Status != 200 || reply.Ids is not [var only] || only != record.Id) && !NotFound.Contains($"{param.Type}?{param.Code}={query}"))
                notFound.Add($"{param.Type}?{param.Code}={query} does not find {record.Key}: {(reply.Status == 200 ? "" : reply.Body[..Math.Min(300, reply.Body.Length)])}");
        });

        Assert.True(notFound.IsEmpty, string.Join('\n', notFound.Order(StringComparer.Ordinal).Take(60)));
        Assert.Empty(notOffered.Distinct());
        Assert.True(searched > 1000, $"{searched} searches");
    }

    [Fact]
    public async Task Each_comes_in_as_XML_and_out_as_JSON_and_XML_the_same()
    {
        var different = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(server.Oracle.Records.Where((_, i) => i % OneIn == 0), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Ct }, async (record, _) =>
        {
            var sent = ToXml.SerializeToString(record.Resource);
            var id = "x-" + (record.Id.Length > 60 ? record.Id[..60] : record.Id);
            var key = $"{record.Type}/{id}";
            var reply = await Server.SendAsync(HttpMethod.Put, key, WithId(sent, id), "application/fhir+xml", ("Accept", "application/fhir+json"));
            if (reply.Status != 201)
            {
                different.Add($"{record.Key} as XML: {reply.Status} {reply.Body[..Math.Min(400, reply.Body.Length)]}");
                return;
            }

            var json = (JsonObject)(await Server.GetAsync(key, ("Accept", "application/fhir+json"))).Json;
            var original = (JsonObject)JsonNode.Parse(record.Json)!;
            foreach (var side in new[] { json, original })
                foreach (var own in new[] { "id", "meta" })
                    side.Remove(own);
            if (FirstDifference(original, json, "") is { } change)
                different.Add($"{record.Key} went in as XML and came out as another JSON: {change}");

            var back = (await Server.GetAsync(key, ("Accept", "application/fhir+xml"))).Body;
            if (Canonical(back) is var b && Canonical(WithId(sent, id)) is var s && b != s)
                different.Add($"{record.Key} went in as XML and came out as another: {s.Zip(b).TakeWhile(p => p.First == p.Second).Count() is var at} ...{s[Math.Max(0, at - 40)..Math.Min(s.Length, at + 80)]}... | ...{b[Math.Max(0, at - 40)..Math.Min(b.Length, at + 80)]}");
        });

        Assert.True(different.IsEmpty, string.Join('\n', different.Order(StringComparer.Ordinal).Take(40)));
    }

    private static string WithId(string xml, string id)
    {
        var document = XDocument.Parse(xml, LoadOptions.PreserveWhitespace);
        document.Root!.Element(document.Root.Name.Namespace + "id")!.SetAttributeValue("value", id);
        return document.ToString(SaveOptions.DisableFormatting);
    }

    /// <summary>The elements with their attributes in order, without the server's own meta, blanks in the narrative as one.</summary>
    private static string Canonical(string xml)
    {
        var root = XDocument.Parse(xml.TrimStart('\uFEFF')).Root!;
        root.Element(root.Name.Namespace + "meta")?.Remove();
        var text = new StringBuilder();
        Write(root);
        return text.ToString();

        void Write(XElement element)
        {
            text.Append('<').Append(element.Name);
            foreach (var attribute in element.Attributes().Where(a => !a.IsNamespaceDeclaration).OrderBy(a => a.Name.ToString(), StringComparer.Ordinal))
                text.Append(' ').Append(attribute.Name).Append('=').AppendJoin(element.Name.LocalName == "data" ? "" : " ", attribute.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            text.Append('>');
            foreach (var node in element.Nodes())
                if (node is XElement child)
                    Write(child);
                else if (node is XText { Value: var value } && string.Join(' ', value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) is { Length: > 0 } plain)
                    text.Append(plain);
            text.Append("</>");
        }
    }

    /// <summary>Where two differ; null when they say the same. Blanks around a text do not count in XML (datatypes.html#string), in base64 none do.</summary>
    private static string? FirstDifference(JsonNode? a, JsonNode? b, string path) => (a, b) switch
    {
        (JsonObject x, JsonObject y) => x.Select(p => p.Key).Union(y.Select(p => p.Key)).Select(k => FirstDifference(x[k], y[k], $"{path}.{k}")).FirstOrDefault(d => d is not null),
        (JsonArray x, JsonArray y) when x.Count == y.Count => x.Zip(y).Select((p, i) => FirstDifference(p.First, p.Second, $"{path}[{i}]")).FirstOrDefault(d => d is not null),
        (JsonValue x, JsonValue y) when Plain(x, path) == Plain(y, path) => null,
        _ => JsonNode.DeepEquals(a, b) ? null : $"{path}: {Short(a)} became {Short(b)}",
    };

    private static string Plain(JsonValue value, string path) => path.EndsWith(".div", StringComparison.Ordinal) ? Canonical(value.GetValue<string>())
        : value.GetValueKind() != JsonValueKind.String ? value.ToJsonString()
        : string.Join(path.EndsWith(".data", StringComparison.Ordinal) ? "" : " ", value.GetValue<string>().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Short(JsonNode? node) => node?.ToJsonString() is { } text ? text[..Math.Min(120, text.Length)] : "nothing";
}

public sealed class SqliteExampleTests(SqliteExamples server) : ExampleTests(server), IClassFixture<SqliteExamples>;

public sealed class PostgresExampleTests(PostgresExamples server) : ExampleTests(server), IClassFixture<PostgresExamples>
{
    protected override int OneIn => 10;
}
