using System.Xml.Linq;
using FhirEmr.FhirServer.Resources;
using static FhirEmr.FhirServer.Documents.Ccda.Export.CdaXml;

namespace FhirEmr.FhirServer.Documents.Ccda.Export;

/// <summary>Procedure, Encounter, ServiceRequest, Goal, DeviceUseStatement and FamilyMemberHistory as CDA statements.</summary>
internal static class ActivityEntries
{
    public static IEnumerable<CcdEntry> Procedures(CcdContext c)
    {
        foreach (var procedure in c.Record.Of("Procedure"))
        {
            var root = procedure.Root;
            if (root.TextOf("status") is "entered-in-error" or "preparation" || !c.Covers(root.When("performed")))
                continue;
            var isNotDone = root.TextOf("status") == "not-done";
            var hasOutcome = root.Child("outcome").Exists;
            var devices = root.Each("focalDevice").Select(d => c.Record.Find(d.Say("manipulated", "reference"))).OfType<RecordResource>();
            yield return new(E(hasOutcome ? "observation" : "procedure", A("classCode", hasOutcome ? "OBS" : "PROC"), A("moodCode", "EVN"), isNotDone ? A("negationInd", "true") : null,
                Templates(hasOutcome ? Template.ProcedureObservation : Template.Procedure, "2014-06-09"), c.Ids(procedure), Concept("code", root.Child("code")),
                Status(root.TextOf("status") switch { "in-progress" => "active", "stopped" => "aborted", "on-hold" => "suspended", "not-done" => "cancelled", _ => "completed" }),
                PointOrPeriod(root.Child("performed")) ?? Null("effectiveTime"), hasOutcome ? Concept("value", root.Child("outcome"), "CD") : null,
                root.Each("bodySite").Select(s => Concept("targetSiteCode", s)), c.Performer(root.At("performer", "actor")), c.Author(procedure, "recorder"), devices.Select(d => Product(c, d)),
                c.Place(root.Child("location")), c.EncounterOf(procedure), CcdContext.Indications(root), CcdContext.Comments(root)),
                [root.Child("code").Words(), Facts.Day(root.When("performed")), root.TextOf("status"), root.Child("bodySite").Words()]);
        }
    }

    public static IEnumerable<CcdEntry> Encounters(CcdContext c)
    {
        var diagnosesOf = c.Record.Of("Condition").Where(d => ProblemEntries.IsDiagnosisOf(c, d) && !d.Root.HasCode("verificationStatus", "entered-in-error"))
            .ToLookup(d => c.Record.Find(d.Root.Say("encounter", "reference"))?.Key);
        foreach (var encounter in c.Record.Of("Encounter"))
        {
            var root = encounter.Root;
            if (root.TextOf("status") is "entered-in-error" or "cancelled" || !c.Covers(root.When("period")))
                continue;
            var type = root.Child("type");
            var code = type.Exists ? Concept("code", type) : Null("code");
            var own = Coding("translation", root.Child("class"));
            if (own.Attr("code") is { } stated && code.Elements(Cda.Hl7 + "translation").All(t => t.Attr("code") != stated))
                code.Add(own);
            var diagnoses = diagnosesOf[encounter.Key];
            yield return new(E("encounter", A("classCode", "ENC"), A("moodCode", "EVN"), Templates(Template.Encounter, "2015-08-01"), c.Ids(encounter), code,
                Status(root.TextOf("status") is "in-progress" or "arrived" or "triaged" or "onleave" ? "active" : root.TextOf("status") == "planned" ? "new" : "completed"),
                PointOrPeriod(root.Child("period")) ?? Null("effectiveTime"),
                root.At("hospitalization", "dischargeDisposition") is { Exists: true } disposition ? Renamed(Concept("dischargeDispositionCode", disposition)) : null,
                root.Each("participant").Select(p => c.Performer(p.Child("individual"))), c.Place(root.At("location", "location")), CcdContext.Indications(root),
                diagnoses.Select(d => CcdContext.Related("COMP", false, E("act", A("classCode", "ACT"), A("moodCode", "EVN"), Templates(Template.EncounterDiagnosis, "2015-08-01"), Loinc("29308-4", "Diagnosis"), Status("active"),
                    CcdContext.Related("SUBJ", false, ProblemEntries.Observation(c, d)))))),
                [type.Words() ?? root.Say("class", "display"), Facts.Day(root.When("period")), Facts.Day(root.Say("period", "end")), c.Record.Named(root.At("participant", "individual")), string.Join("; ", diagnoses.Select(d => d.Root.Child("code").Words()).OfType<string>())]);
        }
    }

    public static IEnumerable<CcdEntry> Plan(CcdContext c)
    {
        foreach (var request in c.Record.Of("ServiceRequest"))
        {
            var root = request.Root;
            if (root.TextOf("status") is "entered-in-error" or "draft" or "unknown")
                continue;
            yield return new(E("act", A("classCode", "ACT"), A("moodCode", root.TextOf("intent") switch { "proposal" => "PRP", "plan" or "directive" => "INT", _ => "RQO" }), root.TextOf("doNotPerform") == "true" ? A("negationInd", "true") : null,
                Templates(Template.PlannedAct, "2014-06-09"), c.Ids(request), Concept("code", root.Child("code")),
                Status(root.TextOf("status") switch { "completed" => "completed", "revoked" => "cancelled", "on-hold" => "suspended", _ => "active" }),
                PointOrPeriod(root.Child("occurrence")), c.Performer(root.Child("performer")), c.Author(request, "requester", "authoredOn"), c.EncounterOf(request), CcdContext.Indications(root), CcdContext.Comments(root)),
                [root.Child("code").Words(), root.TextOf("status"), Facts.Day(root.When("occurrence", "authoredOn"))]);
        }
    }

