using System.Security.Cryptography;
using System.Text;

namespace FhirEmr.Terminology.Import;

/// <summary>A release file: its hash, and its text in UTF-8 or, when that does not decode, Windows-1252. Large ones are read line by line, never whole.</summary>
internal sealed class ReleaseText
{
    /// <summary>The largest release file known, RXNCONSO.RRF and the descriptions of SNOMED CT, are some hundred MB; more than this is none.</summary>
    public const long MaxBytes = 4L * 1024 * 1024 * 1024;

    /// <summary>What is read whole, as CSV is, is never this large.</summary>
    private const long MaxWhole = 256L * 1024 * 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly Encoding encoding;
    private readonly long length;

    private ReleaseText(string path, string sha256, Encoding encoding, long length) => (Path, Sha256, this.encoding, this.length) = (path, sha256, encoding, length);

    public string Path { get; }

    public string Sha256 { get; }

    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Called as reading goes on with the share that is read.</summary>
    public Action<double>? Read { get; set; }

    public string Text => length <= MaxWhole ? File.ReadAllText(Path, encoding)
        : throw new InvalidDataException($"{Name} has {length} bytes; no release of this kind is that large.");

    public static ReleaseText Open(string path)
    {
        using var file = File.OpenRead(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (buffer, isUtf8, decoder, characters) = (new byte[1 << 16], true, StrictUtf8.GetDecoder(), new char[1 << 16]);
        while (file.Read(buffer) is > 0 and var count)
        {
            hash.AppendData(buffer, 0, count);
            isUtf8 = isUtf8 && IsUtf8(decoder, buffer.AsSpan(0, count), characters, file.Position == file.Length);
        }

        return new(path, Convert.ToHexStringLower(hash.GetHashAndReset()), isUtf8 ? StrictUtf8 : CodePagesEncodingProvider.Instance.GetEncoding(1252)!, file.Length);
    }

    /// <summary>Lines without their ends and trailing blanks, numbered from 1; blank lines are left out.</summary>
    public IEnumerable<(int Number, string Line)> Lines()
    {
        using var file = File.OpenRead(Path);
        using var reader = new StreamReader(file, encoding);
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            if ((number & 0x3FFF) == 0)
                Read?.Invoke((double)file.Position / length);
            var trimmed = line.TrimEnd();
            if (trimmed.Length > 0 && trimmed is not "\u001a") // the DOS end-of-file mark some old tools leave
                yield return (number, trimmed);
        }
    }

    private static bool IsUtf8(Decoder decoder, ReadOnlySpan<byte> bytes, char[] characters, bool isEnd)
    {
        try
        {
            decoder.GetChars(bytes, characters, isEnd);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
