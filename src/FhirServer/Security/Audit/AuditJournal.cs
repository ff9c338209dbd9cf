using System.Buffers;
using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using FhirEmr.FhirServer.Storage;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>Rows on their way into the table: appended to a file before the answer ends, moved into the database with the next seal (ADR 0017).</summary>
/// <remarks>
/// Only rows of requests that changed nothing come this way. What the kernel has taken survives the end of this process, however it comes; it is
/// brought to the disk a tenth of a second later, which is what a power cut can take. A file that a process has left behind is taken up by the next one.
/// A row in it: code (8 bytes), length of the body (4), key (8), body; the code covers the rest and tells whether a row is whole. A file begins as long as it will be, all
/// zeros, and is mapped: a row then costs a copy into the kernel's pages and no call of it. Where a file system writes a page elsewhere than it was read,
/// zeros keep no room for it, and rows are written by calls.
/// </remarks>
internal sealed class AuditJournal : IDisposable
{
    private const int Head = 8 + 4 + 8;
    private const int FileSize = 2 << 20;
    private const int BodySize = 16 << 20;
    private const string Ending = ".journal";
    private static readonly byte[] Zeros = new byte[64 * 1024];
    private static readonly TimeSpan FlushAfter = TimeSpan.FromMilliseconds(100);

    private readonly Lock gate = new();
    private readonly string folder;
    private readonly ILogger log;
    private readonly Timer flushing;
    private readonly HashSet<Part> dirty = [];
    private Part? current;
    private bool isFailing;
    private bool isBroken;
    private bool isOver;

    public AuditJournal(IOptions<StorageOptions> storage, ILogger<AuditJournal> log)
    {
        folder = Path.Combine(Path.GetFullPath(storage.Value.DataFolder), "audit");
        this.log = log;
        flushing = new Timer(_ => Flush());
    }

    /// <summary>Whether the files are mapped; null for where the file system allows it.</summary>
    internal bool? IsMapped { get; init; }

