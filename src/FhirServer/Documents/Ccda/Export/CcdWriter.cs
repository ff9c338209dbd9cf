using System.Text;
using System.Xml;
using System.Xml.Linq;
using FhirEmr.FhirServer.Resources;
using static FhirEmr.FhirServer.Documents.Ccda.Export.CdaXml;

namespace FhirEmr.FhirServer.Documents.Ccda.Export;

/// <summary>A record → a C-CDA R2.1 Continuity of Care Document: US Realm header, required sections always, narratives and coded entries.</summary>
internal static class CcdWriter
{
    public const string Code = "34133-9";

    /// <param name="documentId">A UUID; the same for the same content.</param>
    public static byte[] Write(CcdContext c, Guid documentId)
    {
        var root = E("ClinicalDocument", new XAttribute(XNamespace.Xmlns + "xsi", Cda.Xsi), new XAttribute(XNamespace.Xmlns + "sdtc", Cda.Sdtc),
            CodeOnly("realmCode", "US"), E("typeId", A("root", "2.16.840.1.113883.1.3"), A("extension", "POCD_HD000040")),
            Templates(Template.UsRealmHeader, "2015-08-01"), Templates(Template.ContinuityOfCareDocument, "2015-08-01"), E("id", A("root", documentId.ToString())),
            Loinc(Code, "Summarization of Episode Note"), E("title", "Continuity of Care Document"), E("effectiveTime", A("value", CdaTime.ToCda(c.Now))),
            CdaXml.Code("confidentialityCode", Confidentiality(c.Record), "2.16.840.1.113883.5.25"), CodeOnly("languageCode", "en-US"),
            E("setId", A("root", StableId.Uuid(c.OwnRoot, "set", c.Record.Patient.Key.ToString()).ToString())), E("versionNumber", A("value", "1")),
            RecordTarget(c), Author(c), Custodian(c), Service(c),
            E("component", E("structuredBody", CcdSections.All.Select(s => Section(c, s)).OfType<XElement>().Select(s => E("component", s)))));
        using var stream = new MemoryStream();
        using (var writer = XmlWriter.Create(stream, new() { Encoding = new UTF8Encoding(false), NewLineHandling = NewLineHandling.Entitize }))
            new XDocument(root).Save(writer);
        return stream.ToArray();
    }

    private static XElement CodeOnly(string name, string code) => E(name, A("code", code));

    private static XElement? Section(CcdContext c, CcdSection section)
    {
        var entries = section.Entries(c).ToArray();
        if (entries.Length == 0 && !section.IsRequired)
            return null;
        var element = E("section", entries.Length == 0 ? A("nullFlavor", "NI") : null,
            section.Optional is null ? null : Templates(section.Optional, section.Version), Templates(section.Template, section.Version), Loinc(section.Code, section.Title), E("title", section.Title), Narrative(section, entries));
        foreach (var entry in entries)
            if (entry.Statement is not null)
                element.Add(E("entry", A("typeCode", "DRIV"), entry.Statement));
        return element;
    }

    private static XElement Narrative(CcdSection section, CcdEntry[] entries)
    {
        if (entries.Length == 0)
            return E("text", "No information.");
        var shown = Enumerable.Range(0, section.Columns.Length).Where(i => entries.Any(e => !string.IsNullOrWhiteSpace(e.Row[i]))).ToArray();
        return E("text", E("table", A("border", "1"), E("thead", E("tr", shown.Select(i => E("th", section.Columns[i])))),
            E("tbody", entries.Select(e => E("tr", shown.Select(i => E("td", e.Row[i])))))));
    }

