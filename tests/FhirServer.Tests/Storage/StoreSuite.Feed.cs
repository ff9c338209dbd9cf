using System.Collections.Concurrent;
using System.Data.Common;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Tests.Storage;

/// <summary>Following what is committed, from position to position.</summary>
[Trait("Requirement", "R-10")]
public abstract partial class StoreSuite
{
    [Fact]
    public async Task A_follower_sees_each_committed_version_once_while_transactions_linger_and_roll_back()
    {
        const int Writers = 16, Rounds = 10;
        var another = await LingeringAsync(Writers);
        await using var own = another;
        var at = new StoreHarness(another ?? Store);
        await H.CreateAsync("Patient", "taken");
        var committed = new ConcurrentBag<string>(["taken/1"]);
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(i => Task.Run(async () =>
        {
            var (sid, version) = (at.Store.ReserveSids(1), 0);
            for (var round = 0; round < Rounds; round++)
            {
                var next = at.Write("Patient", $"p{i}", sid, StoreHarness.Rows(), version, version == 0 ? null : StoreHarness.Rows(), delete: round == 5 && version > 0);
                var beside = at.Write("Encounter", $"e{i}-{round}", at.Store.ReserveSids(1), StoreHarness.Rows());
                var refused = at.Write("Patient", "taken", at.Store.ReserveSids(1), StoreHarness.Rows()); // with it none of them is written
                try
                {
                    if (await at.CommitAsync(round % 3 == 1 ? [next, beside, refused] : [next, beside]) is not CommitResult.Committed)
                        continue;
                }
                catch (DbException)
                {
                    continue; // the database rolled it back
                }

                committed.Add($"p{i}/{++version}");
                committed.Add($"e{i}-{round}/1");
            }
        }, Ct)));

        var (seen, position) = (new List<string>(), FeedPosition.Start);
        for (var patience = 200; ;)
        {
            var isOver = writing.IsCompleted;
            var page = (await Store.FollowAsync(position, 1 + (seen.Count % 7), long.MaxValue, SystemPlans.Work, Ct))!;
            seen.AddRange(page.Versions.Select(v => $"{v.Key.Id}/{v.Version}"));
            position = page.End;
            if (isOver && page.Versions.Count == 0)
            {
                if (seen.Count >= committed.Count || patience-- == 0)
                    break;
                await Task.Delay(50, Ct); // transactions of the tests beside this one hold the horizon of the whole cluster back
            }
        }

        await writing;
        Assert.Equal(committed.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
        foreach (var versions in seen.Select(v => v.Split('/')).GroupBy(v => v[0], v => int.Parse(v[1], System.Globalization.CultureInfo.InvariantCulture)))
            Assert.Equal(Enumerable.Range(1, versions.Count()), versions);
    }

    [Fact]
    public async Task The_feed_is_in_pages_by_number_and_size_and_outlives_a_purge_but_not_another_record()
    {
        Assert.Equal(FeedPosition.Start, await Store.FeedHeadAsync(SystemPlans.Work, Ct));
        Assert.Equal(FeedPosition.Start, (await FollowAsync(FeedPosition.Start, 5)).End);
        var sid = await H.CreateAsync("Patient", "p1");
        await H.CreateAsync("Patient", "p2");
        await H.CommitAsync(H.Write("Patient", "p1", sid, StoreHarness.Rows(), expected: 1, before: StoreHarness.Rows(), delete: true));
        await SettledAsync(3);
        var head = await Store.FeedHeadAsync(SystemPlans.Work, Ct);

        var first = await FollowAsync(FeedPosition.Start, 2);
        Assert.Equal(["p1/1", "p2/1"], first.Versions.Select(v => $"{v.Key.Id}/{v.Version}"));
        var second = await FollowAsync(first.End, 2);
        Assert.Equal(["p1/2"], second.Versions.Select(v => $"{v.Key.Id}/{v.Version}"));
        Assert.Equal(head, second.End);
        Assert.Equal(head, (await FollowAsync(head, 2)).End);
        Assert.Equal(first.End, (await FollowAsync(first.End, 0)).End);
        Assert.Equal(["p1/1"], (await Store.FollowAsync(FeedPosition.Start, 9, 1, SystemPlans.Work, Ct))!.Versions.Select(v => $"{v.Key.Id}/{v.Version}"));

        Assert.Null(await Store.FollowAsync(head with { Version = 1 }, 2, long.MaxValue, SystemPlans.Work, Ct));
        Assert.Null(await Store.FollowAsync(head with { Sequence = head.Sequence + 1 }, 2, long.MaxValue, SystemPlans.Work, Ct));

        var purge = new CommitPlan();
        purge.Purges.Add(H.Write("Patient", "p1", sid, StoreHarness.Rows(), expected: 2, before: StoreHarness.Rows()));
        Assert.IsType<CommitResult.Committed>(await Store.CommitAsync(purge, Ct));
        Assert.Equal(head, (await FollowAsync(head, 2)).End);
        Assert.Equal(["p2/1"], (await FollowAsync(FeedPosition.Start, 9)).Versions.Select(v => $"{v.Key.Id}/{v.Version}"));
    }

    /// <summary>Another node of the same store whose transactions stay open a while, of ever another length, and sometimes fail at the end; null where one process writes one after the other.</summary>
    private protected virtual Task<IResourceStore?> LingeringAsync(int writers) => Task.FromResult<IResourceStore?>(null);

    private async Task<FeedPage> FollowAsync(FeedPosition after, int count) => (await Store.FollowAsync(after, count, long.MaxValue, SystemPlans.Work, Ct))!;

    /// <summary>Until nothing can come before these any more.</summary>
    private async Task SettledAsync(int versions)
    {
        for (var n = 0; n < 200 && (await FollowAsync(FeedPosition.Start, 1000)).Versions.Count < versions; n++)
            await Task.Delay(50, Ct); // transactions of the tests beside this one hold the horizon of the whole cluster back
    }
}