    public static IEnumerable<CcdEntry> Goals(CcdContext c)
    {
        foreach (var goal in c.Record.Of("Goal"))
        {
            var root = goal.Root;
            if (root.TextOf("lifecycleStatus") is "entered-in-error" or "rejected")
                continue;
            var (target, detail) = (root.Child("target"), root.At("target", "detail"));
            var due = target.Exists ? target.When("due") : "";
            var value = detail.Exists ? Value(detail) : Concept("value", root.Child("description"), "CD");
            yield return new(E("observation", A("classCode", "OBS"), A("moodCode", "GOL"), Templates(Template.Goal, null), c.Ids(goal), target.Exists && target.Child("measure").Exists ? Concept("code", target.Child("measure")) : Concept("code", root.Child("description")),
                detail.Exists && root.Child("description").Words() is { } words ? E("text", words) : null,
                Status(root.TextOf("lifecycleStatus") switch { "completed" => "completed", "cancelled" => "cancelled", "on-hold" => "suspended", _ => "active" }),
                due.Length > 0 ? E("effectiveTime", TimeOrUnknown("low", root.When("start")), Time("high", due)) : Time("effectiveTime", root.When("start")) ?? Null("effectiveTime"), value,
                c.Author(goal, "expressedBy"), CcdContext.Comments(root)),
                [root.Child("description").Words(), detail.Exists ? detail.ValueWords() : null, root.TextOf("lifecycleStatus"), Facts.Day(due)]);
        }
    }

    public static IEnumerable<CcdEntry> Equipment(CcdContext c)
    {
        foreach (var use in c.Record.Of("DeviceUseStatement"))
            if (use.Root.TextOf("status") != "entered-in-error" && c.Record.Find(use.Root.Say("device", "reference")) is { Key.Type: "Device" } device)
                yield return new(E("supply", A("classCode", "SPLY"), A("moodCode", "EVN"), Templates(Template.Supply, "2014-06-09"), c.Ids(use),
                    Status(use.Root.TextOf("status") switch { "active" => "active", "stopped" => "aborted", _ => "completed" }), PointOrPeriod(use.Root.Child("timing")), Product(c, device)),
                    [device.Root.Child("type").Words(), use.Root.TextOf("status"), Facts.Day(use.Root.When("timing", "recordedOn"))]);
    }

    public static IEnumerable<CcdEntry> Family(CcdContext c)
    {
        foreach (var history in c.Record.Of("FamilyMemberHistory"))
        {
            var root = history.Root;
            if (root.TextOf("status") == "entered-in-error")
                continue;
            var (sex, died) = (root.Code("sex"), root.Child("deceased"));
            var subject = E("subject", root.TextOf("name") is { } name ? E("name", name) : null,
                sex is "male" or "female" ? Code("administrativeGenderCode", sex == "male" ? "M" : "F", "2.16.840.1.113883.5.1") : null, Time("birthTime", root.TextOf("born")),
                died.Exists && died.Kind is NodeKind.True or NodeKind.False ? new XElement(Cda.Sdtc + "deceasedInd", A("value", died.Text)) : null,
                died.Exists && died.Kind == NodeKind.Text && CdaTime.ToCda(died.Text) is { } day ? new XElement(Cda.Sdtc + "deceasedTime", A("value", day)) : null);
            var conditions = root.Each("condition").ToArray();
            yield return new(E("organizer", A("classCode", "CLUSTER"), A("moodCode", "EVN"), Templates(Template.FamilyOrganizer, "2015-08-01"), c.Ids(history), Status("completed"),
                E("subject", E("relatedSubject", A("classCode", "PRS"), Concept("code", root.Child("relationship")), subject)),
                conditions.Select(x => E("component", E("observation", A("classCode", "OBS"), A("moodCode", "EVN"), Templates(Template.FamilyObservation, "2015-08-01"), Null("id"),
                    Code("code", "64572001", OidSystems.Snomed, "Condition"), Status("completed"), Null("effectiveTime"), Concept("value", x.Child("code"), "CD"),
                    x.Child("onset") is { Exists: true } onset && onset.Type.Name == "Age" ? CcdContext.Related("SUBJ", true, E("observation", A("classCode", "OBS"), A("moodCode", "EVN"), Templates(Template.AgeObservation, null),
                        Code("code", "445518008", OidSystems.Snomed, "Age at onset"), Status("completed"), Quantity("value", onset, "PQ"))) : null,
                    x.TextOf("contributedToDeath") == "true" ? CcdContext.Related("CAUS", false, E("observation", A("classCode", "OBS"), A("moodCode", "EVN"), Templates(Template.FamilyDeath, null),
                        Code("code", "ASSERTION", OidSystems.ActCode), Status("completed"), Value("419099009", OidSystems.Snomed, "Dead"))) : null)))),
                [root.Child("relationship").Words(), string.Join("; ", conditions.Select(x => x.Child("code").Words()).OfType<string>())]);
        }
    }

    private static XElement Product(CcdContext c, RecordResource device)
    {
        var root = device.Root;
        return E("participant", A("typeCode", "PRD"), E("participantRole", A("classCode", "MANU"), Templates(Template.ProductInstance, null), c.Ids(device),
            E("playingDevice", Concept("code", root.Child("type")), root.TextOf("modelNumber") is { } model ? E("manufacturerModelName", model) : null),
            E("scopingEntity", Null("id"), root.TextOf("manufacturer") is { } maker ? E("desc", maker) : null)));
    }

    private static XElement Renamed(XElement code)
    {
        code.Name = Cda.Sdtc + code.Name.LocalName;
        return code;
    }
}
