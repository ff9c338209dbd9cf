using System.Text;
using System.Xml;
using System.Xml.Linq;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Documents.Ccda.Import;

/// <summary>A CDA R2 document as read: its header, its sections in order, and the words of its narratives by ID.</summary>
/// <remarks>
/// XML is read by <see cref="SafeXml"/> alone: a DTD, an entity, a depth beyond <see cref="MaxDepth"/> or too many elements refuse the whole
/// document (security S-70). UTF-16 and ISO-8859-1 are read, too, as older systems write them.
/// </remarks>
internal sealed class CdaDocument
{
    /// <summary>Most bytes of one document.</summary>
    public const int MaxBytes = 32 * 1024 * 1024;

    public const int MaxDepth = 96;

    private const int MaxElements = 600_000;
    private const int MaxSections = 1_000;

    /// <summary>Characters that references may bring in altogether: many that point to one long text would make a small document a huge one.</summary>
    private const long MaxReferred = 64L * 1024 * 1024;

    private readonly Lazy<Dictionary<string, XElement>> narratives;
    private readonly Dictionary<XElement, string> words = [];
    private long referred;

    private CdaDocument(XElement root)
    {
        Root = root;
        Sections = [.. root.At("component", "structuredBody").Many("component").Select(c => c.One("section")).OfType<XElement>().SelectMany(s => Nested(s)).Select((s, i) => new CdaSection(s, i))];
        narratives = new(Index);
    }

    public XElement Root { get; }

    /// <summary>Every section, those within sections after the one they stand in.</summary>
    public IReadOnlyList<CdaSection> Sections { get; }

    /// <summary>The document's own id; null when it says none.</summary>
    public CdaId? Id => CdaId.Of(Root.One("id"));

    /// <summary>What all versions of the document share; null when it says nothing of versions.</summary>
    public CdaId? SetId => CdaId.Of(Root.One("setId"));

    /// <summary><c>R</c> or <c>V</c> when the document, or a section of it, says that it is confidential beyond the normal.</summary>
    public string? Confidentiality => Sections.Select(s => s.Element).Prepend(Root).Select(e => e.One("confidentialityCode").Attr("code")).Where(c => c is "R" or "V").Max(StringComparer.Ordinal);

    public XElement? RecordTarget => Root.At("recordTarget", "patientRole");

    /// <returns>The document, or a sentence that says why it is none.</returns>
    public static (CdaDocument? Document, string? Fault) Read(ReadOnlyMemory<byte> xml)
    {
        if (xml.Length > MaxBytes)
            return (null, $"The document has {xml.Length} bytes; at most {MaxBytes / (1024 * 1024)} MiB are read.");
        try
        {
            using var reader = SafeXml.Read(Utf8(xml), MaxDepth, MaxElements);
            if (reader.MoveToContent() != XmlNodeType.Element || reader is not { LocalName: "ClinicalDocument", NamespaceURI: "urn:hl7-org:v3" })
                return (null, $"The root is <{reader.LocalName}>: a CDA document begins with <ClinicalDocument xmlns=\"urn:hl7-org:v3\">.");
            var root = (XElement)XNode.ReadFrom(reader);
            return root.Descendants(Cda.Hl7 + "section").Skip(MaxSections).Any() ? (null, $"The document has more than {MaxSections} sections.") : (new(root), null);
        }
        catch (XmlException e)
        {
            return (null, $"The XML cannot be read: {e.Message}");
        }
    }

    /// <summary>What an original text or a text of a statement says: its own words, or those that its reference points to.</summary>
    public string? TextOf(XElement? text)
    {
        if (text is null)
            return null;
        return NarrativeAt(text) is { } there ? words[there] : text.Words();
    }

