using System.Globalization;
using System.Security;
using System.Text;
using PdfSharp.Pdf;

namespace FhirEmr.BillingBridge.Documents;

/// <summary>A PDF as bytes whose metadata say that it follows PDF/UA-1 (ISO 14289-1, 5).</summary>
/// <remarks>
/// The writer makes the metadata itself, last of all, and takes no others: ours follow it as an update of the file (ISO 32000-1, 7.5.6), in which
/// the one object stands anew and all else is as it was.
/// </remarks>
internal static class PaperFile
{
    private const string StartOfReferences = "startxref";

    public static byte[] Save(PdfDocument document)
    {
        using var stream = new MemoryStream();
        document.Save(stream, closeStream: false);
        var written = stream.ToArray();
        var catalog = document.Internals.Catalog;
        var metadata = catalog.Elements.GetReference("/Metadata") ?? throw new InvalidOperationException("The writer made no metadata.");
        var xmp = Encoding.UTF8.GetBytes(Metadata(document.Info));

        stream.Seek(0, SeekOrigin.End);
        var place = stream.Length;
        Write($"{metadata.ObjectNumber} 0 obj\n<</Type/Metadata/Subtype/XML/Length {xmp.Length}>>\nstream\n");
        stream.Write(xmp);
        Write("\nendstream\nendobj\n");
        var references = stream.Length;
        Write($"xref\n{metadata.ObjectNumber} 1\n{place.ToString("0000000000", CultureInfo.InvariantCulture)} 00000 n \n");
        Write($"trailer\n<</Size {document.Internals.GetAllObjects().Max(o => o.Reference!.ObjectNumber) + 1}/Root {catalog.Reference!.ObjectNumber} 0 R/Info {document.Info.Reference!.ObjectNumber} 0 R");
        Write($"/ID[<{Hex(document.Internals.FirstDocumentID)}><{Hex(document.Internals.SecondDocumentID)}>]/Prev {Previous(written)}>>\n{StartOfReferences}\n{references}\n%%EOF\n");
        return stream.ToArray();

        void Write(string text) => stream.Write(Encoding.ASCII.GetBytes(text));
    }

    private static string Hex(string id) => Convert.ToHexString(Encoding.Latin1.GetBytes(id));

    private static long Previous(byte[] written)
    {
        var end = Encoding.ASCII.GetString(written.AsSpan(Math.Max(0, written.Length - 64)));
        return long.Parse(end.AsSpan(end.LastIndexOf(StartOfReferences, StringComparison.Ordinal) + StartOfReferences.Length).Trim("\r\n %EOF"), CultureInfo.InvariantCulture);
    }

    private static string Metadata(PdfDocumentInformation info) => $"""
        <?xpacket begin="{'\uFEFF'}" id="W5M0MpCehiHzreSzNTczkc9d"?>
        <x:xmpmeta xmlns:x="adobe:ns:meta/">
          <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
            <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
              <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{SecurityElement.Escape(info.Title)}</rdf:li></rdf:Alt></dc:title>
              <pdf:Producer>{SecurityElement.Escape(info.Producer)}</pdf:Producer>
              <pdfuaid:part>1</pdfuaid:part>
              <xmp:CreatorTool>{SecurityElement.Escape(info.Creator)}</xmp:CreatorTool>
              <xmp:CreateDate>{info.CreationDate.ToUniversalTime():yyyy-MM-ddTHH:mm:ssZ}</xmp:CreateDate>
            </rdf:Description>
          </rdf:RDF>
        </x:xmpmeta>
        <?xpacket end="r"?>
        """;
}
