using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Tests.Search;
using FhirEmr.FhirServer.Tests.Search.Indexing;
using FhirEmr.FhirServer.Tests.Search.Indexing.Extraction;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace FhirEmr.FhirServer.Tests.Fuzz;

/// <summary>Spoilt JSON and XML: a fault or a resource, never an exception; what is accepted is stored, indexed and read again.</summary>
public class ReaderFuzzTests
{
    private static readonly string[] Words =
    [
        "\"resourceType\":\"Patient\",", "\"_birthDate\":{\"extension\":[]},", "null", "1e400", "-0", "\"\"", "[[", "{}", "\"extension\":[{\"url\":\"x\"}],", "\\ud800", "\\u0000", "\"id\":\"x\",", "\uFEFF",
        "\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"c\"}],", "urn:uuid:0b1c6ef8-4f60-4e2d-8a7c-0d8f4d0e6a11", "2024-02-30", "<div>", "<!DOCTYPE x>", "&amp;", " xmlns=\"http://hl7.org/fhir\"", " value=\"\"",
    ];

    private static readonly IReadOnlyList<byte[]> Json = FuzzRun.Corpus(ExtractionFixtures.All.Select(f => f.Json));
    private static readonly IReadOnlyList<byte[]> Shuffled = [.. Json, .. JsonShuffle.Variants(5, [.. ExtractionFixtures.All.Select(f => f.Json)], 600)];
    private static readonly JsonSerializerOptions Sdk = new JsonSerializerOptions().ForFhir(ModelInfo.ModelInspector);
    private static readonly ResourceIndexer Indexer = new(SearchSamples.Parameters(), TimeZoneInfo.Utc);

    [Fact]
    public void Json_that_is_accepted_can_be_stored_indexed_and_read_again()
    {
        var accepted = FuzzRun.Try(1, 12_000, Shuffled, Words, input =>
        {
            var tree = FhirJsonReader.Read(input, out var issues);
            Assert.True(tree is not null || issues.Count > 0, "neither a tree nor an issue");
            Assert.All(issues, i => Assert.False(string.IsNullOrWhiteSpace(i.Text)));
            if (tree is null || issues.Count > 0)
                return false;

            var links = new Links("http://here/fhir");
            links.TryAdd("urn:uuid:0b1c6ef8-4f60-4e2d-8a7c-0d8f4d0e6a11", new("Patient", "new"));
            var stored = JsonSplicer.Splice(tree.Root, "an-id", 7, DateTimeOffset.UnixEpoch, links.Rewrite(tree.Root, []));
            var again = FhirJsonReader.Read(stored, out var after);
            Assert.True(again is not null && after.Count == 0, $"stored as {Encoding.UTF8.GetString(stored)}: {string.Join("; ", after.Select(i => i.Text))}");
            Assert.Equal(stored, JsonSplicer.Splice(again.Root, "an-id", 7, DateTimeOffset.UnixEpoch, []));
            Assert.NotNull(Indexer.Index(again.Root, new FakeSymbols(), 1));
            return true;
        });

        Assert.True(accepted > 300, $"Only {accepted} inputs were accepted: the mutations are too wild to tell anything.");
    }

    [Fact]
    public void What_our_reader_and_the_SDK_both_accept_they_understand_alike()
    {
        var compared = FuzzRun.Try(2, 8_000, Shuffled, Words, input =>
        {
            var tree = FhirJsonReader.Read(input, out var issues);
            if (tree is null || issues.Count > 0)
                return false;
            Resource theirs;
            try
            {
                theirs = JsonSerializer.Deserialize<Resource>(input, Sdk)!;
            }
            catch (Exception e) when (e is DeserializationFailedException or JsonException or FormatException or OverflowException)
            {
                return false; // stricter than we are, or beyond its numbers
            }

            Assert.Equal(theirs.TypeName, tree.Root.Type.Name);
            var (mine, its) = (JsonNode.Parse(tree.Source.Span), JsonNode.Parse(JsonSerializer.Serialize(theirs, Sdk)));
            Assert.True(Same(mine, its), $"we keep {mine!.ToJsonString()}\nthe SDK {its!.ToJsonString()}");
            return true;
        });

        Assert.True(compared > 200, $"Only {compared} inputs were accepted by both.");
    }

    [Fact]
    public void Xml_is_a_resource_or_a_fault()
    {
        var writer = new BaseFhirXmlSerializer(ModelInfo.ModelInspector);
        var xml = FuzzRun.Corpus(Json.Select(j => writer.SerializeToString(JsonSerializer.Deserialize<Resource>(j, new JsonSerializerOptions().ForFhir(ModelInfo.ModelInspector).UsingMode(DeserializationMode.Ostrich))!)));

        var accepted = FuzzRun.Try(3, 2_500, xml, Words, input =>
        {
            var fault = RequestBody.Read(input, "application/fhir+xml", out var resource);
            Assert.True(fault is not null || resource.Exists, "neither a resource nor a fault");
            if (fault is not null)
                return false;

            // Out again as XML and in once more: the same JSON.
            var again = RequestBody.Read(FhirFormats.ToXml(resource.Raw, pretty: false), "application/fhir+xml", out var second);
            Assert.True(again is null, again?.ToString());
            Assert.Equal(Encoding.UTF8.GetString(resource.Raw), Encoding.UTF8.GetString(second.Raw));
            return true;
        });

        Assert.True(accepted > 20, $"Only {accepted} inputs were accepted.");
    }

    /// <summary>Equal as values: numbers by their value, for the SDK may write them another way; nulls that keep a place and empty tails as absent.</summary>
    private static bool Same(JsonNode? a, JsonNode? b) => (a, b) switch
    {
        (null, null) => true,
        (JsonObject x, JsonObject y) => x.Select(p => p.Key).Union(y.Select(p => p.Key)).All(k => Same(x[k], y[k])),
        (JsonArray x, JsonArray y) => x.Count == y.Count && x.Zip(y).All(p => Same(p.First, p.Second)),
        (JsonArray x, null) => x.All(i => i is null),
        (null, JsonArray y) => y.All(i => i is null),
        (JsonValue x, JsonValue y) when x.GetValueKind() == JsonValueKind.Number && y.GetValueKind() == JsonValueKind.Number => decimal.TryParse(x.ToJsonString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var m)
            && decimal.TryParse(y.ToJsonString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var n) && m == n,
        _ => JsonNode.DeepEquals(a, b),
    };
}
