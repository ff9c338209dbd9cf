using System.Xml.Linq;
using FhirEmr.FhirServer.Resources;
using static FhirEmr.FhirServer.Documents.Ccda.Export.CdaXml;

namespace FhirEmr.FhirServer.Documents.Ccda.Export;

/// <summary>Coverage → Coverage Activity, Consent of advance care → Advance Directive Observation, notes → Note Activity.</summary>
internal static class AdministrativeEntries
{
    public static IEnumerable<CcdEntry> Payers(CcdContext c)
    {
        foreach (var coverage in c.Record.Of("Coverage"))
        {
            var root = coverage.Root;
            if (root.TextOf("status") is "entered-in-error" or "cancelled" || c.Record.Named(root.Child("payor")) is not { } payer)
                continue;
            var period = root.Child("period");
            yield return new(E("act", A("classCode", "ACT"), A("moodCode", "EVN"), Templates(Template.Coverage, "2015-08-01"), c.Around(coverage), Loinc("48768-6", "Payment sources"), Status("completed"),
                CcdContext.Related("COMP", false, E("act", A("classCode", "ACT"), A("moodCode", "EVN"), Templates(Template.Policy, "2015-08-01"), c.Ids(coverage),
                    root.Child("type") is { Exists: true } type ? Concept("code", type) : Null("code"), Status("completed"), period.Exists ? Interval(period.TextOf("start"), period.TextOf("end")) : null,
                    E("performer", A("typeCode", "PRF"), Templates(Template.Payer, null), E("assignedEntity", Null("id"), Code("code", "PAYOR", "2.16.840.1.113883.5.110"), E("representedOrganization", E("name", payer)))),
                    E("participant", A("typeCode", "COV"), Templates(Template.CoveredParty, "2015-08-01"), E("participantRole", root.TextOf("subscriberId") is { } member
                        ? E("id", A("root", StableId.Uuid("payer", payer).ToString()), A("extension", member)) : Null("id"), root.Child("relationship") is { Exists: true } relation ? Concept("code", relation) : Null("code")))))),
                [payer, root.TextOf("subscriberId"), root.Child("type").Words(), Facts.Day(period.Exists ? period.TextOf("start") : null)]);
        }
    }

    public static IEnumerable<CcdEntry> Directives(CcdContext c)
    {
        foreach (var consent in c.Record.Of("Consent"))
        {
            var root = consent.Root;
            if (!root.HasCode("scope", "adr") || root.TextOf("status") is "entered-in-error" or "rejected")
                continue;
            var provision = root.At("provision", "code");
            yield return new(E("observation", A("classCode", "OBS"), A("moodCode", "EVN"), Templates(Template.AdvanceDirective, "2015-08-01"), c.Ids(consent), Concept("code", root.Child("category")),
                Status(root.TextOf("status") == "inactive" ? "aborted" : "completed"),
                root.At("provision", "period") is { Exists: true } period ? Interval(period.TextOf("start"), period.TextOf("end")) : E("effectiveTime", TimeOrUnknown("low", root.TextOf("dateTime"))),
                provision.Exists ? Concept("value", provision, "CD") : E("value", Type("CD"), A("nullFlavor", "UNK"))),
                [root.Child("category").Words(), provision.Words(), Facts.Day(root.TextOf("dateTime"))]);
        }
    }

    /// <summary>Whether it is a note whose text stands in it.</summary>
    public static bool IsNote(RecordResource document) => document.Root.At("content", "attachment", "data").Exists;

    /// <summary>Notes whose text stands in the record itself; what is kept as a file is not part of a CCD.</summary>
    public static IEnumerable<CcdEntry> Notes(CcdContext c)
    {
        foreach (var note in c.Record.Of("DocumentReference"))
        {
            var root = note.Root;
            var attachment = root.At("content", "attachment");
            if (root.TextOf("status") != "current" || !attachment.Exists || attachment.TextOf("data") is not { } data || data.Length > 1024 * 1024 || !c.Covers(root.When("date")))
                continue;
            var when = root.TextOf("date");
            yield return new(E("act", A("classCode", "ACT"), A("moodCode", "EVN"), Templates(Template.Note, "2016-11-01"), c.Ids(note), Concept("code", root.Child("type")),
                E("text", A("mediaType", attachment.TextOf("contentType") ?? "text/plain"), A("representation", "B64"), data),
                Status(root.TextOf("docStatus") == "preliminary" ? "active" : "completed"),
                root.At("context", "period") is { Exists: true } period ? Interval(period.TextOf("start"), period.TextOf("end")) : Time("effectiveTime", when) ?? Null("effectiveTime"),
                E("author", Templates("2.16.840.1.113883.10.20.22.4.119", null), TimeOrUnknown("time", when), E("assignedAuthor", c.Person(root.Child("author"))))),
                [root.Child("type").Words(), Facts.Day(when), c.Record.Named(root.Child("author")), root.TextOf("description")]);
        }
    }
}