    /// <summary>The narrative element a reference points to.</summary>
    /// <exception cref="InvalidDataException">References bring in more than any document needs.</exception>
    public XElement? NarrativeAt(XElement? text)
    {
        if (text.One("reference").Attr("value") is not { } reference || narratives.Value.GetValueOrDefault(reference.TrimStart('#')) is not { } there)
            return null;
        if (!words.TryGetValue(there, out var said))
            words[there] = said = WordsOf(there) ?? "";
        if (said.Length == 0)
            return null;
        if ((referred += said.Length) > MaxReferred)
            throw new InvalidDataException("References to narratives bring in more than 64 MiB of text.");
        return there;
    }

    /// <summary>Cells and lines of a narrative are words apart; what is only set in bold is not.</summary>
    private static string? WordsOf(XElement narrative) => narrative.Descendants().Any(d => d.Name.LocalName is "td" or "item" or "paragraph" or "br")
        ? Cda.Squeezed(string.Join(' ', narrative.DescendantNodes().OfType<XText>().Select(t => t.Value)))
        : narrative.Words();

    private static IEnumerable<XElement> Nested(XElement section)
    {
        yield return section;
        foreach (var inner in section.Many("component").Select(c => c.One("section")).OfType<XElement>())
            foreach (var deeper in Nested(inner))
                yield return deeper;
    }

    private Dictionary<string, XElement> Index()
    {
        var index = new Dictionary<string, XElement>(StringComparer.Ordinal);
        foreach (var section in Sections)
            foreach (var element in section.Element.One("text")?.Descendants() ?? [])
                if (element.Attr("ID") is { } id)
                    index.TryAdd(id, element);
        return index;
    }

    /// <summary>The same in UTF-8: the one encoding that the XML reader takes.</summary>
    private static ReadOnlyMemory<byte> Utf8(ReadOnlyMemory<byte> xml)
    {
        var bytes = xml.Span;
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            return xml[3..];
        var encoding = bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) ? Encoding.Unicode : bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) ? Encoding.BigEndianUnicode : null;
        var head = Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, 200)]);
        var end = head.StartsWith("<?xml", StringComparison.Ordinal) ? head.IndexOf("?>", StringComparison.Ordinal) : -1;
        if (encoding is null && end > 0 && head[..end].Contains("iso-8859-1", StringComparison.OrdinalIgnoreCase))
            encoding = Encoding.Latin1;
        if (encoding is null)
            return xml;

        var text = encoding.GetString(bytes).TrimStart('\uFEFF');
        if (text.StartsWith("<?xml", StringComparison.Ordinal) && text.IndexOf("?>", StringComparison.Ordinal) is > 0 and var close)
            text = text[(close + 2)..].TrimStart();
        return Encoding.UTF8.GetBytes(text);
    }
}

/// <summary>A section: its code, its narrative, and its entries.</summary>
/// <param name="Index">Its place among all sections, from 0.</param>
internal sealed record CdaSection(XElement Element, int Index)
{
    public string? Code => Element.One("code").Attr("code");

    public string Title => Element.One("title").Words() ?? Element.One("code").Attr("displayName") ?? Code ?? "Section";

    /// <summary>The clinical statements in order; an entry without any is null.</summary>
    public IEnumerable<XElement?> Statements => Element.Many("entry").Select(e => e.Elements().FirstOrDefault(s => s.Name.Namespace == Cda.Hl7 && s.Name.LocalName is not ("templateId" or "realmCode" or "typeId")));
}

/// <summary>An <c>II</c>: a root that is an OID or a UUID, and what is unique below it.</summary>
internal readonly record struct CdaId(string Root, string? Extension)
{
    public static CdaId? Of(XElement? id) => id.NullFlavor() is null && id.Attr("root") is { } root ? new(root, id.Attr("extension")) : null;

    /// <summary>Ids of an element in order, without those that say nothing.</summary>
    public static IEnumerable<CdaId> AllOf(XElement element) => element.Many("id").Select(i => Of(i)).OfType<CdaId>();

    public override string ToString() => Extension is null ? Root : $"{Root}^{Extension}";
}