    private static XElement RecordTarget(CcdContext c)
    {
        var root = c.Record.Patient.Root;
        var names = root.Each("name").ToArray();
        var languages = root.Each("communication").Select(l => (Code: l.Say("language", "coding", "code"), Preferred: l.TextOf("preferred"))).Where(l => l.Code is not null);
        return E("recordTarget", E("patientRole", c.PatientIds(),
            root.Each("address") is var addresses && addresses.Any() ? addresses.Select(Address) : [Null("addr")],
            root.Each("telecom").Select(Telecom).OfType<XElement>().ToArray() is { Length: > 0 } telecoms ? telecoms : [Null("telecom")],
            E("patient", names.Length > 0 ? names.Select(Name) : [Null("name")],
                root.TextOf("gender") switch
                {
                    "male" => CdaXml.Code("administrativeGenderCode", "M", "2.16.840.1.113883.5.1", "Male"),
                    "female" => CdaXml.Code("administrativeGenderCode", "F", "2.16.840.1.113883.5.1", "Female"),
                    "other" => CdaXml.Code("administrativeGenderCode", "UN", "2.16.840.1.113883.5.1", "Undifferentiated"),
                    _ => Null("administrativeGenderCode"),
                },
                TimeOrUnknown("birthTime", root.TextOf("birthDate")),
                root.Child("deceased") is { Exists: true } died ? died.Kind == NodeKind.Text ? new XElement(Cda.Sdtc + "deceasedTime", A("value", CdaTime.ToCda(died.Text) ?? "")) : new XElement(Cda.Sdtc + "deceasedInd", A("value", died.Text)) : null,
                root.Child("maritalStatus") is { Exists: true } marital ? Concept("maritalStatusCode", marital) : null,
                Category(root, "us-core-race", "raceCode"), Category(root, "us-core-ethnicity", "ethnicGroupCode"),
                languages.Select(l => E("languageCommunication", CodeOnly("languageCode", l.Code!), l.Preferred is null ? null : E("preferenceInd", A("value", l.Preferred)))))));
    }

    /// <summary>CDC's categories of race and ethnicity; unknown when the record has none, as the US header wants them said.</summary>
    private static IEnumerable<XElement> Category(FhirNode patient, string extension, string name)
    {
        var codings = patient.Each("extension").Where(x => x.TextOf("url")?.EndsWith("/" + extension, StringComparison.Ordinal) == true)
            .SelectMany(x => x.Each("extension")).Where(x => x.TextOf("url") is "ombCategory" or "detailed").Select(x => x.Child("value")).Where(v => v.Exists).ToArray();
        if (codings.Length == 0)
            return [Null(name)];
        return codings.Select((coding, i) =>
        {
            var element = Coding(name, coding);
            if (i > 0)
                element.Name = Cda.Sdtc + name;
            return element;
        });
    }

    private static XElement Author(CcdContext c) => E("author", E("time", A("value", CdaTime.ToCda(c.Now))), E("assignedAuthor", E("id", A("root", c.OwnRoot)), Null("addr"), Null("telecom"),
        E("assignedAuthoringDevice", E("manufacturerModelName", "FhirEmr"), E("softwareName", "FhirEmr"))));

    private static XElement Custodian(CcdContext c)
    {
        var organization = c.Record.Find(c.Record.Patient.Root.Say("managingOrganization", "reference"));
        var ids = organization?.Root.Each("identifier").Select(CcdContext.Id).OfType<XElement>().ToArray() ?? [];
        return E("custodian", E("assignedCustodian", E("representedCustodianOrganization", ids.Length > 0 ? ids : [E("id", A("root", c.OwnRoot))],
            E("name", organization?.Root.TextOf("name") ?? c.Record.Patient.Root.Say("managingOrganization", "display") ?? "The practice"),
            organization is { } o && o.Root.Each("telecom").Select(Telecom).OfType<XElement>().FirstOrDefault() is { } telecom ? telecom : Null("telecom"),
            organization is { } a ? Address(a.Root.Child("address")) : Null("addr"))));
    }

    private static XElement Service(CcdContext c) => E("documentationOf", A("typeCode", "DOC"), E("serviceEvent", A("classCode", "PCPR"),
        E("effectiveTime", TimeOrUnknown("low", c.From ?? c.Record.Patient.Root.TextOf("birthDate")), c.Until is { } until ? Time("high", until) : E("high", A("value", CdaTime.ToCda(c.Now))))));

    /// <summary>As confidential as the most confidential of what it holds.</summary>
    public static string Confidentiality(PatientRecord record)
    {
        var highest = 'N';
        foreach (var resource in record.All)
            foreach (var label in resource.Root.Child("meta") is { Exists: true } meta ? meta.Each("security") : [])
                if (label.TextOf("system")?.EndsWith("v3-Confidentiality", StringComparison.Ordinal) == true)
                    highest = (highest, label.TextOf("code")) switch { (_, "V") => 'V', ('N', "R") => 'R', var (known, _) => known };
        return highest.ToString();
    }
}
