using System.Xml.Linq;
using FhirEmr.FhirServer.Resources;
using static FhirEmr.FhirServer.Documents.Ccda.Export.CdaXml;

namespace FhirEmr.FhirServer.Documents.Ccda.Export;

/// <summary>What a CCD is made from and how it names things.</summary>
/// <param name="OwnRoot">Root of the ids that this server gives.</param>
/// <param name="Now">In the practice's zone.</param>
/// <param name="From">First day of care it is about; null for all before.</param>
/// <param name="Until">Last day; null for today.</param>
internal sealed record CcdContext(PatientRecord Record, string OwnRoot, DateTimeOffset Now, string? From, string? Until)
{
    /// <summary>Ids of a statement: those it came with, and last one of this server's, by which it knows its own.</summary>
    public IEnumerable<XElement> Ids(RecordResource resource) => Given(resource).Append(Own($"{resource.Key.Type}-{resource.Key.Id}"));

    /// <summary>Ids that it came with, without this server's.</summary>
    public IEnumerable<XElement> Given(RecordResource resource) =>
        resource.Root.Each("identifier").Select(Id).OfType<XElement>().Where(i => !string.Equals(i.Attr("root"), OwnRoot, StringComparison.OrdinalIgnoreCase));

    /// <summary>Ids of the patient: one of this server's only when there is no other, since people are known by the numbers of others, too.</summary>
    public IEnumerable<XElement> PatientIds() => Given(Record.Patient).DefaultIfEmpty(Own($"{Record.Patient.Key.Type}-{Record.Patient.Key.Id}"));

    /// <summary>An id of this server's.</summary>
    public XElement Own(string extension) => E("id", A("root", OwnRoot), A("extension", extension));

    /// <summary>The id of an act around a statement.</summary>
    public XElement Around(RecordResource resource) => E("id", A("root", StableId.Uuid(OwnRoot, "act", resource.Key.ToString()).ToString()));

    public static XElement? Id(FhirNode identifier)
    {
        if (identifier.TextOf("value") is not { } value)
            return null;
        if (identifier.TextOf("system") == "urn:ietf:rfc:3986")
            return OidSystems.RootOf(value) is { } only ? E("id", A("root", only)) : null;
        return OidSystems.RootOf(identifier.TextOf("system")) is { } root ? E("id", A("root", root), A("extension", value)) : null;
    }

    /// <summary>Whether care took place in the days that the document is about; what has no date always is.</summary>
    public bool Covers(string when) => when.Length == 0
        || ((From is null || string.CompareOrdinal(when, From[..Math.Min(From.Length, when.Length)]) >= 0) && (Until is null || string.CompareOrdinal(when[..Math.Min(when.Length, Until.Length)], Until) <= 0));

    /// <summary>Who wrote it and when; null when the record does not say.</summary>
    public XElement? Author(RecordResource resource, string who, params ReadOnlySpan<string> times)
    {
        var when = resource.Root.When(times);
        var person = resource.Root.Child(who);
        if (when.Length == 0 && !person.Exists)
            return null;
        return E("author", Templates("2.16.840.1.113883.10.20.22.4.119", null), TimeOrUnknown("time", when), E("assignedAuthor", Person(person)));
    }

    public XElement? Performer(FhirNode reference) => reference.Exists && Record.Named(reference) is not null ? E("performer", E("assignedEntity", Person(reference))) : null;

    /// <summary>Id, addresses and name of whom a reference names, as an assigned role has them.</summary>
    public IEnumerable<object> Person(FhirNode reference)
    {
        var there = reference.Exists ? Record.Find(reference.TextOf("reference")) : null;
        if (there?.Key.Type == "PractitionerRole")
            there = Record.Find(there.Root.Say("practitioner", "reference"));
        var ids = there?.Root.Each("identifier").Select(Id).OfType<XElement>().ToArray() ?? [];
        foreach (var id in ids.Length > 0 ? ids : [Null("id")])
            yield return id;
        if (there?.Key.Type == "Practitioner")
        {
            foreach (var address in there.Root.Each("address"))
                yield return Address(address);
            foreach (var telecom in there.Root.Each("telecom").Select(Telecom).OfType<XElement>())
                yield return telecom;
            yield return E("assignedPerson", Name(there.Root.Child("name")));
        }
        else if (reference.Exists && Record.Named(reference) is { } words)
        {
            yield return E("assignedPerson", E("name", words));
        }
    }

    public XElement? Place(FhirNode reference) => reference.Exists && Record.Named(reference) is { } name
        ? E("participant", A("typeCode", "LOC"), E("participantRole", A("classCode", "SDLOC"), Templates(Template.ServiceLocation, null), Null("code"), E("playingEntity", A("classCode", "PLC"), E("name", name))))
        : null;

    /// <summary>Notes as Comment Activities.</summary>
    public static IEnumerable<XElement> Comments(FhirNode resource) => resource.Each("note").Select(n => n.TextOf("text")).OfType<string>().Select(text => Related("SUBJ", true,
        E("act", A("classCode", "ACT"), A("moodCode", "EVN"), Templates(Template.Comment, null), Loinc("48767-8", "Annotation comment"), E("text", text), Status("completed"))));

    /// <summary>The visit it belongs to, when the document has it.</summary>
    public XElement? EncounterOf(RecordResource resource) =>
        Record.Find(resource.Root.Say(resource.Root.Child("context") is { Exists: true } context && context.Type.Name == "Reference" ? "context" : "encounter", "reference")) is { Key.Type: "Encounter" } encounter
            ? Related("COMP", false, E("encounter", A("classCode", "ENC"), A("moodCode", "EVN"), Ids(encounter))) : null;

    public static IEnumerable<XElement> Indications(FhirNode resource) => resource.Each("reasonCode").Select(reason => Related("RSON", false, E("observation", A("classCode", "OBS"), A("moodCode", "EVN"),
        Templates(Template.Indication, "2014-06-09"), Null("id"), Code("code", "404684003", OidSystems.Snomed, "Finding"), Status("completed"), Concept("value", reason, "CD"))));

    public static XElement Related(string type, bool isInverse, XElement statement) => E("entryRelationship", A("typeCode", type), isInverse ? A("inversionInd", "true") : null, statement);
}

/// <summary>One entry of a section and its line in the narrative.</summary>
internal sealed record CcdEntry(XElement Statement, string?[] Row);

/// <summary>A section of a CCD.</summary>
/// <param name="Version">Of the template; null for one that has none.</param>
/// <param name="IsRequired">It is there, saying that there is nothing, when no entry is.</param>
internal sealed record CcdSection(string Template, string? Version, string Code, string Title, bool IsRequired, string[] Columns, Func<CcdContext, IEnumerable<CcdEntry>> Entries)
{
    /// <summary>The same section without the duty to have entries, which readers look for.</summary>
    public string? Optional { get; init; }
}
