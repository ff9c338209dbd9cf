using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Encryption;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Tests.Storage;

/// <summary>Contents of Binary resources: in pieces, whole or not at all, and swept when nobody refers to them.</summary>
public abstract partial class StoreSuite
{
    private readonly DirectoryInfo keys = new(Path.Combine(Path.GetTempPath(), $"fhir-emr-contents-{Guid.NewGuid():N}")); // made by the first content

    [Fact]
    public async Task Content_comes_back_from_any_byte_to_any_byte()
    {
        var bytes = System.Security.Cryptography.RandomNumberGenerator.GetBytes(700_001);
        using var stream = new MemoryStream(bytes);
        var pointer = (await Contents().StoreAsync(stream, bytes.Length, Ct))!;
        await RestartAsync();

        foreach (var (from, to) in ((int, int)[])[(0, bytes.Length), (0, 1), (262_143, 262_145), (262_144, 524_288), (699_999, 700_001), (5, 5)])
        {
            using var read = new MemoryStream();
            await foreach (var piece in Contents().ReadAsync(pointer, from, to, SystemPlans.Work, Ct))
                read.Write(piece.Span);
            Assert.Equal(bytes[from..to], read.ToArray());
        }
    }

    [Theory, Trait("Requirement", "S-61")]
    [InlineData(1)]
    [InlineData(262_144)]
    [InlineData(524_288)]
    [InlineData(524_289)]
    public async Task No_piece_of_a_content_is_stored_in_clear(int size)
    {
        var bytes = new byte[size];
        bytes.AsSpan().Fill((byte)'A');
        using var stream = new MemoryStream(bytes);
        var pointer = (await Contents().StoreAsync(stream, size, Ct))!;

        Assert.Equal(bytes, await ReadAllAsync(pointer));
        for (var ordinal = 0; await Store.ReadPieceAsync(pointer.Content, ordinal, SystemPlans.Work, Ct) is { } piece; ordinal++)
            Assert.Equal(-1, piece.AsSpan().IndexOf("AAAAA"u8));
    }

    [Fact, Trait("Requirement", "S-61")]
    public async Task Pieces_that_were_changed_swapped_or_cut_off_are_not_handed_out()
    {
        var bytes = System.Security.Cryptography.RandomNumberGenerator.GetBytes(600_000);
        using var stream = new MemoryStream(bytes);
        var pointer = (await Contents().StoreAsync(stream, bytes.Length, Ct))!;
        using var again = new MemoryStream(bytes);
        var other = (await Contents().StoreAsync(again, bytes.Length, Ct))!;
        byte[][] pieces = [await PieceAsync(pointer, 0), await PieceAsync(pointer, 1), await PieceAsync(pointer, 2)];
        byte[] changed = [.. pieces[0]];
        changed[1000] ^= 1;

        foreach (var (what, stored, size) in ((string, byte[][], long)[])
        [
            ("changed", [changed, pieces[1], pieces[2]], 600_000),
            ("swapped", [pieces[1], pieces[0], pieces[2]], 600_000),
            ("of another content", [await PieceAsync(other, 0), pieces[1], pieces[2]], 600_000),
            ("in clear", [bytes[..262_144], pieces[1], pieces[2]], 600_000),
            ("cut off", [pieces[0], pieces[1]], 524_288),
            ("too short", [[1, 2, 3], pieces[1], pieces[2]], 600_000),
        ])
        {
            var plan = new CommitPlan();
            plan.Contents.Add(new ContentWrite.Purge(pointer.Content));
            plan.Contents.Add(new ContentWrite.Begin(pointer.Content, 0));
            plan.Contents.AddRange(stored.Select((piece, ordinal) => new ContentWrite.Piece(pointer.Content, ordinal, piece)));
            Assert.IsType<CommitResult.Committed>(await Store.CommitAsync(plan, Ct));

            // Whoever can change pieces can change the pointer too: what holds is the cipher.
            var resealed = pointer with { Size = size, Seal = ContentSeal.Of(Store.Symbols, pointer.Content, size, pointer.Digest, pointer.Envelope) };
            var fault = await Assert.ThrowsAsync<InvalidDataException>(() => ReadAllAsync(resealed));
            Assert.True(fault.Message.Contains("not what was stored", StringComparison.Ordinal), $"{what}: {fault.Message}");
        }
    }

    [Fact, Trait("Requirement", "S-61")]
    public async Task A_content_stored_before_they_were_encrypted_is_still_read()
    {
        var content = Store.ReserveSids(1);
        var bytes = System.Security.Cryptography.RandomNumberGenerator.GetBytes(300_000);
        var plan = new CommitPlan();
        plan.Contents.Add(new ContentWrite.Begin(content, 0));
        plan.Contents.Add(new ContentWrite.Piece(content, 0, bytes[..262_144]));
        plan.Contents.Add(new ContentWrite.Piece(content, 1, bytes[262_144..]));
        Assert.IsType<CommitResult.Committed>(await Store.CommitAsync(plan, Ct));
        var old = ContentPointer.Parse($"{content}.300000.00.{ContentSeal.Of(Store.Symbols, content, 300_000, "00", null):x16}")!;

        Assert.Equal(bytes, await ReadAllAsync(old));
    }

    [Fact, Trait("Requirement", "S-61")]
    public async Task Under_other_keys_a_content_is_refused_and_the_key_it_needs_is_named()
    {
        using var stream = new MemoryStream(new byte[100_000]);
        var pointer = (await Contents().StoreAsync(stream, long.MaxValue, Ct))!;
        var others = new EncryptionKeys(new(), Path.Combine(keys.FullName, "others"));

        var fault = await Assert.ThrowsAsync<InvalidDataException>(() => ReadAllAsync(pointer, new(Store, others, TimeProvider.System)));

        Assert.Contains(Keys().Newest.Id, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Content_beyond_its_limit_leaves_nothing()
    {
        var contents = Contents();
        using var stream = new MemoryStream(new byte[2_000_000]);

        Assert.Null(await contents.StoreAsync(stream, 1_999_999, Ct));

        Assert.Empty(await Store.AbandonedContentAsync(DateTimeOffset.MaxValue, 10, SystemPlans.Work, Ct));
    }

    [Fact]
    public async Task What_is_referred_to_is_not_swept_and_what_is_swept_cannot_be_referred_to()
    {
        var contents = Contents();
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
        var content = await StoreAsync(Contents());
        await CommitAsync(new ContentWrite.Refer(content));

        Assert.IsType<CommitResult.Committed>(await CommitAsync(new ContentWrite.Purge(content)));
        Assert.IsType<CommitResult.Committed>(await CommitAsync(new ContentWrite.Purge(content)));

        Assert.Null(await Store.ReadPieceAsync(content, 0, SystemPlans.Work, Ct));
        Assert.IsType<CommitResult.Stale>(await CommitAsync(new ContentWrite.Refer(content)));
    }

    private async Task<byte[]> ReadAllAsync(ContentPointer pointer, ContentStore? contents = null)
    {
        using var read = new MemoryStream();
        await foreach (var piece in (contents ?? Contents()).ReadAsync(pointer, 0, pointer.Size, SystemPlans.Work, Ct))
            read.Write(piece.Span);
        return read.ToArray();
    }

    private async Task<byte[]> PieceAsync(ContentPointer pointer, int ordinal) => (await Store.ReadPieceAsync(pointer.Content, ordinal, SystemPlans.Work, Ct))!;

    private ContentStore Contents() => new(Store, Keys(), TimeProvider.System);

    private EncryptionKeys Keys() => new(new(), keys.FullName);

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
