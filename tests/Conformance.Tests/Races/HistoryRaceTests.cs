using System.Globalization;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Races;

/// <summary>History while 32 clients write: whoever follows it from instant to instant misses nothing (reliability R-10).</summary>
public abstract class HistoryRaceTests(ServerFixture fixture) : OnServer(fixture)
{
    private const int Rounds = 6;

    [Theory]
    [InlineData("Basic/_history")]
    [InlineData("_history")]
    public async Task Who_goes_on_from_the_newest_instant_sees_every_version(string history)
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
            // Newest first, that of everything by when it was committed: what was seen last time is at or before the instant asked from.
            last |= writers.IsCompleted;
            DateTimeOffset? newest = null, previous = null;
            for (var next = $"{history}?_count=50{(since is null ? "" : $"&_since={since}")}"; next is not null;)
            {
                var page = await Server.GetAsync(next);
                Assert.True(page.Status == 200, page.Body);
                foreach (var entry in page.Entries)
                {
                    var text = entry["response"]!["lastModified"]!.GetValue<string>();
                    var at = DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
                    if (newest is null || at > newest)
                        (newest, since) = (at, text);
                    Assert.True(previous is null || at <= previous || history == "_history", "The history is not newest first.");
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

    [Fact]
    public async Task The_history_and_the_feed_behind_it_leave_nothing_out_and_the_feed_shows_nothing_twice()
    {
        var mark = "f" + Guid.NewGuid().ToString("N")[..10];
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writers = Crowd.RunAsync(async i =>
        {
            var written = new List<string>();
            for (var round = 0; round < Rounds; round++)
            {
                if (round == 2)
                    begun.TrySetResult();

                // Large ones are committed long after small ones that began later; every third names a version that is none, and nothing of it is written.
                var (id, isRefused) = ($"{mark}-{i}-{round}", (i + round) % 3 == 0);
                var size = i % 8 == 0 ? 60 : 2;
                var puts = Enumerable.Range(0, size).Select(n => $$$"""{"resource":{"resourceType":"Basic","id":"{{{id}}}-{{{n}}}","code":{"text":"x"}},"request":{"method":"PUT","url":"Basic/{{{id}}}-{{{n}}}"{{{(isRefused && n == size - 1 ? ",\"ifMatch\":\"W/\\\"7\\\"\"" : "")}}}}}""");
                var reply = await Server.PostAsync("", $$"""{"resourceType":"Bundle","type":"transaction","entry":[{{string.Join(',', puts)}}]}""");
                Assert.True(reply.Status == (isRefused ? 412 : 200), reply.Body);
                if (!isRefused)
                    written.AddRange(Enumerable.Range(0, size).Select(n => $"{Server.BaseUrl}/Basic/{id}-{n}"));
            }

            return written;
        });

        await begun.Task;
        var (history, feed) = (new List<string>(), (string?)null);
        for (var next = "_history?_count=100"; next is not null;)
        {
            var page = await Server.GetAsync(next);
            Assert.True(page.Status == 200, page.Body);
            feed ??= page.Link("feed");
            history.AddRange(page.Entries.Select(e => e["fullUrl"]!.GetValue<string>()));
            next = page.Next;
        }

        var followed = new List<string>();
        for (var (next, patience) = (feed! + "&_count=25", 200); ;)
        {
            var isOver = writers.IsCompleted;
            var page = await Server.GetAsync(next);
            Assert.True(page.Status == 200, page.Body);
            followed.AddRange(page.Entries.Select(e => e["fullUrl"]!.GetValue<string>()));
            next = page.Next!;
            if (!isOver || page.Entries.Count > 0)
                continue;
            if (!(await writers).SelectMany(w => w).Except(history).Except(followed).Any() || patience-- == 0)
                break;
            await Task.Delay(50, TestContext.Current.CancellationToken); // transactions of the tests beside this one hold the horizon of a whole PostgreSQL back
        }

        var expected = (await writers).SelectMany(w => w).ToHashSet();
        var (before, behind) = (history.Where(h => h.Contains(mark, StringComparison.Ordinal)).ToList(), followed.Where(f => f.Contains(mark, StringComparison.Ordinal)).ToList());
        Assert.Equal(before.Count, before.Distinct().Count());
        Assert.Equal(behind.Count, behind.Distinct().Count());
        Assert.Equal(expected.Order(StringComparer.Ordinal), before.Union(behind).Order(StringComparer.Ordinal));
        Assert.NotEmpty(behind);
    }
}

public sealed class SqliteHistoryRaceTests(SqliteServer server) : HistoryRaceTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresHistoryRaceTests(PostgresServer server) : HistoryRaceTests(server), IClassFixture<PostgresServer>;