    /// <summary>False when it takes nothing: then the rows go into the table at once. Otherwise they survive the end of the process.</summary>
    /// <param name="store">Which store they belong to: a folder may come to serve another.</param>
    public bool Append(IReadOnlyList<AuditEntry> entries, long store)
    {
        var size = entries.Sum(e => Head + e.Body.Length);
        var bytes = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            var at = 0;
            foreach (var entry in entries)
                at += Write(entry, bytes.AsSpan(at));
            lock (gate)
            {
                if (isBroken || isOver)
                    return false;
                var part = current is { } open && open.HasRoom(size) ? open : Begin(store, size);
                part.Append(bytes.AsSpan(0, size), entries.Count);
                isFailing = false;
                if (dirty.Add(part) && dirty.Count == 1)
                    flushing.Change(FlushAfter, Timeout.InfiniteTimeSpan);
                foreach (var entry in entries)
                    entry.Part = part;
                return true;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!Interlocked.Exchange(ref isFailing, true)) // said once, and not for each request until it works again
                log.LogError(e, "The audit's journal in {Folder} cannot be written: rows go into the table at once, which takes longer", folder);
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>The rows are in the table by now; a file that has no other is deleted.</summary>
    public void Stored(IEnumerable<AuditEntry> entries)
    {
        lock (gate)
            foreach (var entry in entries)
                if (entry.Part is { } part && --part.Waiting == 0 && part != current)
                    part.Delete();
    }

    /// <summary>What processes that are no more have left of a store; rows of it may be in the table already.</summary>
    /// <param name="termsOf">What a record is searched by.</param>
    public IReadOnlyList<AuditEntry> TakeLeft(long store, IReadOnlyCollection<AuditSecret> secrets, Func<AuditRecord, long[]> termsOf)
    {
        var left = new List<AuditEntry>();
        if (!Directory.Exists(folder))
            return left;
        foreach (var path in Directory.EnumerateFiles(folder, NameOf(store, "*")).Order(StringComparer.Ordinal))
        {
            FileStream file;
            try
            {
                file = Encryption.OwnerOnly.Lock(path); // its process, while it lives, lets nobody else
            }
            catch (IOException)
            {
                continue;
            }

            var part = new Part(file);
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            var (entries, read) = Read(bytes, part, secrets, termsOf);
            if (bytes.AsSpan(read).ContainsAnyExcept((byte)0))
                log.LogWarning("{Path} ends in {Count} bytes that are no row of this audit, or of one that was cut off in the middle", path, bytes.Length - read);
            lock (gate)
                part.Waiting = entries.Count;
            if (entries.Count == 0)
                part.Delete();
            left.AddRange(entries);
        }

        return left;
    }

    public void Dispose()
    {
        lock (gate)
        {
            if (isOver)
                return;
            isOver = true;
            flushing.Dispose();
            if (current is { Waiting: 0 } empty)
                empty.Delete();
            else
                current?.Dispose();
        }
    }

    private static string NameOf(long store, string part) => $"{store:x16}-{part}{Ending}";

    private Part Begin(long store, int size)
    {
        Encryption.OwnerOnly.CreateFolder(folder);
        var next = Part.Make(Path.Combine(folder, NameOf(store, Guid.CreateVersion7().ToString("N"))), Math.Max(FileSize, size), IsMapped);
        if (current is { Waiting: 0 } full)
            full.Delete();
        else
            current?.Close();
        return current = next;
    }

    private static int Write(AuditEntry entry, Span<byte> bytes)
    {
        var length = Head + entry.Body.Length;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], entry.Body.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[12..], entry.Number);
        entry.Body.CopyTo(bytes[Head..]);
        BinaryPrimitives.WriteInt64LittleEndian(bytes, entry.Secret.JournalCode(bytes[8..length]));
        return length;
    }

    private static (List<AuditEntry> Entries, int Read) Read(byte[] bytes, Part part, IReadOnlyCollection<AuditSecret> secrets, Func<AuditRecord, long[]> termsOf)
    {
        var entries = new List<AuditEntry>();
        var at = 0;
        while (bytes.Length - at > Head)
        {
            var code = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 8));
            if (length is <= 0 or > BodySize || length > bytes.Length - at - Head)
                break;
            var number = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at + 12));
            var row = bytes.AsMemory(at + 8, Head - 8 + length);
            var body = bytes[(at + Head)..(at + Head + length)];
            if (secrets.FirstOrDefault(s => s.JournalCode(row.Span) == code) is not { } secret || AuditCodec.Read(body) is not { } record)
                break;
            entries.Add(new(number, [new(number, termsOf(record))], body, secret) { Part = part });
            at += Head + length;
        }

        return (entries, at);
    }

    private void Flush()
    {
        Part[] parts;
        lock (gate)
        {
            parts = isOver ? [] : [.. dirty];
            dirty.Clear();
        }

        foreach (var part in parts)
            FlushToDisk(part);
    }

    private void FlushToDisk(Part part)
    {
        try
        {
            part.Flush();
        }
        catch (ObjectDisposedException)
        {
            // its rows are in the table by now
        }
        catch (IOException e)
        {
            // What the kernel then holds of the file nobody knows: the rows are still in memory and go into the table with the next seal.
            lock (gate)
                isBroken = true;
            log.LogError(e, "The audit's journal in {Folder} could not be brought to the disk: rows go into the table at once from now on, which takes longer", folder);
        }
    }

    /// <summary>One of the files.</summary>
    internal sealed class Part(FileStream file) : IDisposable
    {
        private readonly SafeFileHandle handle = file.SafeFileHandle; // asked for once: the stream sets the file's position each time
        private MemoryMappedFile? map;
        private MemoryMappedViewAccessor? view;
        private long capacity;
        private long length;

        /// <summary>Rows that are not in the table yet.</summary>
        public int Waiting { get; set; }

        /// <exception cref="IOException">The disk has no room for it.</exception>
        public static Part Make(string path, int size, bool? isMapped)
        {
            var part = new Part(Encryption.OwnerOnly.Lock(path));
            try
            {
                part.Fill(size, isMapped ?? !CopiesOnWrite(path));
                return part;
            }
            catch
            {
                part.Delete();
                throw;
            }
        }

        public bool HasRoom(int size) => length + size <= capacity;

        /// <exception cref="IOException">The disk has no room for it.</exception>
        public void Append(ReadOnlySpan<byte> rows, int count)
        {
            if (view is not null)
                view.SafeMemoryMappedViewHandle.WriteSpan((ulong)length, rows);
            else
                RandomAccess.Write(handle, rows, length);
            length += rows.Length;
            Waiting += count;
        }

        /// <summary>Brings it to the disk.</summary>
        /// <exception cref="ObjectDisposedException">It is gone: its rows are in the table.</exception>
        public void Flush()
        {
            if (OperatingSystem.IsWindows())
                view?.Flush(); // elsewhere a file's flush takes along what is mapped of it
            RandomAccess.FlushToDisk(handle);
        }

        /// <summary>No more comes into it; what waits in it stays.</summary>
        public void Close()
        {
            view?.SafeMemoryMappedViewHandle.Dispose(); // the view's own end would wait for the disk
            view?.Dispose();
            map?.Dispose();
            (view, map, capacity) = (null, null, 0);
        }

        public void Delete()
        {
            Close();
            try
            {
                System.IO.File.Delete(file.Name);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // the next start finds its rows in the table, and tries again
            }

            file.Dispose();
        }

        public void Dispose()
        {
            Close();
            file.Dispose();
        }

        /// <summary>The zeros are written, and not only promised: a page of a mapped file for which the disk has no room would end the process.</summary>
        private void Fill(int size, bool isMapped)
        {
            for (var left = size; left > 0; left -= Zeros.Length)
                file.Write(Zeros.AsSpan(0, Math.Min(left, Zeros.Length)));
            file.Flush();
            capacity = size;
            if (!isMapped)
                return;
            map = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
            view = map.CreateViewAccessor(0, size);
        }

        private static bool CopiesOnWrite(string path)
        {
            try
            {
                return new DriveInfo(path).DriveFormat is "btrfs" or "zfs" or "bcachefs" or "nilfs2";
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return true; // nobody knows
            }
        }
    }
}
