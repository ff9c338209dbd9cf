using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Search;

/// <summary><c>_text</c> and <c>_content</c> (search.html#content).</summary>
public abstract partial class WordSearchTests(ServerFixture fixture) : OnServer(fixture)
{
    private static readonly string[] Vocabulary = ["fever", "Fièvre", "cough", "Asthma", "chronic", "acute", "O'Neil", "left-sided", "pain", "knee", "Knie", "chron"];
    private readonly string mark = "w" + Guid.NewGuid().ToString("N")[..10];

    [Fact]
    public async Task Content_finds_what_reading_every_resource_finds()
    {
        var random = new Random(7);
        foreach (var i in Enumerable.Range(0, 60))
        {
            string Some() => string.Join(' ', Enumerable.Range(0, random.Next(1, 8)).Select(_ => Vocabulary[random.Next(Vocabulary.Length)]));
            var reply = await Server.PostAsync("Basic", new JsonObject
            {
                ["resourceType"] = "Basic",
                ["meta"] = new JsonObject { ["tag"] = new JsonArray(new JsonObject { ["code"] = mark }) },
                ["text"] = new JsonObject { ["status"] = "generated", ["div"] = $"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>{Some()}</p></div>" },
                ["code"] = new JsonObject { ["text"] = Some(), ["coding"] = new JsonArray(new JsonObject { ["display"] = Some() }) },
            }.ToJsonString());
            Assert.True(reply.Status == 201, reply.Body);
        }

        var all = (await Server.GetAsync($"Basic?_tag={mark}&_count=100")).Entries.Select(e => e["resource"]!).ToList();
        var queries = new (string Query, Func<IReadOnlyList<string[]>, bool> Holds)[]
        {
            ("fever", t => Has(t, "fever")),
            ("fievre asthma", t => Has(t, "fievre") && Has(t, "asthma")),
            ("chron", t => Has(t, "chron")),
            ("chron*", t => t.Any(w => w.Any(x => x.StartsWith("chron", StringComparison.Ordinal)))),
            ("\"acute pain\"", t => t.Any(w => Follow(w, "acute", "pain"))),
            ("knee OR knie", t => Has(t, "knee") || Has(t, "knie")),
            ("cough NOT fever", t => Has(t, "cough") && !Has(t, "fever")),
            ("NOT (asthma OR oneil)", t => !Has(t, "asthma") && !Has(t, "oneil")),
            ("left-sided", t => t.Any(w => Follow(w, "left", "sided"))),
            ("generated", t => Has(t, "generated")),
        };
        foreach (var (query, holds) in queries)
        {
            var expected = all.Where(r => holds([.. Texts(r).Select(Words)])).Select(r => r["id"]!.GetValue<string>()).Order().ToList();
            Assert.Equal(expected, (await AllAsync($"Basic?_tag={mark}&_content={Uri.EscapeDataString(query)}&_count=7")).Order());
            var narrated = all.Where(r => holds([Words(r["text"]!["div"]!.GetValue<string>())])).Select(r => r["id"]!.GetValue<string>()).Order();
            Assert.Equal(narrated, (await AllAsync($"Basic?_tag={mark}&_text={Uri.EscapeDataString(query)}&_count=7")).Order());
            Assert.Equal(expected.Count, (await Server.GetAsync($"Basic?_tag={mark}&_content={Uri.EscapeDataString(query)}&_summary=count")).Json["total"]!.GetValue<int>());
        }

        Assert.NotEmpty(await AllAsync($"Basic?_tag={mark}&_content={Uri.EscapeDataString("\"acute pain\"")}"));
    }

    [Fact]
    public async Task Text_follows_the_narrative_of_each_version_and_leaves_deleted_ones()
    {
        await PutAsync("first words");
        Assert.Equal([mark], (await Server.GetAsync($"Patient?_id={mark}&_text=first")).Ids);
        await PutAsync("second words");
        Assert.Empty((await Server.GetAsync($"Patient?_id={mark}&_text=first")).Ids);
        Assert.Equal([mark], (await Server.GetAsync($"Patient?_id={mark}&_text=\"second words\"")).Ids);
        Assert.Equal([mark], (await Server.GetAsync($"Patient?_id={mark}&_text:missing=false")).Ids);
        await Server.DeleteAsync($"Patient/{mark}");
        Assert.Empty((await Server.GetAsync($"Patient?_id={mark}&_text=second")).Ids);
    }

    [Theory]
    [InlineData("_text=(a", 400)]
    [InlineData("_content=AND", 400)]
    [InlineData("_text:exact=a", 400)]
    [InlineData("_sort=_text", 400)]
    [InlineData("_sort=_content", 400)]
    [InlineData("_content:missing=true", 400)]
    public async Task What_does_not_read_is_refused(string query, int status)
    {
        var reply = await Server.GetAsync($"Patient?{query}");
        Assert.Equal(status, reply.Status);
        Assert.NotEmpty(reply.Diagnostics);
    }

    [Fact]
    public async Task Content_chains_and_stands_no_guard_for_a_write()
    {
        await PutAsync("nothing");
        await Server.PutAsync($"Basic/{mark}b", $$$"""{"resourceType":"Basic","id":"{{{mark}}}b","code":{"text":"x"},"subject":{"reference":"Patient/{{{mark}}}"}}""");

        Assert.Equal([mark + "b"], (await Server.GetAsync($"Basic?_id={mark}b&subject:Patient._content=nothing")).Ids);
        Assert.Empty((await Server.GetAsync($"Basic?_id={mark}b&subject:Patient._content=something")).Ids);
        Assert.Equal([mark], (await Server.GetAsync($"Patient?_id={mark}&_has:Basic:subject:_content=x")).Ids);
        Assert.Equal(412, (await Server.DeleteAsync("Patient?_content=nothing")).Status);
    }

    private async Task PutAsync(string narrative) => Assert.InRange((await Server.PutAsync($"Patient/{mark}",
        $$$"""{"resourceType":"Patient","id":"{{{mark}}}","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">{{{narrative}}}</div>"}}""")).Status, 200, 201);

    private async Task<List<string>> AllAsync(string query)
    {
        var ids = new List<string>();
        for (var next = query; next is not null;)
        {
            var page = await Server.GetAsync(next);
            Assert.True(page.Status == 200, page.Body);
            ids.AddRange(page.Ids);
            next = page.Next;
        }

        return ids;
    }

    // The same by other means: the one accent of the vocabulary taken off, split at whatever is no letter or digit.
    private static string[] Words(string text) => [.. Break().Split(
        Tag().Replace(text, " ").Replace("'", "", StringComparison.Ordinal).ToLowerInvariant().Replace('è', 'e')).Where(w => w.Length > 0)];

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject o => o.Where(p => p.Key != "resourceType").SelectMany(p => Texts(p.Value)),
        JsonArray a => a.SelectMany(Texts),
        JsonValue v => [v.ToString()],
        _ => [],
    };

    private static bool Has(IReadOnlyList<string[]> texts, string word) => texts.Any(t => t.Contains(word));

    private static bool Follow(string[] words, string first, string second) => words.Zip(words.Skip(1)).Any(p => p.First == first && p.Second == second);

    [GeneratedRegex("[^a-z0-9+]+")]
    private static partial Regex Break();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();
}

public sealed class SqliteWordSearchTests(SqliteServer server) : WordSearchTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresWordSearchTests(PostgresServer server) : WordSearchTests(server), IClassFixture<PostgresServer>;
