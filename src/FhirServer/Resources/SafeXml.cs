using System.Text;
using System.Text.Unicode;
using System.Xml;

namespace FhirEmr.FhirServer.Resources;

/// <summary>The one way to read XML: no DTD, no entities, no resolver, UTF-8, bounded depth (security S-70).</summary>
/// <remarks>All other factories of XML readers are banned symbols. Throws <see cref="XmlException"/> at the first fault; our own limits speak for themselves, without a line.</remarks>
internal static class SafeXml
{
    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersFromEntities = 1, // there can be none without a DTD; 0 would mean no limit
        MaxCharactersInDocument = 256L * 1024 * 1024,
        CloseInput = true,
    };

    /// <summary>A reader over UTF-8 bytes that were found no deeper than <paramref name="maxDepth"/>: parsers that recurse may follow it.</summary>
    /// <param name="maxElements">More, or four times as many nodes of every kind, are refused before anything is built of them.</param>
    public static XmlReader Read(ReadOnlyMemory<byte> xml, int maxDepth, int maxElements = int.MaxValue)
    {
        if (!Utf8.IsValid(xml.Span))
            throw new XmlException("The body is not UTF-8: FHIR XML is always UTF-8.");

        using (var scan = Open(xml))
        {
            for (long elements = 0, nodes = 0; scan.Read();)
            {
                nodes += 1 + scan.AttributeCount;
                if ((scan.NodeType == XmlNodeType.Element && ++elements > maxElements) || nodes > 4L * maxElements)
                    throw new XmlException($"There are more than {maxElements} elements, or too many attributes and other nodes.");
                if (scan.NodeType == XmlNodeType.XmlDeclaration && scan.GetAttribute("encoding") is { } encoding && !IsUtf8(encoding))
                    throw new XmlException($"The XML declares the encoding '{encoding}': FHIR XML is always UTF-8.");
                if (scan.Depth > maxDepth)
                    throw new XmlException($"Elements are nested more than {maxDepth} deep at line {((IXmlLineInfo)scan).LineNumber}, column {((IXmlLineInfo)scan).LinePosition}.");
            }
        }

        return Open(xml);
    }

    private static bool IsUtf8(string encoding) =>
        encoding.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || encoding.Equals("utf8", StringComparison.OrdinalIgnoreCase)
        || encoding.Equals("us-ascii", StringComparison.OrdinalIgnoreCase);

    // Through a text reader, so that the encoding is what we say and not what the document says.
#pragma warning disable RS0030 // this is the factory that the ban points to
    private static XmlReader Open(ReadOnlyMemory<byte> xml) => XmlReader.Create(new StreamReader(new ByteStream(xml), new UTF8Encoding(false, true)), Settings);
#pragma warning restore RS0030

    /// <summary>Reads a memory without copying it.</summary>
    private sealed class ByteStream(ReadOnlyMemory<byte> bytes) : Stream
    {
        private int at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => bytes.Length;

        public override long Position { get => at; set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            var count = Math.Min(buffer.Length, bytes.Length - at);
            bytes.Span.Slice(at, count).CopyTo(buffer);
            at += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
