using System.Xml.Linq;
using FhirEmr.FhirServer.Resources;
using static FhirEmr.FhirServer.Documents.Ccda.Export.CdaXml;

namespace FhirEmr.FhirServer.Documents.Ccda.Export;

/// <summary>Observation and DiagnosticReport → results, vital signs, social history, functional and mental status.</summary>
internal static class ObservationEntries
{
    private const string Smoking = "72166-2", BirthSex = "76689-9", Pregnancy = "82810-3";

    public static IEnumerable<CcdEntry> Results(CcdContext c)
    {
        var told = new HashSet<ResourceKey>();
        foreach (var report in c.Record.Of("DiagnosticReport"))
        {
            if (!IsShown(c, report))
                continue;
            var results = report.Root.Each("result").Select(r => c.Record.Find(r.TextOf("reference"))).OfType<RecordResource>().Where(r => r.Key.Type == "Observation" && IsResult(r) && told.Add(r.Key)).ToArray();
            if (results.Length == 0)
                continue;
            yield return new(Organizer(c, report, Concept("code", report.Root.Child("code")), results), Row(report.Root.Child("code").Words(), results[0]));
            foreach (var more in results.Skip(1))
                yield return new(null!, Row("", more));
        }

        foreach (var observation in c.Record.Of("Observation"))
            if (IsShown(c, observation) && observation.Root.HasCode("category", "laboratory", "LAB") && told.Add(observation.Key))
                yield return new(Organizer(c, observation, Null("code", "NA"), [observation], isAround: true), Row(null, observation));
    }

    public static IEnumerable<CcdEntry> Vitals(CcdContext c)
    {
        foreach (var observation in c.Record.Of("Observation"))
        {
            if (!IsShown(c, observation) || !observation.Root.HasCode("category", "vital-signs"))
                continue;
            // One set for each: signs that were taken apart stay apart when they are read back.
            var parts = observation.Root.Child("value").Exists || !observation.Root.Child("component").Exists
                ? [Observation(c, observation, Template.VitalSign, "2014-06-09")] : Components(c, observation).ToArray();
            yield return new(E("organizer", A("classCode", "CLUSTER"), A("moodCode", "EVN"), Templates(Template.VitalSignsOrganizer, "2015-08-01"), c.Around(observation),
                E("code", A("code", "46680005"), A("codeSystem", OidSystems.Snomed), A("displayName", "Vital signs"), E("translation", A("code", "74728-7"), A("codeSystem", OidSystems.Loinc), A("displayName", "Vital signs"))),
                Status("completed"), PointOrPeriod(observation.Root.Child("effective")) ?? Null("effectiveTime"), parts.Select(p => E("component", p))), Row(null, observation));
        }
    }

    public static IEnumerable<CcdEntry> Social(CcdContext c)
    {
        foreach (var observation in c.Record.Of("Observation"))
            if (IsShown(c, observation) && observation.Root.HasCode("category", "social-history"))
                yield return new(observation.Root switch
                {
                    var o when o.HasCode("code", Smoking) => Observation(c, observation, Template.SmokingStatus, "2014-06-09"),
                    var o when o.HasCode("code", BirthSex) => Observation(c, observation, Template.BirthSex, "2016-06-01"),
                    var o when o.HasCode("code", Pregnancy) => Observation(c, observation, Template.Pregnancy, null),
                    _ => Observation(c, observation, Template.SocialHistory, "2015-08-01"),
                }, Row(null, observation));
    }

    public static IEnumerable<CcdEntry> Functional(CcdContext c) => Of(c, "functional-status", Template.FunctionalStatus);

    public static IEnumerable<CcdEntry> Mental(CcdContext c) => Of(c, "cognitive-status", Template.MentalStatus);

    private static IEnumerable<CcdEntry> Of(CcdContext c, string category, string template)
    {
        foreach (var observation in c.Record.Of("Observation"))
            if (IsShown(c, observation) && observation.Root.HasCode("category", category))
                yield return new(Observation(c, observation, template, "2014-06-09"), Row(null, observation));
    }

