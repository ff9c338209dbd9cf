using FhirEmr.FhirServer.Documents;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Operations.Documents;

/// <summary>A FHIR document as a Bundle: the Composition first, then what it refers to, as stored.</summary>
/// <remarks>https://hl7.org/fhir/R4/documents.html; bdl-9 to bdl-11.</remarks>
internal static class DocumentBundle
{
    public static ReplyBody Write(string compositionUrl, ReadOnlyMemory<byte> composition, IEnumerable<(string FullUrl, ReadOnlyMemory<byte> Json)> entries, DateTimeOffset now, string? profile = null)
    {
        using var bundle = new BundleWriter("document", now, profile: profile);
        bundle.Document("urn:uuid:" + Guid.CreateVersion7(now), now);
        bundle.Entry(compositionUrl, composition);
        foreach (var (url, json) in entries)
            bundle.Entry(url, json);
        return bundle.Finish();
    }

    public static ReplyBody Write(DocumentContent content, DateTimeOffset now, string? profile = null) =>
        Write(content.CompositionUrl, FhirFormats.ToJson(content.Composition), content.Entries, now, profile);
}
