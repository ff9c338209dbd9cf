using System.Collections.Concurrent;
using System.Reflection;
using ZstdSharp;

namespace FhirEmr.FhirServer.Storage.Bodies;

/// <summary>Turns resource JSON into what is stored and back. The first byte names the codec, so that stores outlive their dictionaries.</summary>
/// <remarks>
/// 0 raw, 1 zstd, 2 and up zstd with the dictionary of that number. Dictionaries are shipped with the program and never change or leave:
/// a better one gets the next number. Compressors are not thread-safe, so each side keeps a pool.
/// </remarks>
internal sealed class BodyCodec : IDisposable
{
    public const byte Raw = 0;
    public const byte Plain = 1;
    public const byte FirstDictionary = 2;
    private const int Level = 1;

    private readonly byte writing;
    private readonly Dictionary<byte, byte[]> dictionaries;
    private readonly ConcurrentBag<Compressor> compressors = [];
    private readonly ConcurrentDictionary<byte, ConcurrentBag<Decompressor>> decompressors = new();

    /// <param name="dictionaries">By codec number; new bodies are written with the highest.</param>
    public BodyCodec(IReadOnlyDictionary<byte, byte[]> dictionaries)
    {
        this.dictionaries = new(dictionaries);
        writing = this.dictionaries.Count == 0 ? Plain : this.dictionaries.Keys.Max();
    }

    /// <summary>The codec with the dictionaries that this program ships.</summary>
    public static BodyCodec Shipped { get; } = new(ShippedDictionaries());

    public byte[] Compress(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty)
            return [];

        if (!compressors.TryTake(out var compressor))
            compressor = NewCompressor();
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(Compressor.GetCompressBound(json.Length) + 1);
        try
        {
            var length = compressor.Wrap(json, buffer.AsSpan(1));
            if (length < json.Length)
            {
                buffer[0] = writing;
                return buffer.AsSpan(0, length + 1).ToArray();
            }

            var raw = new byte[json.Length + 1];
            raw[0] = Raw;
            json.CopyTo(raw.AsSpan(1));
            return raw;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
            compressors.Add(compressor);
        }
    }

    /// <summary>The JSON exactly as it was given; empty for an empty (deleted) body.</summary>
    public byte[] Decompress(ReadOnlySpan<byte> stored)
    {
        if (stored.IsEmpty)
            return [];
        if (stored[0] == Raw)
            return stored[1..].ToArray();

        var codec = stored[0];
        var pool = decompressors.GetOrAdd(codec, _ => []);
        if (!pool.TryTake(out var decompressor))
            decompressor = NewDecompressor(codec);
        try
        {
            var frame = stored[1..];
            var json = new byte[Decompressor.GetDecompressedSize(frame)];
            var length = decompressor.Unwrap(frame, json);
            return length == json.Length ? json : throw new StorageFailedException("A stored body does not have the length it declares.");
        }
        finally
        {
            pool.Add(decompressor);
        }
    }

    public void Dispose()
    {
        while (compressors.TryTake(out var compressor))
            compressor.Dispose();
        foreach (var pool in decompressors.Values)
            while (pool.TryTake(out var decompressor))
                decompressor.Dispose();
    }

    private Compressor NewCompressor()
    {
        var compressor = new Compressor(Level);
        if (writing >= FirstDictionary)
            compressor.LoadDictionary(dictionaries[writing]);
        return compressor;
    }

    private Decompressor NewDecompressor(byte codec)
    {
        var decompressor = new Decompressor();
        if (codec == Plain)
            return decompressor;
        if (!dictionaries.TryGetValue(codec, out var dictionary))
            throw new StorageFailedException($"A stored body uses dictionary {codec}, which this program does not have: it was written by a newer one.");

        decompressor.LoadDictionary(dictionary);
        return decompressor;
    }

    private static Dictionary<byte, byte[]> ShippedDictionaries()
    {
        var assembly = typeof(BodyCodec).Assembly;
        var found = new Dictionary<byte, byte[]>();
        for (var codec = FirstDictionary; Resource(assembly, codec) is { } stream; codec++)
            using (stream)
            {
                var bytes = new byte[stream.Length];
                stream.ReadExactly(bytes);
                found[codec] = bytes;
            }

        return found;
    }

    private static Stream? Resource(Assembly assembly, byte codec) =>
        assembly.GetManifestResourceStream($"FhirEmr.FhirServer.Storage.Bodies.Dictionary{codec}.zdict");
}
