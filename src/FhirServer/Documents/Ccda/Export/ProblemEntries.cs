using System.Xml.Linq;
using FhirEmr.FhirServer.Resources;
using static FhirEmr.FhirServer.Documents.Ccda.Export.CdaXml;

namespace FhirEmr.FhirServer.Documents.Ccda.Export;

/// <summary>AllergyIntolerance → Allergy Concern Act; Condition → Problem Concern Act, health concern, or a visit's diagnosis.</summary>
internal static class ProblemEntries
{
    private static readonly string[] NoAllergy = ["716186003", "409137002", "429625007", "428607008"];
    private static readonly string[] NoProblem = ["160245001"];

    public static IEnumerable<CcdEntry> Allergies(CcdContext c)
    {
        foreach (var allergy in c.Record.Of("AllergyIntolerance"))
        {
            var root = allergy.Root;
            if (root.HasCode("verificationStatus", "entered-in-error"))
                continue;
            var code = root.Child("code");
            var none = code.Each("coding").Select(x => x.TextOf("code")).FirstOrDefault(x => NoAllergy.Contains(x));
            var (kind, words) = none switch
            {
                "409137002" => ("416098002", "Allergy to drug"),
                "429625007" => ("414285001", "Allergy to food"),
                "428607008" => ("426232007", "Environmental allergy"),
                not null => ("419199007", "Allergy to substance"),
                null => Kind(root),
            };
            var clinical = root.Code("clinicalStatus") ?? "active";
            var observation = E("observation", A("classCode", "OBS"), A("moodCode", "EVN"),
                none is not null || root.HasCode("verificationStatus", "refuted") ? A("negationInd", "true") : null,
                Templates(Template.Allergy, "2014-06-09"), c.Ids(allergy), Code("code", "ASSERTION", OidSystems.ActCode), Status("completed"),
                E("effectiveTime", TimeOrUnknown("low", root.When("onset"))), Value(kind, OidSystems.Snomed, words),
                c.Author(allergy, "recorder", "recordedDate"),
                E("participant", A("typeCode", "CSM"), E("participantRole", A("classCode", "MANU"),
                    E("playingEntity", A("classCode", "MMAT"), none is not null ? Null("code", "NA") : Concept("code", code)))),
                ConcernStatus(Template.AllergyStatus, clinical),
                root.TextOf("criticality") is { } criticality ? CcdContext.Related("SUBJ", true, E("observation", A("classCode", "OBS"), A("moodCode", "EVN"), Templates(Template.Criticality, null),
                    Code("code", "82606-5", OidSystems.Loinc, "Criticality"), Status("completed"),
                    Value(criticality switch { "high" => "CRITH", "low" => "CRITL", _ => "CRITU" }, "2.16.840.1.113883.5.1063", criticality))) : null,
                root.Each("reaction").SelectMany(Reactions), c.EncounterOf(allergy), CcdContext.Comments(root));
            yield return new(Concern(c, allergy, Template.AllergyConcern, clinical, root.TextOf("recordedDate"), observation),
                [code.Words(), string.Join("; ", root.Each("reaction").SelectMany(r => r.Each("manifestation")).Select(m => m.Words()).OfType<string>()), root.Say("reaction", "severity"), clinical, Facts.Day(root.When("onset"))]);
        }
    }

    public static IEnumerable<CcdEntry> Problems(CcdContext c)
    {
        foreach (var condition in c.Record.Of("Condition"))
            if (!condition.Root.HasCode("verificationStatus", "entered-in-error") && !IsConcern(condition) && !IsDiagnosisOf(c, condition))
                yield return new(Concern(c, condition, Template.ProblemConcern, Clinical(condition), condition.Root.TextOf("recordedDate"), Observation(c, condition)), Row(condition));
    }

    public static IEnumerable<CcdEntry> Concerns(CcdContext c)
    {
        foreach (var condition in c.Record.Of("Condition"))
            if (!condition.Root.HasCode("verificationStatus", "entered-in-error") && IsConcern(condition))
                yield return new(E("act", A("classCode", "ACT"), A("moodCode", "EVN"), Templates(Template.HealthConcern, "2015-08-01"), c.Around(condition),
                    Loinc("75310-3", "Health concerns document"), Status(Clinical(condition) == "active" ? "active" : "completed"), Interval(condition.Root.When("onset"), null),
                    CcdContext.Related("REFR", false, Observation(c, condition))), Row(condition));
    }

