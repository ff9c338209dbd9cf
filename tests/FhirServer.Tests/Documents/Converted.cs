using System.Text;
using FhirEmr.FhirServer.Documents;
using FhirEmr.FhirServer.Documents.Ccda.Import;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Documents;

/// <summary>Documents converted, and records made of resources, for the tests of documents.</summary>
internal static class Converted
{
    public static readonly TimeZoneInfo NewYork = TimeZoneInfo.FindSystemTimeZoneById("America/New_York");

    public static CdaDocument Read(byte[] xml)
    {
        var (document, fault) = CdaDocument.Read(xml);
        return document ?? throw new InvalidOperationException(fault);
    }

    public static ConvertedDocument Of(byte[] xml, string patient = "lucia", string? ownRoot = null) =>
        CcdaConverter.Convert(Read(xml), new(patient, NewYork, new Dictionary<string, string>(), true, ownRoot));

    public static T Only<T>(this ConvertedDocument document, Func<T, bool>? which = null)
        where T : Resource => Assert.Single(document.Resources.Values.OfType<T>(), r => which?.Invoke(r) != false);

    /// <summary>A document whose one section has these entries.</summary>
    public static ConvertedDocument Section(string code, params string[] entries) => Of(Document(CcdFixture.Section(code, "A section", "1.2.3", "<paragraph ID=\"t1\">Words of the section</paragraph>", entries)));

    public static byte[] Document(string sections) => Encoding.UTF8.GetBytes($"""
        <ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sdtc="urn:hl7-org:sdtc"><id root="1.2.3.4"/><code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/>
        <effectiveTime value="20250301"/><recordTarget><patientRole><id root="1.2.3" extension="7"/></patientRole></recordTarget><component><structuredBody>{sections}</structuredBody></component></ClinicalDocument>
        """);

    public static PatientRecord Record(IEnumerable<Resource> resources, string patient = "lucia")
    {
        var parsed = resources.Select(r =>
        {
            var json = FhirFormats.ToJson(r);
            return new RecordResource(new(r.TypeName, r.Id!), 1, json, FhirJsonReader.Read(json, out _)!.Root);
        }).ToArray();
        string[] around = ["Practitioner", "Organization", "Medication", "Location"];
        return new(new("Patient", patient), parsed.Where(p => !around.Contains(p.Key.Type)), parsed.Where(p => around.Contains(p.Key.Type)));
    }
}
