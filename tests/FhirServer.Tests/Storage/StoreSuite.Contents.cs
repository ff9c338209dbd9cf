using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Tests.Storage;

/// <summary>Contents of Binary resources: in pieces, whole or not at all, and swept when nobody refers to them.</summary>
public abstract partial class StoreSuite
{
    [Fact]
    public async Task Content_comes_back_from_any_byte_to_any_byte()
    {
        var bytes = System.Security.Cryptography.RandomNumberGenerator.GetBytes(700_001);
        var contents = new ContentStore(Store, TimeProvider.System);
        using var stream = new MemoryStream(bytes);
        var pointer = (await contents.StoreAsync(stream, bytes.Length, Ct))!;
        await RestartAsync();

        foreach (var (from, to) in ((int, int)[])[(0, bytes.Length), (0, 1), (262_143, 262_145), (262_144, 524_288), (699_999, 700_001), (5, 5)])
        {
            using var read = new MemoryStream();
            await foreach (var piece in new ContentStore(Store, TimeProvider.System).ReadAsync(pointer, from, to, SystemPlans.Work, Ct))
                read.Write(piece.Span);
            Assert.Equal(bytes[from..to], read.ToArray());
        }
    }

    [Fact]
    public async Task Content_beyond_its_limit_leaves_nothing()
    {
        var contents = new ContentStore(Store, TimeProvider.System);
        using var stream = new MemoryStream(new byte[2_000_000]);

        Assert.Null(await contents.StoreAsync(stream, 1_999_999, Ct));

        Assert.Empty(await Store.AbandonedContentAsync(DateTimeOffset.MaxValue, 10, SystemPlans.Work, Ct));
    }

    [Fact]
    public async Task What_is_referred_to_is_not_swept_and_what_is_swept_cannot_be_referred_to()
    {
        var contents = new ContentStore(Store, TimeProvider.System);
        var (kept, lost) = (await StoreAsync(contents), await StoreAsync(contents));
        Assert.IsType<CommitResult.Committed>(await CommitAsync(new ContentWrite.Refer(kept)));

        Assert.Equal(1, await contents.SweepAsync(DateTimeOffset.MaxValue, SystemPlans.Work, Ct));

        Assert.NotNull(await Store.ReadPieceAsync(kept, 0, SystemPlans.Work, Ct));
        Assert.Null(await Store.ReadPieceAsync(lost, 0, SystemPlans.Work, Ct));
        Assert.IsType<CommitResult.Stale>(await CommitAsync(new ContentWrite.Refer(lost)));
        Assert.IsType<CommitResult.Stale>(await CommitAsync(new ContentWrite.Drop(kept)));
        Assert.NotNull(await Store.ReadPieceAsync(kept, 0, SystemPlans.Work, Ct));
    }

    [Fact]
    public async Task A_purge_takes_what_was_referred_to_and_a_second_one_finds_nothing_to_do()
    {
        var content = await StoreAsync(new ContentStore(Store, TimeProvider.System));
        await CommitAsync(new ContentWrite.Refer(content));

        Assert.IsType<CommitResult.Committed>(await CommitAsync(new ContentWrite.Purge(content)));
        Assert.IsType<CommitResult.Committed>(await CommitAsync(new ContentWrite.Purge(content)));

        Assert.Null(await Store.ReadPieceAsync(content, 0, SystemPlans.Work, Ct));
        Assert.IsType<CommitResult.Stale>(await CommitAsync(new ContentWrite.Refer(content)));
    }

    private static async Task<long> StoreAsync(ContentStore contents)
    {
        using var stream = new MemoryStream(new byte[300_000]);
        return (await contents.StoreAsync(stream, long.MaxValue, Ct))!.Content;
    }

    private Task<CommitResult> CommitAsync(ContentWrite write)
    {
        var plan = new CommitPlan();
        plan.Contents.Add(write);
        return Store.CommitAsync(plan, Ct);
    }
}
