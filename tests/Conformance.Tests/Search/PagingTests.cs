using System.Globalization;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Search;

/// <summary>Pages while others write: what is there from first page to last is seen exactly once.</summary>
public abstract class PagingTests(ServerFixture fixture) : OnServer(fixture)
{
    [Fact]
    public async Task Pages_sorted_by_very_long_codes_stay_reachable()
    {
        var tag = "t" + Guid.NewGuid().ToString("N");
        foreach (var i in Enumerable.Range(0, 3))
            await Server.PostAsync("Patient", $$"""{"resourceType":"Patient","meta":{"tag":[{"code":"{{tag}}"}]},"identifier":[{"value":"{{new string('x', 12_000)}}{{i}}"}]}""");

        var seen = new List<string>();
        for (var next = $"Patient?_tag={tag}&_sort=identifier&_count=1"; next is not null;)
        {
            var page = await Server.GetAsync(next);
            Assert.True(page.Status == 200, page.Body);
            seen.AddRange(page.Ids);
            next = page.Next;
        }

        Assert.Equal(3, seen.Distinct().Count());
        Assert.Equal(3, seen.Count);
    }

    [Theory]
    [InlineData("name", 51)]
    [InlineData("_sort", 9)]
    public async Task More_criteria_or_sort_keys_than_an_engine_can_plan_are_refused(string name, int count)
    {
        var query = name == "_sort" ? "_sort=" + string.Join(',', Enumerable.Repeat("name", count)) : string.Join('&', Enumerable.Repeat(name + "=a", count));

        var reply = await Server.GetAsync($"Patient?{query}");

        Assert.InRange(reply.Status, 400, 499);
        Assert.Contains("at most", reply.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_with_the_character_zero_is_refused() => Assert.Equal(400, (await Server.GetAsync("Patient?name:exact=a%00")).Status);

    [Theory]
    [InlineData("")]
    [InlineData("&_sort=birthdate")]
    [InlineData("&_sort=-birthdate")]
    [InlineData("&_sort=family,-_id")]
    [InlineData("&_sort=-_lastUpdated")]
    public async Task Neither_repeat_nor_skip_while_others_insert_and_delete(string sort)
    {
        var tag = "t" + Guid.NewGuid().ToString("N");
        foreach (var i in Enumerable.Range(0, 40))
            await StoreAsync(tag, $"{tag[..8]}-{i:D2}", i);

        var deleted = new HashSet<string>();
        var seen = new List<string>();
        var round = 0;
        for (var next = $"Patient?_tag={tag}{sort}&_count=7"; next is not null; round++)
        {
            var page = await Server.GetAsync(next);
            Assert.True(page.Status == 200, page.Body);
            seen.AddRange(page.Ids);
            next = page.Next;

            // Before, between and after what was shown; and one of those shown, one of those to come.
            foreach (var i in new[] { round, 20 + round, 40 + round })
                await StoreAsync(tag, $"{tag[..8]}-new-{round}-{i}", i);
            foreach (var id in new[] { seen[round * 2], $"{tag[..8]}-{39 - round:D2}" })
            {
                Assert.Equal(204, (await Server.DeleteAsync($"Patient/{id}")).Status);
                deleted.Add(id);
            }
        }

        Assert.True(round > 5);
        Assert.Equal(seen.Count, seen.Distinct().Count());
        var stayed = Enumerable.Range(0, 40).Select(i => $"{tag[..8]}-{i:D2}").Except(deleted);
        Assert.Empty(stayed.Except(seen));
    }

    [Fact]
    public async Task Includes_go_with_the_page_of_their_match()
    {
        var tag = "i" + Guid.NewGuid().ToString("N");
        await Server.PutAsync($"Organization/{tag[..9]}", $$"""{"resourceType":"Organization","id":"{{tag[..9]}}","name":"O"}""");
        foreach (var i in Enumerable.Range(0, 6))
            await Server.PutAsync($"Patient/{tag[..9]}-{i}",
                $$$"""{"resourceType":"Patient","id":"{{{tag[..9]}}}-{{{i}}}","meta":{"tag":[{"code":"{{{tag}}}"}]},"managingOrganization":{"reference":"Organization/{{{tag[..9]}}}"}}""");

        var pages = 0;
        for (var next = $"Patient?_tag={tag}&_include=Patient:organization&_count=2"; next is not null; pages++)
        {
            var page = await Server.GetAsync(next);
            Assert.Equal((2, 3), (page.Ids.Count, page.Entries.Count));
            next = page.Next;
        }

        Assert.Equal(3, pages);
    }

    private async Task StoreAsync(string tag, string id, int i)
    {
        // Many share a value and some have none, so that pages end amid equal ones.
        var born = i % 5 == 4 ? "" : string.Create(CultureInfo.InvariantCulture, $",\"birthDate\":\"19{50 + (i / 3)}-01-01\"");
        var reply = await Server.PutAsync($"Patient/{id}",
            $$$"""{"resourceType":"Patient","id":"{{{id}}}","meta":{"tag":[{"code":"{{{tag}}}"}]},"name":[{"family":"F{{{(char)('a' + (i % 4))}}}"}]{{{born}}}}""");
        Assert.Equal(201, reply.Status);
    }
}

public sealed class SqlitePagingTests(SqliteServer server) : PagingTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresPagingTests(PostgresServer server) : PagingTests(server), IClassFixture<PostgresServer>;
