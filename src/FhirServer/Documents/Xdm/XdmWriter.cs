using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml.Linq;
using FhirEmr.FhirServer.Documents.Ccda;

namespace FhirEmr.FhirServer.Documents.Xdm;

/// <summary>What the metadata of a package says of its document.</summary>
/// <param name="UniqueId">The document's own id.</param>
/// <param name="Confidentiality">Code of HL7's Confidentiality: N, R or V.</param>
/// <param name="PatientId">As HL7 v2 writes it: <c>id^^^&amp;oid&amp;ISO</c>.</param>
internal sealed record XdmDescription(string UniqueId, string PatientId, string PatientName, string? BirthDate, string? Gender, string Title, string SourceId, DateTimeOffset Created, string Confidentiality);

/// <summary>A CDA document → an XDM package that a Direct message can carry.</summary>
/// <remarks>IHE ITI TF-2 3.32 and TF-3 4.2: one submission set with one stable document entry.</remarks>
internal static class XdmWriter
{
    private const string DocumentName = "DOC00001.XML";

    private static readonly XNamespace Lcm = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0";
    private static readonly XNamespace Rim = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0";

    public static byte[] Write(byte[] document, XdmDescription description)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8))
        {
            void Add(string name, byte[] bytes)
            {
                var entry = archive.CreateEntry(name, CompressionLevel.Optimal);
                entry.LastWriteTime = description.Created;
                using var content = entry.Open();
                content.Write(bytes);
            }

            Add("README.TXT", Encoding.UTF8.GetBytes("This package holds a clinical document (IHE XDM). Open INDEX.HTM.\r\n"));
            Add("INDEX.HTM", Encoding.UTF8.GetBytes(Index(description)));
            Add("IHE_XDM/SUBSET01/METADATA.XML", Encoding.UTF8.GetBytes(new XDeclaration("1.0", "UTF-8", null) + "\n" + Metadata(document, description)));
            Add("IHE_XDM/SUBSET01/" + DocumentName, document);
        }

        return stream.ToArray();
    }

    private static string Index(XdmDescription d)
    {
        var html = new StringBuilder("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>");
        Ccda.Import.NarrativeText.Escape(d.Title, html);
        html.Append("</title></head><body><h1>");
        Ccda.Import.NarrativeText.Escape(d.Title, html);
        return html.Append("</h1><p><a href=\"IHE_XDM/SUBSET01/").Append(DocumentName).Append("\">The document</a></p></body></html>\r\n").ToString();
    }

    private static XElement Metadata(byte[] document, XdmDescription d)
    {
        var created = d.Created.UtcDateTime.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
        var (entryId, setId) = ("Document01", "SubmissionSet01");
        var entry = new XElement(Rim + "ExtrinsicObject", new XAttribute("id", entryId), new XAttribute("mimeType", "text/xml"),
            new XAttribute("objectType", "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"), new XAttribute("status", "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"),
            Slot("creationTime", created), Slot("hash", XdmPackage.Hash(document)), Slot("languageCode", "en-US"),
            Slot("size", document.Length.ToString(CultureInfo.InvariantCulture)), Slot("sourcePatientId", d.PatientId),
            Slot("sourcePatientInfo", [.. new[] { $"PID-3|{d.PatientId}", $"PID-5|{d.PatientName}", d.BirthDate is { } born ? $"PID-7|{born}" : null, d.Gender is { } gender ? $"PID-8|{gender}" : null }.OfType<string>()]),
            Slot("URI", DocumentName),
            Name(d.Title),
            Class(entryId, "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a", "34133-9", "2.16.840.1.113883.6.1", "Summary of episode note"),
            Class(entryId, "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f", d.Confidentiality, OidSystems.Confidentiality, d.Confidentiality switch { "R" => "restricted", "V" => "very restricted", _ => "normal" }),
            Class(entryId, "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d", "urn:hl7-org:sdwg:ccda-structuredBody:2.1", "1.3.6.1.4.1.19376.1.2.3", "C-CDA 2.1 structured body"),
            Class(entryId, "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1", "35971002", OidSystems.Snomed, "Ambulatory care site"),
            Class(entryId, "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead", "394802001", OidSystems.Snomed, "General medicine"),
            Class(entryId, "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983", "34133-9", OidSystems.Loinc, "Summary of episode note"),
            External(entryId, "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427", d.PatientId, "XDSDocumentEntry.patientId"),
            External(entryId, "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab", d.UniqueId, "XDSDocumentEntry.uniqueId"));
        var set = new XElement(Rim + "RegistryPackage", new XAttribute("id", setId), Slot("submissionTime", created), Name(d.Title),
            Class(setId, "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500", "34133-9", OidSystems.Loinc, "Summary of episode note"),
            External(setId, "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8", d.UniqueId, "XDSSubmissionSet.uniqueId"),
            External(setId, "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832", d.SourceId, "XDSSubmissionSet.sourceId"),
            External(setId, "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446", d.PatientId, "XDSSubmissionSet.patientId"));
        return new(Lcm + "SubmitObjectsRequest", new XAttribute(XNamespace.Xmlns + "lcm", Lcm), new XAttribute(XNamespace.Xmlns + "rim", Rim),
            new XElement(Rim + "RegistryObjectList", entry, set,
                new XElement(Rim + "Classification", new XAttribute("id", "Class00"), new XAttribute("classifiedObject", setId), new XAttribute("classificationNode", "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd")),
                new XElement(Rim + "Association", new XAttribute("id", "Association01"), new XAttribute("associationType", "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"),
                    new XAttribute("sourceObject", setId), new XAttribute("targetObject", entryId), Slot("SubmissionSetStatus", "Original"))));
    }

    private static XElement Slot(string name, params string[] values) =>
        new(Rim + "Slot", new XAttribute("name", name), new XElement(Rim + "ValueList", values.Select(v => new XElement(Rim + "Value", v))));

    private static XElement Name(string name) => new(Rim + "Name", new XElement(Rim + "LocalizedString", new XAttribute("value", name)));

    private static XElement Class(string of, string scheme, string code, string system, string display) => new(Rim + "Classification",
        new XAttribute("id", $"{of}-{scheme[9..17]}"), new XAttribute("classifiedObject", of), new XAttribute("classificationScheme", scheme), new XAttribute("nodeRepresentation", code),
        Slot("codingScheme", system), Name(display));

    private static XElement External(string of, string scheme, string value, string name) => new(Rim + "ExternalIdentifier",
        new XAttribute("id", $"{of}-{scheme[9..17]}"), new XAttribute("registryObject", of), new XAttribute("identificationScheme", scheme), new XAttribute("value", value), Name(name));
}
