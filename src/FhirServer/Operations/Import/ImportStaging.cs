using System.Buffers;
using System.IO.Compression;
using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Operations.Export;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Encryption;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Operations.Import;

/// <summary>Brings one file in whole, encrypted in pieces as contents are, and holds it against what the manifest says of it.</summary>
/// <remarks>Its pieces go ahead in commits of their own and count only when the last commit refers to them: what was left by a kill is swept away.</remarks>
internal sealed class ImportStaging(IResourceStore store, EncryptionKeys keys, BodyCodec codec, TimeProvider clock, ImportSources sources, IOptions<ImportOptions> options)
{
    public const string Kind = "input";

    /// <summary>A source that sends a little now and then must not hold the worker for ever.</summary>
    public TimeSpan MostTime { get; init; } = TimeSpan.FromHours(2);

    private const int PiecesPerCommit = 4;
    private const int BlockBytes = 128 * 1024;

    /// <summary>Below this a file may grow as it likes.</summary>
    private const long SmallBytes = 16 * 1024 * 1024;

    private readonly ImportOptions limits = options.Value;

    /// <summary>The file as it was brought in; the plan refers to it.</summary>
    /// <exception cref="ImportFaultException">It is not what the manifest says, or not what an import takes.</exception>
    public async Task<(ImportInput Input, CommitPlan Plan)> TakeAsync(ImportInput input, AccessPlan access, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(MostTime, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            await using var source = await sources.OpenAsync(input.Url, access, both.Token);
            return await TakeAsync(input, source, both.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new ImportFaultException($"{ImportErrors.Name(input.Url)} did not come within {MostTime}: give it in smaller files, or from a faster server.");
        }
    }

    /// <inheritdoc cref="TakeAsync(ImportInput, AccessPlan, CancellationToken)"/>
    public async Task<(ImportInput Input, CommitPlan Plan)> TakeAsync(ImportInput input, Stream source, CancellationToken ct)
    {
        var plan = new CommitPlan();
        using var writer = ExportFileWriter.Begin(input.Type ?? "", Kind, store, keys, codec, plan, clock.GetUtcNow().ToUnixTimeMilliseconds());
        await using var measured = new MeasuredStream(source);
        var block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        var (bytes, lines, isOpen) = (0L, 0L, false);
        try
        {
            var head = new byte[2];
            var length = await measured.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false, ct);
            var isCompressed = length == 2 && head is [0x1F, 0x8B];
            await using var whole = new HeadedStream(head.AsMemory(0, length), measured);
            await using Stream content = isCompressed ? new GZipStream(whole, CompressionMode.Decompress, leaveOpen: true) : whole;
            for (int read; (read = await content.ReadAsync(block.AsMemory(0, BlockBytes), ct)) > 0;)
            {
                bytes += read;
                if (bytes > limits.FileBytes)
                    throw new ImportFaultException($"{ImportErrors.Name(input.Url)} holds more than {limits.FileBytes} bytes: split it.");
                if (isCompressed && bytes > SmallBytes && bytes / limits.CompressionRatio > measured.Bytes)
                    throw new ImportFaultException($"{ImportErrors.Name(input.Url)} grows more than {limits.CompressionRatio} times when it is decompressed.");
                (lines, isOpen) = Count(block.AsSpan(0, read), lines, isOpen);
                writer.Write(block.AsSpan(0, read));
                if (plan.Contents.Count < PiecesPerCommit)
                    continue;
                await CommitAsync(plan);
                plan.Contents.Clear();
            }

            Check(input, measured, bytes, lines + (isOpen ? 1 : 0), isCompressed);
        }
        catch (InvalidDataException)
        {
            throw new ImportFaultException($"{ImportErrors.Name(input.Url)} is damaged: it cannot be read to its end.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        writer.Close();
        plan.Contents.Add(new ContentWrite.Refer(writer.File.Content));
        return (input with { File = writer.File with { Count = lines + (isOpen ? 1 : 0) } }, plan);
    }

    private static void Check(ImportInput input, MeasuredStream measured, long bytes, long lines, bool isCompressed)
    {
        if (isCompressed && measured.Last != (uint)bytes)
            throw new ImportFaultException($"{ImportErrors.Name(input.Url)} is cut off, or made of several gzip members: write it anew as one.");
        if (input.Size is { } size && size != measured.Bytes)
            throw new ImportFaultException($"{ImportErrors.Name(input.Url)} has {measured.Bytes} bytes, and the manifest says {size}.");
        if (input.Sha256 is { } told && !told.Equals(measured.Sha256, StringComparison.OrdinalIgnoreCase))
            throw new ImportFaultException($"{ImportErrors.Name(input.Url)} has another SHA-256 than the manifest says.");
        if (input.Count is { } count && count != lines)
            throw new ImportFaultException($"{ImportErrors.Name(input.Url)} has {lines} lines, and the manifest says {count}.");
    }

    /// <summary>Lines that hold something. <paramref name="isOpen"/>: the line that has not ended yet does.</summary>
    private static (long Lines, bool IsOpen) Count(ReadOnlySpan<byte> bytes, long lines, bool isOpen)
    {
        for (int end; (end = bytes.IndexOf((byte)'\n')) >= 0; bytes = bytes[(end + 1)..])
        {
            if (isOpen || bytes[..end].IndexOfAnyExcept(" \t\r"u8) >= 0)
                lines++;
            isOpen = false;
        }

        return (lines, isOpen || bytes.IndexOfAnyExcept(" \t\r"u8) >= 0);
    }

    private async Task CommitAsync(CommitPlan plan)
    {
        if (await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Stale)
            throw new StorageUnavailableException("A piece of an import could not be stored.");
    }
}
