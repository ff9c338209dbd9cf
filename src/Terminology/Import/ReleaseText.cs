using System.Security.Cryptography;
using System.Text;

namespace FhirEmr.Terminology.Import;

/// <summary>A release file read whole: its hash, and its text in UTF-8 or, when that does not decode, Windows-1252.</summary>
internal sealed record ReleaseText(string Path, string Sha256, string Text)
{
    /// <summary>The largest release known is some 20 MB; more than this is not a release file.</summary>
    public const long MaxBytes = 256L * 1024 * 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public string Name => System.IO.Path.GetFileName(Path);

    public static ReleaseText Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        return new(path, Convert.ToHexStringLower(SHA256.HashData(bytes)), Decode(bytes));
    }

    /// <summary>Lines without their ends and trailing blanks, numbered from 1; blank lines are left out.</summary>
    public IEnumerable<(int Number, string Line)> Lines()
    {
        using var reader = new StringReader(Text);
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            var trimmed = line.TrimEnd();
            if (trimmed.Length > 0 && trimmed is not "\u001a") // the DOS end-of-file mark some old tools leave
                yield return (number, trimmed);
        }
    }

    private static string Decode(byte[] bytes)
    {
        var start = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        try
        {
            return StrictUtf8.GetString(bytes, start, bytes.Length - start);
        }
        catch (DecoderFallbackException)
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(1252)!.GetString(bytes);
        }
    }
}
