using System.Text;
using CsCheck;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Tests.Resources;

public class JsonSplicerTests
{
    private static readonly DateTimeOffset Instant = new(2026, 1, 31, 8, 0, 0, 5, TimeSpan.Zero);

    [Fact]
    public void Id_and_meta_are_put_in_place_and_everything_else_stays_as_sent()
    {
        const string sent = """
            { "resourceType" : "Observation", "status":"final",
              "meta": { "versionId": "99", "profile": [ "http://x/y" ], "lastUpdated":"2001-01-01T00:00:00Z" }, "id":"old",
              "code": { "text": "a \" { b \\" }, "valueQuantity": { "value": 1.500, "unit": "m g" } }
            """;

        Assert.Equal(
            """{"resourceType":"Observation","id":"new","meta":{"versionId":"3","lastUpdated":"2026-01-31T08:00:00.005Z","profile":["http://x/y"]},"status":"final","code":{"text":"a \" { b \\"},"valueQuantity":{"value":1.500,"unit":"m g"}}""",
            Splice(sent, []));
    }

    [Fact]
    public void An_escaped_name_is_the_same_name() => Assert.Equal(
        """{"resourceType":"Basic","id":"new","meta":{"versionId":"3","lastUpdated":"2026-01-31T08:00:00.005Z"},"language":"en"}""",
        Splice("""{"resourceType":"Basic","\u0069d":"victim","\u006deta":{"versionId":"99"},"language":"en"}""", []));

    [Fact]
    public void Rewrites_replace_string_contents_only_where_they_stand()
    {
        const string sent = """{"resourceType":"Basic","code":{"text":"urn:uuid:1"},"subject":{"reference":"urn:uuid:1"}}""";
        var at = sent.LastIndexOf("urn:uuid:1", StringComparison.Ordinal);

        var stored = Splice(sent, [new(at, at + 10, "Patient/7"u8.ToArray())]);

        Assert.Contains("\"text\":\"urn:uuid:1\"", stored, StringComparison.Ordinal);
        Assert.Contains("\"reference\":\"Patient/7\"", stored, StringComparison.Ordinal);
    }

    [Fact]
    public void Splicing_twice_changes_nothing() => Gen.String[Gen.Char["ab{}[],:\" \\\n\té"], 0, 40].Sample(text =>
    {
        var sent = $$"""{"resourceType":"Basic","code":{"text":{{System.Text.Json.JsonSerializer.Serialize("x" + text)}}},  "meta":{"tag":[{"code":"a"}]} }""";
        var once = Splice(sent, []);
        Assert.Equal(once, Splice(once, []));
    });

    private static string Splice(string json, IReadOnlyList<TextRewrite> rewrites)
    {
        var tree = FhirJsonReader.Read(Encoding.UTF8.GetBytes(json), out _);
        return Encoding.UTF8.GetString(JsonSplicer.Splice(tree!.Root, "new", 3, Instant, rewrites));
    }
}
