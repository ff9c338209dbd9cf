using System.Runtime.CompilerServices;
using FhirEmr.BillingBridge.Ports;

namespace FhirEmr.BillingBridge.Channels;

/// <summary>A payer channel that is four folders: <c>outbound inbound archive rejected</c>. A clearinghouse's own client moves the files.</summary>
/// <remarks>
/// A file is written under a temporary name, flushed to the disk, renamed, and the folder flushed (reliability R-22): a reader never
/// sees half a file, and a crash leaves the whole file or none. What the clearinghouse's client has taken goes to
/// <c>archive/outbound</c> when that client is ours; a name found there also counts as sent.
/// </remarks>
public sealed class FolderChannel : IPayerChannel
{
    private const string TemporarySuffix = ".part";

    /// <param name="root">The folder that holds the four; made when absent.</param>
    /// <param name="kind">Live only when a real clearinghouse picks the files up.</param>
    public FolderChannel(string root, ChannelKind kind)
    {
        Root = root;
        Kind = kind;
        foreach (var folder in (string[])[Outbound, Inbound, Archive, SentArchive, Rejected])
            Directory.CreateDirectory(folder);
    }

    public string Root { get; }

    /// <inheritdoc/>
    public string Name => $"folder {Path.GetFileName(Path.TrimEndingDirectorySeparator(Root))}";

    /// <inheritdoc/>
    public ChannelKind Kind { get; }

    public string Outbound => Path.Combine(Root, "outbound");

    public string Inbound => Path.Combine(Root, "inbound");

    public string Archive => Path.Combine(Root, "archive");

    public string SentArchive => Path.Combine(Root, "archive", "outbound");

    public string Rejected => Path.Combine(Root, "rejected");

    /// <inheritdoc/>
    public async Task<SendOutcome> SendAsync(string fileName, ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        if (await FindSentAsync(fileName, content, ct) is { } before)
            return before;
        await WriteAsync(Outbound, fileName, content, ct);
        return SendOutcome.Sent;
    }

    /// <summary>What became of a file of this name earlier; null when there was none.</summary>
    public async Task<SendOutcome?> FindSentAsync(string fileName, ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        foreach (var folder in (string[])[Outbound, SentArchive])
        {
            var existing = PathOf(folder, fileName);
            if (File.Exists(existing))
                return await EqualsAsync(existing, content, ct) ? SendOutcome.AlreadySent : SendOutcome.NameTaken;
        }

        return null;
    }

    /// <summary>Whether an inbound file of this name was archived or rejected before.</summary>
    public bool IsDone(string fileName) => File.Exists(PathOf(Archive, fileName)) || File.Exists(PathOf(Rejected, fileName));

    /// <inheritdoc/>
    public async IAsyncEnumerable<InboundFile> ListInboundAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await Task.CompletedTask;
        var files = new DirectoryInfo(Inbound).GetFiles()
            .Where(f => !f.Name.StartsWith('.') && !f.Name.EndsWith(TemporarySuffix, StringComparison.OrdinalIgnoreCase))
            .OrderBy(f => f.LastWriteTimeUtc).ThenBy(f => f.Name, StringComparer.Ordinal);
        foreach (var file in files)
        {
            ct.ThrowIfCancellationRequested();
            yield return new InboundFile(file.Name, file.Length);
        }
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenInboundAsync(string fileName, CancellationToken ct)
    {
        var path = PathOf(Inbound, fileName);
        return Task.FromResult<Stream?>(File.Exists(path)
            ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 16 * 1024, FileOptions.Asynchronous)
            : null);
    }

    /// <inheritdoc/>
    public Task AcknowledgeAsync(string fileName, InboundDisposition disposition, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var target = disposition is InboundDisposition.Archive ? Archive : Rejected;
        Move(PathOf(Inbound, fileName), target);
        return Task.CompletedTask;
    }

    /// <summary>Puts a file where we would receive it, as a clearinghouse's client or the mock payer does. An existing name is left alone.</summary>
    public async Task DeliverAsync(string fileName, ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        var known = ((string[])[Inbound, Archive, Rejected]).Any(folder => File.Exists(PathOf(folder, fileName)));
        if (!known)
            await WriteAsync(Inbound, fileName, content, ct);
    }

    /// <summary>Takes a sent file off <c>outbound</c> once the other side has it.</summary>
    public void MarkTaken(string fileName) => Move(PathOf(Outbound, fileName), SentArchive);

    private static async Task WriteAsync(string folder, string fileName, ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        var path = PathOf(folder, fileName);
        var temporary = Path.Combine(folder, $".{fileName}.{Guid.NewGuid():N}{TemporarySuffix}");
        try
        {
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 4096, FileOptions.Asynchronous))
            {
                await file.WriteAsync(content, ct);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: false);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        DirectorySync.Flush(folder);
    }

    private static void Move(string from, string folder)
    {
        if (!File.Exists(from))
            return; // an earlier attempt moved it

        var name = Path.GetFileName(from);
        var target = Path.Combine(folder, name);
        for (var n = 2; File.Exists(target); n++)
            target = Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(name)}.{n}{Path.GetExtension(name)}");
        File.Move(from, target);
        DirectorySync.Flush(folder);
        DirectorySync.Flush(Path.GetDirectoryName(from)!);
    }

    private static async Task<bool> EqualsAsync(string path, ReadOnlyMemory<byte> content, CancellationToken ct) =>
        new FileInfo(path).Length == content.Length && (await File.ReadAllBytesAsync(path, ct)).AsSpan().SequenceEqual(content.Span);

    // Names come from control numbers and from other people's file systems: they must stay inside their folder.
    private static string PathOf(string folder, string fileName)
    {
        if (fileName.Length == 0 || fileName != Path.GetFileName(fileName) || fileName is "." or "..")
            throw new ArgumentException("A channel file has a plain name.", nameof(fileName));
        return Path.Combine(folder, fileName);
    }
}
