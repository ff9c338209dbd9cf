using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace FhirEmr.Terminology.Index;

/// <summary>An edition on disk: a readable header line, the columns as they lie in memory, a SHA-256 over both.</summary>
/// <remarks>
/// Written to a temporary name, flushed to the disk, then renamed: a reader sees the whole edition or none of it.
/// Integers are little-endian, as on every machine .NET 10 runs on; a damaged file is refused, never half read.
/// </remarks>
internal static class EditionFile
{
    public const string Extension = ".terms";
    private static readonly byte[] Magic = "FHIREMR-TERMS-1\n"u8.ToArray();

    public static string NameOf(Edition edition) => $"{edition.Id}-{edition.Sha256[..12]}{Extension}";

    public static void Write(string path, Edition edition, ConceptColumns columns)
    {
        var temporary = path + ".tmp";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var header = JsonSerializer.SerializeToUtf8Bytes(edition);
            Put(Magic);
            PutBlock(header);
            foreach (var block in Blocks(columns))
                PutBlock(block.Span);
            file.Write(hash.GetHashAndReset());
            file.Flush(flushToDisk: true);

            void Put(ReadOnlySpan<byte> bytes)
            {
                hash.AppendData(bytes);
                file.Write(bytes);
            }

            void PutBlock(ReadOnlySpan<byte> bytes)
            {
                Put(BitConverter.GetBytes(bytes.Length));
                Put(bytes);
            }
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>The edition without its codes; null when this is not an edition file of ours.</summary>
    public static Edition? ReadHeader(string path)
    {
        using var file = File.OpenRead(path);
        var start = new byte[Magic.Length + 4];
        if (file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length || !start.AsSpan().StartsWith(Magic))
            return null;

        var length = BitConverter.ToInt32(start, Magic.Length);
        if (length <= 0 || length > file.Length - file.Position)
            return null;

        var header = new byte[length];
        file.ReadExactly(header);
        try
        {
            return JsonSerializer.Deserialize<Edition>(header);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>All columns. Throws <see cref="InvalidDataException"/> when the file is damaged.</summary>
    public static ConceptTable Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var body = bytes.Length - SHA256.HashSizeInBytes;
        if (body < Magic.Length || !SHA256.HashData(bytes.AsSpan(0, body)).AsSpan().SequenceEqual(bytes.AsSpan(body)))
            throw new InvalidDataException($"{Path.GetFileName(path)} is damaged: delete it and import the release again.");

        var at = Magic.Length;
        Next(); // the header
        var columns = new ConceptColumns(Text(), Text(), Text(), Next().ToArray(), Numbers(), Numbers(), Numbers(), Strings());
        if (at < body) // editions written before hierarchies were kept end here
            columns = columns with { Hierarchy = (Hierarchy)Next()[0], Parents = Numbers(), ParentEnds = Numbers(), Synonyms = Next()[0] == 1 ? Text() : null };
        return new(columns);

        ReadOnlySpan<byte> Next()
        {
            var length = BitConverter.ToInt32(bytes, at);
            var block = bytes.AsSpan(at + 4, length);
            at += 4 + length;
            return block;
        }

        int[] Numbers() => MemoryMarshal.Cast<byte, int>(Next()).ToArray();

        TextColumn Text() => new(Next().ToArray(), Numbers());

        string[] Strings() => Encoding.UTF8.GetString(Next()).Split('\0');
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Blocks(ConceptColumns columns)
    {
        foreach (var text in (TextColumn[])[columns.Codes, columns.Displays, columns.ShortTitles])
        {
            yield return text.Bytes;
            yield return Bytes(text.Ends);
        }

        yield return columns.Flags;
        yield return Bytes(columns.From);
        yield return Bytes(columns.To);
        yield return Bytes(columns.PropertySet);
        yield return Encoding.UTF8.GetBytes(string.Join('\0', columns.PropertySets));
        yield return new[] { (byte)columns.Hierarchy };
        yield return Bytes(columns.Parents);
        yield return Bytes(columns.ParentEnds);
        yield return new[] { (byte)(columns.Synonyms is null ? 0 : 1) };
        if (columns.Synonyms is { } synonyms)
        {
            yield return synonyms.Bytes;
            yield return Bytes(synonyms.Ends);
        }
    }

    private static byte[] Bytes(int[] numbers) => MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray();
}
