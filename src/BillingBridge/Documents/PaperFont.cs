using System.Buffers.Binary;
using System.Reflection;
using PdfSharp.Drawing;
using PdfSharp.Fonts;

namespace FhirEmr.BillingBridge.Documents;

/// <summary>The font of our PDFs, carried in the program so that a server without fonts writes the same: Inter.</summary>
/// <remarks>No package has just the font; the one that has it keeps it inside a library, among resources in Avalonia's own form. That library is a resource of ours, and is never run.</remarks>
internal sealed class PaperFont : IFontResolver
{
    private const string Family = "Inter";

    private const string Regular = "Inter-Regular.ttf";
    private const string Bold = "Inter-Bold.ttf";

    private const string Library = "FhirEmr.BillingBridge.Documents.Inter";
    private const string Pack = "!AvaloniaResources";

    private static readonly Lazy<HashSet<int>> Glyphs = new(() => CharactersOf(Read(Regular)));

    /// <summary>Makes the font known to the PDF writer; once is enough.</summary>
    public static void Register()
    {
        if (GlobalFontSettings.FontResolver is null)
            GlobalFontSettings.FontResolver = new PaperFont();
    }

    /// <summary>The font in a size, written so that every glyph says which character it is, whatever the text (PDF/UA).</summary>
    public static XFont Of(double points, bool isBold = false) => new(Family, points, isBold ? XFontStyleEx.Bold : XFontStyleEx.Regular, XPdfFontOptions.UnicodeDefault);

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
        using var library = typeof(PaperFont).Assembly.GetManifestResourceStream(Library) ?? throw Missing(Library);
        var bytes = new byte[library.Length];
        library.ReadExactly(bytes);
        using var pack = Assembly.Load(bytes).GetManifestResourceStream(Pack) ?? throw Missing(Pack);

        // The length of the table of contents, then its version, its entries, and after it the files.
        using var reader = new BinaryReader(pack);
        var contents = reader.ReadInt32() + sizeof(int);
        _ = reader.ReadInt32();
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var (path, offset, length) = (reader.ReadString(), reader.ReadInt32(), reader.ReadInt32());
            if (!path.EndsWith($"/{face}", StringComparison.Ordinal))
                continue;
            pack.Position = contents + offset;
            return reader.ReadBytes(length);
        }

        throw Missing(face);
    }

    private static InvalidOperationException Missing(string what) => new($"{what} is not in this build.");

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
