using System.Globalization;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Races;

/// <summary>History while 32 clients write: whoever follows it from instant to instant misses nothing (reliability R-10).</summary>
public abstract class HistoryRaceTests(ServerFixture fixture) : OnServer(fixture)
{
    private const int Rounds = 6;

    [Fact]
    public async Task A_follower_of_the_type_history_sees_every_version()
    {
        var mark = "h" + Guid.NewGuid().ToString("N")[..10];
        var writers = Crowd.RunAsync(async i =>
        {
            foreach (var round in Enumerable.Range(0, Rounds))
                Assert.Equal(round == 0 ? 201 : 200, (await Server.PutAsync($"Basic/{mark}-{i}", $$$"""{"resourceType":"Basic","id":"{{{mark}}}-{{{i}}}","code":{"text":"r{{{round}}}"}}""")).Status);
            return 0;
        });

        var seen = new HashSet<string>();
        string? since = null;
        var last = false;
        while (true)
        {
            // Newest first: what was seen last time is at or before the instant asked from.
            last |= writers.IsCompleted;
            DateTimeOffset? newest = null, previous = null;
            for (var next = $"Basic/_history?_count=50{(since is null ? "" : $"&_since={since}")}"; next is not null;)
            {
                var page = await Server.GetAsync(next);
                Assert.True(page.Status == 200, page.Body);
                foreach (var entry in page.Entries)
                {
                    var text = entry["response"]!["lastModified"]!.GetValue<string>();
                    var at = DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
                    if (newest is null)
                        (newest, since) = (at, text);
                    Assert.True(previous is null || at <= previous, "The history is not newest first.");
                    previous = at;
                    seen.Add($"{entry["fullUrl"]!.GetValue<string>()} {entry["response"]!["etag"]!.GetValue<string>()}");
                }

                next = page.Next;
            }

            if (last)
                break;
        }

        await writers;
        var missed = Enumerable.Range(0, Crowd.Size).SelectMany(i => Enumerable.Range(1, Rounds).Select(v => $"{Server.BaseUrl}/Basic/{mark}-{i} W/\"{v}\"")).Except(seen);
        Assert.Empty(missed);
    }
}

public sealed class SqliteHistoryRaceTests(SqliteServer server) : HistoryRaceTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresHistoryRaceTests(PostgresServer server) : HistoryRaceTests(server), IClassFixture<PostgresServer>;