    /// <summary>A Problem Observation.</summary>
    public static XElement Observation(CcdContext c, RecordResource condition)
    {
        var root = condition.Root;
        var isNone = root.HasCode("code", NoProblem);
        var end = root.When("abatement");
        return E("observation", A("classCode", "OBS"), A("moodCode", "EVN"), isNone || root.HasCode("verificationStatus", "refuted") ? A("negationInd", "true") : null,
            Templates(Template.Problem, "2015-08-01"), c.Ids(condition), E("code", A("code", "55607006"), A("codeSystem", OidSystems.Snomed), A("displayName", "Problem"),
                E("translation", A("code", "75326-9"), A("codeSystem", OidSystems.Loinc), A("displayName", "Problem"))),
            Status("completed"), E("effectiveTime", TimeOrUnknown("low", root.When("onset")), end.Length == 0 ? null : TimeOrUnknown("high", end)),
            isNone ? Value("55607006", OidSystems.Snomed, "Problem") : Concept("value", root.Child("code"), "CD"),
            c.Author(condition, "recorder", "recordedDate"), ConcernStatus(Template.ProblemStatus, Clinical(condition)),
            root.Child("severity") is { Exists: true } severity ? CcdContext.Related("SUBJ", true, E("observation", A("classCode", "OBS"), A("moodCode", "EVN"), Templates(Template.Severity, "2014-06-09"),
                Code("code", "SEV", OidSystems.ActCode, "Severity"), Status("completed"), Concept("value", severity, "CD"))) : null,
            c.EncounterOf(condition), CcdContext.Comments(root));
    }

    public static string?[] Row(RecordResource condition) =>
        [condition.Root.Child("code").Words(), Clinical(condition), Facts.Day(condition.Root.When("onset")), Facts.Day(condition.Root.When("abatement"))];

    /// <summary>A diagnosis of a visit that the document tells with that visit.</summary>
    public static bool IsDiagnosisOf(CcdContext c, RecordResource condition) => condition.Root.HasCode("category", "encounter-diagnosis") && !condition.Root.HasCode("category", "problem-list-item")
        && c.Record.Find(condition.Root.Say("encounter", "reference")) is { Key.Type: "Encounter" };

    private static string Clinical(RecordResource condition) => condition.Root.Code("clinicalStatus") ?? "active";

    private static bool IsConcern(RecordResource condition) => condition.Root.HasCode("category", "health-concern");

    private static XElement Concern(CcdContext c, RecordResource resource, string template, string clinical, string? recorded, XElement observation) =>
        E("act", A("classCode", "ACT"), A("moodCode", "EVN"), Templates(template, "2015-08-01"), c.Around(resource), Code("code", "CONC", "2.16.840.1.113883.5.6", "Concern"),
            Status(clinical is "active" or "recurrence" or "relapse" ? "active" : "completed"),
            E("effectiveTime", TimeOrUnknown("low", recorded ?? resource.Root.When("onset")), clinical is "active" or "recurrence" or "relapse" ? null : Null("high")),
            CcdContext.Related("SUBJ", false, observation));

    private static XElement? ConcernStatus(string template, string clinical)
    {
        (string Code, string Display)? status = clinical switch
        {
            "active" => ("55561003", "Active"),
            "inactive" => ("73425007", "Inactive"),
            "resolved" => ("413322009", "Resolved"),
            "recurrence" => ("246455001", "Recurrence"),
            "relapse" => ("263855007", "Relapse"),
            "remission" => ("277022003", "Remission"),
            _ => null,
        };
        return status is { } s ? CcdContext.Related("REFR", false, E("observation", A("classCode", "OBS"), A("moodCode", "EVN"), Templates(template, "2019-06-20"),
            Code("code", "33999-4", OidSystems.Loinc, "Status"), Status("completed"), Value(s.Code, OidSystems.Snomed, s.Display))) : null;
    }

    private static (string, string) Kind(FhirNode allergy) => (allergy.TextOf("type"), allergy.Each("category").Select(x => x.Text).FirstOrDefault()) switch
    {
        ("intolerance", "medication") => ("59037007", "Drug intolerance"),
        ("intolerance", "food") => ("235719002", "Food intolerance"),
        (_, "medication") => ("416098002", "Allergy to drug"),
        (_, "food") => ("414285001", "Allergy to food"),
        (_, "environment") => ("426232007", "Environmental allergy"),
        (null, _) => ("420134006", "Propensity to adverse reaction"),
        _ => ("419199007", "Allergy to substance"),
    };

    private static IEnumerable<XElement> Reactions(FhirNode reaction)
    {
        foreach (var manifestation in reaction.Each("manifestation"))
            yield return CcdContext.Related("MFST", true, E("observation", A("classCode", "OBS"), A("moodCode", "EVN"), Templates(Template.Reaction, "2014-06-09"), Null("id"),
                Code("code", "ASSERTION", OidSystems.ActCode), Status("completed"), Time("effectiveTime", reaction.TextOf("onset")), Concept("value", manifestation, "CD"),
                reaction.TextOf("severity") is { } severity ? CcdContext.Related("SUBJ", true, E("observation", A("classCode", "OBS"), A("moodCode", "EVN"), Templates(Template.Severity, "2014-06-09"),
                    Code("code", "SEV", OidSystems.ActCode, "Severity"), Status("completed"),
                    Value(severity switch { "mild" => "255604002", "moderate" => "6736007", _ => "24484000" }, OidSystems.Snomed, severity))) : null));
    }
}
