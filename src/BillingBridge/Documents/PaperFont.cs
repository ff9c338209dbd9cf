using System.Buffers.Binary;
using PdfSharp.Fonts;

namespace FhirEmr.BillingBridge.Documents;

/// <summary>The font of our PDFs, carried in the program so that a server without fonts writes the same: DejaVu Sans.</summary>
internal sealed class PaperFont : IFontResolver
{
    public const string Family = "DejaVu Sans";

    private const string Regular = "DejaVuSans.ttf";
    private const string Bold = "DejaVuSans-Bold.ttf";

    private static readonly Lazy<HashSet<int>> Glyphs = new(() => CharactersOf(Read(Regular)));

    /// <summary>Makes the font known to the PDF writer; once is enough.</summary>
    public static void Register()
    {
        if (GlobalFontSettings.FontResolver is null)
            GlobalFontSettings.FontResolver = new PaperFont();
    }

    /// <summary>
    /// Whether a character comes out right. Scripts that run right to left or join their letters would come out, but wrong: they count as
    /// characters that the PDF cannot show.
    /// </summary>
    public static bool Shows(int character) =>
        (character is < 0x0590 or (> 0x0FFF and < 0xFB1D) or (> 0xFDFF and < 0xFE70) or > 0xFEFF) && Glyphs.Value.Contains(character);

    public FontResolverInfo? ResolveTypeface(string familyName, bool isBold, bool isItalic) => new(isBold ? Bold : Regular);

    public byte[]? GetFont(string faceName) => Read(faceName);

    private static byte[] Read(string face)
    {
        var resource = $"FhirEmr.BillingBridge.Documents.Data.{face}";
        using var stream = typeof(PaperFont).Assembly.GetManifestResourceStream(resource) ?? throw new InvalidOperationException($"{resource} is not in this build.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>The characters that a TrueType font has glyphs for: its cmap of format 12 (OpenType specification, cmap).</summary>
    private static HashSet<int> CharactersOf(ReadOnlySpan<byte> font)
    {
        var characters = new HashSet<int>();
        var tables = BinaryPrimitives.ReadUInt16BigEndian(font[4..]);
        for (var i = 0; i < tables; i++)
        {
            var record = font[(12 + (16 * i))..];
            if (!record[..4].SequenceEqual("cmap"u8))
                continue;
            var cmap = font[(int)BinaryPrimitives.ReadUInt32BigEndian(record[8..])..];
            var maps = BinaryPrimitives.ReadUInt16BigEndian(cmap[2..]);
            for (var j = 0; j < maps; j++)
            {
                var map = cmap[(int)BinaryPrimitives.ReadUInt32BigEndian(cmap[(8 + (8 * j))..])..];
                if (BinaryPrimitives.ReadUInt16BigEndian(map) == 12)
                    Add(map, characters);
            }
        }

        return characters;
    }

    private static void Add(ReadOnlySpan<byte> map, HashSet<int> characters)
    {
        var groups = (int)BinaryPrimitives.ReadUInt32BigEndian(map[12..]);
        for (var g = 0; g < groups; g++)
        {
            var group = map[(16 + (12 * g))..];
            var last = (int)BinaryPrimitives.ReadUInt32BigEndian(group[4..]);
            for (var c = (int)BinaryPrimitives.ReadUInt32BigEndian(group); c <= last; c++)
                characters.Add(c);
        }
    }
}
