using System.Text;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Model;

/// <summary>Spoilt addresses over HTTP, down to the database: an answer or a refusal in words, never 5xx; a page token that is not ours is 410.</summary>
[Trait("Requirement", "S-72")]
public abstract class UrlFuzzTests(ServerFixture fixture) : OnServer(fixture)
{
    private const string Letters = "abcXYZ019 .,:;|$\\/'\"%_-+*()[]{}<>!~üß\u0301\u4e2d\t";

    private static readonly string[] Urls =
    [
        "Patient?name=Ann&birthdate=ge1980-02&_sort=-birthdate,family&_count=3&_total=accurate", "Patient?identifier=urn:mrn|A1,|x,y|&gender:not=male", "Patient?general-practitioner:Practitioner.name:contains=ab",
        "Patient?_has:Observation:patient:code=x&_include=Patient:organization", "Observation?value-quantity=ge5.4|http://unitsofmeasure.org|mg,5e-3||g&code:missing=true", "Observation?subject:identifier=a|b&date=ap2024-01-01T00:00:00Z",
        "ChargeItem?factor-override=ap1.50&_sort=_id", "ValueSet?url:below=http://x/y&_summary=count", "Patient/_history?_count=2&_since=2024-01-01T00:00:00Z", "Patient/x/_history/1", "metadata?_format=xml", "Patient?_elements=id,name&_summary=false&_pretty=true",
    ];

    [Fact]
    public async Task No_address_makes_the_server_fail()
    {
        var random = new Random(21);
        foreach (var i in Enumerable.Range(0, 1200))
        {
            var url = new StringBuilder(Urls[random.Next(Urls.Length)]);
            for (var times = random.Next(1, 4); times > 0; times--)
            {
                var at = random.Next(url.Length + 1);
                if (random.Next(3) == 0 && at < url.Length)
                    url.Remove(at, Math.Min(random.Next(1, 6), url.Length - at));
                else
                    url.Insert(at, Uri.EscapeDataString(Letters[random.Next(Letters.Length)].ToString()));
            }

            var reply = await Server.GetAsync(Server.BaseUrl + "/" + url);
            Assert.True(reply.Status < 500, $"{i}: {url}: {reply.Status} {reply.Body}");
            if (reply.Status >= 400 && reply.MediaType == "application/fhir+json")
                Assert.Equal("OperationOutcome", reply.Json["resourceType"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task Page_tokens_that_are_not_ours_are_expired()
    {
        foreach (var i in Enumerable.Range(0, 3))
            await Server.PostAsync("Patient", """{"resourceType":"Patient","meta":{"tag":[{"code":"pages"}]},"name":[{"family":"P"}]}""");
        var next = (await Server.GetAsync("Patient?_tag=pages&_sort=family&_count=1")).Next!;
        var (before, token) = (next[..(next.IndexOf("_page=", StringComparison.Ordinal) + 6)], next[(next.IndexOf("_page=", StringComparison.Ordinal) + 6)..]);
        Assert.Equal(200, (await Server.GetAsync(next)).Status);

        var random = new Random(22);
        foreach (var i in Enumerable.Range(0, 200))
        {
            var spoilt = token.ToCharArray();
            var at = random.Next(spoilt.Length - 1); // the last character holds bits that mean nothing
            spoilt[at] = spoilt[at] == 'A' ? 'B' : 'A';
            var text = random.Next(3) switch { 0 => new string(spoilt)[..random.Next(1, spoilt.Length)], 1 => new string(spoilt) + "AAAA", _ => new string(spoilt) };
            var reply = await Server.GetAsync(before + text);
            Assert.True(reply.Status is 410 or 400, $"{text}: {reply.Status} {reply.Body}");
        }
    }
}

public sealed class SqliteUrlFuzzTests(SqliteServer server) : UrlFuzzTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresUrlFuzzTests(PostgresServer server) : UrlFuzzTests(server), IClassFixture<PostgresServer>;