    private static bool IsShown(CcdContext c, RecordResource o) => IsResult(o) && c.Covers(o.Root.When("effective", "issued"));

    private static bool IsResult(RecordResource o) => o.Root.TextOf("status") is not ("entered-in-error" or "registered" or "cancelled" or "unknown");

    private static string?[] Row(string? panel, RecordResource o)
    {
        var range = o.Root.Child("referenceRange");
        return [panel, o.Root.Child("code").Words(), Ips.IpsSections.Value(o), range.Exists ? range.TextOf("text") ?? $"{range.At("low").ValueWords()} - {range.At("high").ValueWords()}" : null,
            o.Root.Child("interpretation").Words(), Facts.Day(o.Root.When("effective", "issued"))];
    }

    private static XElement Organizer(CcdContext c, RecordResource resource, XElement code, IReadOnlyList<RecordResource> results, bool isAround = false) =>
        E("organizer", A("classCode", "BATTERY"), A("moodCode", "EVN"), Templates(Template.ResultOrganizer, "2015-08-01"), isAround ? c.Around(resource) : c.Ids(resource), code,
            Status(StatusOf(resource)), PointOrPeriod(resource.Root.Child("effective")) is { } time && !isAround ? time : null,
            isAround ? null : c.Author(resource, "performer", "issued"), // an organizer has no entryRelationship: the visit is told by its observations
            results.SelectMany(r => r.Root.Child("value").Exists || !r.Root.Child("component").Exists ? [Observation(c, r, Template.Result, "2015-08-01")] : Components(c, r)).Select(o => E("component", o)));


    private static string StatusOf(RecordResource resource) => resource.Root.TextOf("status") is "preliminary" or "partial" ? "active" : "completed";

    private static XElement Observation(CcdContext c, RecordResource observation, string template, string? version) =>
        Build(c, observation, template, version, observation.Root, c.Ids(observation), observation.Root.Child("code"));

    /// <summary>A panel's parts, each an observation of its own; the ids of the panel go to them in their order.</summary>
    private static IEnumerable<XElement> Components(CcdContext c, RecordResource panel)
    {
        var ids = c.Given(panel).ToArray();
        var isVital = panel.Root.HasCode("category", "vital-signs");
        foreach (var (i, component) in panel.Root.Each("component").Index())
            yield return Build(c, panel, isVital ? Template.VitalSign : Template.Result, isVital ? "2014-06-09" : "2015-08-01", component,
                [.. ids.Skip(i).Take(1), c.Own($"{panel.Key.Type}-{panel.Key.Id}-{i + 1}")], component.Child("code"));
    }

    private static XElement Build(CcdContext c, RecordResource observation, string template, string? version, FhirNode part, IEnumerable<XElement> ids, FhirNode code)
    {
        var root = observation.Root;
        var value = Value(part.Child("value")) ?? E("value", Type("CD"), A("nullFlavor", part.Code("dataAbsentReason") switch
        {
            "asked-unknown" => "ASKU",
            "not-asked" => "NASK",
            "temp-unknown" => "NAV",
            "not-applicable" => "NA",
            "masked" => "MSK",
            _ => "UNK",
        }));
        return E("observation", A("classCode", "OBS"), A("moodCode", "EVN"), Templates(template, version), ids, Concept("code", code), Status(StatusOf(observation)),
            PointOrPeriod(root.Child("effective")) ?? Null("effectiveTime"), value,
            part.Each("interpretation").Select(i => Concept("interpretationCode", i)), root.Child("method") is { Exists: true } method ? Concept("methodCode", method) : null,
            root.Child("bodySite") is { Exists: true } site ? Concept("targetSiteCode", site) : null, c.Author(observation, "performer", "issued", "effective"),
            c.EncounterOf(observation), CcdContext.Comments(root), part.Each("referenceRange").Select(Range));
    }

    private static XElement Range(FhirNode range) => E("referenceRange", E("observationRange", range.TextOf("text") is { } text ? E("text", text) : null,
        range.Child("low").Exists || range.Child("high").Exists ? E("value", Type("IVL_PQ"), Quantity("low", range.Child("low")), Quantity("high", range.Child("high"))) : null));
}
