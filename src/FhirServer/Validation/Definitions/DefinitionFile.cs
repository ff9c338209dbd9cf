using System.Text;
using System.Text.Json;
using ZstdSharp;

namespace FhirEmr.FhirServer.Validation.Definitions;

/// <summary><c>definitions.bin</c>: an index that is read at once, and compressed blocks of reduced definitions that are read when asked for.</summary>
/// <remarks>
/// Layout: magic, blocks, index (zstd), reports (JSON), then the lengths of both and a magic again, so that a file cut short is seen as such.
/// A record is a place in a block; definitions of one package lie together, so one block serves several questions.
/// </remarks>
internal sealed class DefinitionFile : IDisposable
{
    private const ulong Magic = 0x31_46_45_44_52_4D_45_46; // FEMRDEF1
    private const int BlockBytes = 64 * 1024;

    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle file;
    private readonly (long Position, int Length, int Plain)[] blocks;
    private readonly (int Block, int Offset, int Length)[] places;
    private volatile Tuple<int, byte[]>? lastBlock;

    private DefinitionFile(
        Microsoft.Win32.SafeHandles.SafeFileHandle file, (long, int, int)[] blocks, (int, int, int)[] places, IReadOnlyList<DefinitionEntry> entries, string fingerprint, IReadOnlyList<PackageReport> packages) =>
        (this.file, this.blocks, this.places, Entries, Fingerprint, Packages) = (file, blocks, places, entries, fingerprint, packages);

    public IReadOnlyList<DefinitionEntry> Entries { get; }

    /// <summary>Names, sizes and times of the packages it was made from.</summary>
    public string Fingerprint { get; }

    public IReadOnlyList<PackageReport> Packages { get; }

    /// <summary>Null when there is none, or none that can be used.</summary>
    public static DefinitionFile? Open(string path)
    {
        if (!File.Exists(path))
            return null;
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.RandomAccess);
        try
        {
            return Open(file);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or JsonException or ZstdException or ArgumentException)
        {
            file.Dispose();
            return null;
        }
    }

    private static DefinitionFile Open(Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        var length = RandomAccess.GetLength(file);
        if (length < 24)
            throw new InvalidDataException("The file is cut short.");
        var tail = new BinaryReader(new MemoryStream(Read(file, length - 24, 24)));
        var (indexAt, indexLength, reportLength, magic) = (tail.ReadInt64(), tail.ReadInt32(), tail.ReadInt32(), tail.ReadUInt64());
        if (magic != Magic)
            throw new InvalidDataException("It is no file of definitions of this version.");

        using var zstd = new Decompressor();
        var index = new BinaryReader(new MemoryStream(zstd.Unwrap(Read(file, indexAt, indexLength)).ToArray()));
        var fingerprint = index.ReadString();
        var blocks = new (long, int, int)[index.ReadInt32()];
        for (var i = 0; i < blocks.Length; i++)
            blocks[i] = (index.ReadInt64(), index.ReadInt32(), index.ReadInt32());
        var types = new string[index.ReadInt32()];
        for (var i = 0; i < types.Length; i++)
            types[i] = index.ReadString();
        var count = index.ReadInt32();
        var (places, entries) = (new (int, int, int)[count], new DefinitionEntry[count]);
        for (var i = 0; i < count; i++)
        {
            entries[i] = new(types[index.ReadByte()], index.ReadString(), index.ReadString(), index.ReadBoolean(), index.ReadInt16(), i);
            places[i] = (index.ReadInt32(), index.ReadInt32(), index.ReadInt32());
        }

        var packages = JsonSerializer.Deserialize<PackageReport[]>(Read(file, indexAt + indexLength, reportLength)) ?? [];
        return new(file, blocks, places, entries, fingerprint, packages);
    }

    /// <summary>Safe for any number of threads at once.</summary>
    public byte[] Read(DefinitionEntry entry)
    {
        var (block, offset, length) = places[entry.Place];
        if (lastBlock is not { } last || last.Item1 != block)
        {
            var (position, compressed, _) = blocks[block];
            using var zstd = new Decompressor();
            lastBlock = last = Tuple.Create(block, zstd.Unwrap(Read(file, position, compressed)).ToArray());
        }

        return last.Item2.AsSpan(offset, length).ToArray();
    }

    public void Dispose() => file.Dispose();

    private static byte[] Read(Microsoft.Win32.SafeHandles.SafeFileHandle file, long position, int length)
    {
        var bytes = new byte[length];
        for (var done = 0; done < length;)
        {
            var read = RandomAccess.Read(file, bytes.AsSpan(done), position + done);
            if (read == 0)
                throw new InvalidDataException("The file is cut short.");
            done += read;
        }

        return bytes;
    }

    /// <summary>Writes a file of definitions as they come.</summary>
    internal sealed class Writer : IDisposable
    {
        private readonly BinaryWriter output;
        private readonly Compressor zstd = new(9);
        private readonly MemoryStream block = new();
        private readonly List<(long Position, int Length, int Plain)> blocks = [];
        private readonly List<(int Block, int Offset, int Length)> places = [];
        private readonly List<DefinitionEntry> entries = [];

        public Writer(Stream stream)
        {
            output = new BinaryWriter(stream, Encoding.UTF8);
            output.Write(Magic);
        }

        public int Count => entries.Count;

        public void Add(DefinitionEntry entry, ReadOnlySpan<byte> json)
        {
            places.Add((blocks.Count, (int)block.Length, json.Length));
            entries.Add(entry);
            block.Write(json);
            if (block.Length >= BlockBytes)
                Flush();
        }

        public void Complete(string fingerprint, IReadOnlyList<PackageReport> packages)
        {
            Flush();
            using var plain = new MemoryStream();
            var index = new BinaryWriter(plain, Encoding.UTF8);
            index.Write(fingerprint);
            index.Write(blocks.Count);
            foreach (var (position, length, size) in blocks)
            {
                index.Write(position);
                index.Write(length);
                index.Write(size);
            }

            var types = entries.Select(e => e.Type).Distinct(StringComparer.Ordinal).ToArray();
            index.Write(types.Length);
            foreach (var type in types)
                index.Write(type);
            index.Write(entries.Count);
            for (var i = 0; i < entries.Count; i++)
            {
                index.Write((byte)Array.IndexOf(types, entries[i].Type));
                index.Write(entries[i].Url);
                index.Write(entries[i].Version);
                index.Write(entries[i].IsActive);
                index.Write((short)entries[i].Package);
                index.Write(places[i].Block);
                index.Write(places[i].Offset);
                index.Write(places[i].Length);
            }

            index.Flush();
            output.Flush();
            var at = output.BaseStream.Position;
            var compressed = zstd.Wrap(plain.ToArray());
            var reports = JsonSerializer.SerializeToUtf8Bytes(packages);
            output.Write(compressed);
            output.Write(reports);
            output.Write(at);
            output.Write(compressed.Length);
            output.Write(reports.Length);
            output.Write(Magic);
            output.Flush();
        }

        public void Dispose()
        {
            output.Dispose();
            zstd.Dispose();
            block.Dispose();
        }

        private void Flush()
        {
            if (block.Length == 0)
                return;
            output.Flush();
            var compressed = zstd.Wrap(block.GetBuffer().AsSpan(0, (int)block.Length));
            blocks.Add((output.BaseStream.Position, compressed.Length, (int)block.Length));
            output.Write(compressed);
            block.SetLength(0);
        }
    }
}
