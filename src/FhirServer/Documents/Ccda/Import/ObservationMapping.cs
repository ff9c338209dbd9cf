using System.Xml.Linq;
using FhirEmr.FhirServer.Resources;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Documents.Ccda.Import;

/// <summary>Results, vital signs, social history, functional and mental status → Observation; a result organizer → DiagnosticReport.</summary>
internal static class ObservationMapping
{
    public const string Laboratory = "laboratory";
    public const string VitalSigns = "vital-signs";
    public const string SocialHistory = "social-history";
    public const string FunctionalStatus = "functional-status";
    public const string CognitiveStatus = "cognitive-status";
    public const string Survey = "survey";

    private const string Loinc = "http://loinc.org";
    private const string BloodPressure = "85354-9", Systolic = "8480-6", Diastolic = "8462-4";

    public static void Results(Conversion c, XElement organizer)
    {
        var (values, results) = (c.Values, new List<ResourceReference>());
        foreach (var component in organizer.Many("component").Select(p => p.One("observation")).OfType<XElement>())
            if (Observation(c, component, Laboratory, organizer) is { } key)
                results.Add(new(key.ToString()));
        if (values.Concept(organizer.One("code")) is not { } code)
        {
            if (results.Count == 0 && organizer.Many("component").All(p => p.One("observation") is null))
                c.Skip("The set of results is empty and says not of what it is.");
            return; // its observations stand for themselves
        }

        var times = organizer.One("effectiveTime");
        c.Add(new DiagnosticReport
        {
            Identifier = CdaValues.Identifiers(organizer),
            Subject = c.Patient,
            Status = organizer.One("statusCode").Attr("code") switch
            {
                "active" or "held" or "new" => DiagnosticReport.DiagnosticReportStatus.Partial,
                "aborted" or "cancelled" => DiagnosticReport.DiagnosticReportStatus.Cancelled,
                "nullified" => DiagnosticReport.DiagnosticReportStatus.EnteredInError,
                _ => DiagnosticReport.DiagnosticReportStatus.Final,
            },
            Category = [new("http://terminology.hl7.org/CodeSystem/v2-0074", "LAB", "Laboratory")],
            Code = code,
            Effective = values.PointOrPeriod(times) ?? organizer.Many("component").Select(p => values.Start(p.One("observation").One("effectiveTime"))).OfType<FhirDateTime>().FirstOrDefault(),
            Performer = c.Author(organizer) is { } author ? [author] : [],
            Encounter = c.EncounterOf(organizer),
            Result = results,
        }, organizer);
    }

    /// <summary>A set of vital signs; systolic and diastolic pressure of one set are one Observation, as FHIR's profile has them.</summary>
    public static void Vitals(Conversion c, XElement organizer)
    {
        var signs = organizer.Many("component").Select(p => p.One("observation")).OfType<XElement>().ToList();
        if (signs.Count == 0)
            c.Skip("The set of vital signs is empty.");
        // A pressure that cannot be read, or is this server's own, takes its partner not along.
        var (systolic, diastolic) = (signs.Find(s => s.One("code").Attr("code") == Systolic), signs.Find(s => s.One("code").Attr("code") == Diastolic));
        var isPair = systolic is not null && diastolic is not null && IsReadable(c, systolic) && IsReadable(c, diastolic);
        foreach (var sign in signs)
        {
            if (!isPair || (sign != systolic && sign != diastolic))
                Observation(c, sign, VitalSigns, organizer);
            else if (sign == systolic)
                Pressure(c, systolic, diastolic!, organizer);
        }
    }

    public static ResourceKey? Observation(Conversion c, XElement observation, string category, XElement? organizer = null)
    {
        if (Build(c, observation, category, organizer) is not { } built)
            return null;
        return c.Add(built, observation);
    }

    private static void Pressure(Conversion c, XElement systolic, XElement diastolic, XElement organizer)
    {
        if (Build(c, systolic, VitalSigns, organizer) is not { } upper || Build(c, diastolic, VitalSigns, organizer) is not { } lower)
            return;
        var panel = (Observation)upper.DeepCopy();
        panel.Code = new(Loinc, BloodPressure, "Blood pressure panel with all children optional");
        panel.Identifier.AddRange(lower.Identifier);
        (panel.Value, panel.DataAbsentReason, panel.Interpretation, panel.ReferenceRange) = (null, null, [], []);
        foreach (var part in (Observation[])[upper, lower])
            panel.Component.Add(new() { Code = part.Code, Value = part.Value, DataAbsentReason = part.DataAbsentReason, Interpretation = part.Interpretation, ReferenceRange = part.ReferenceRange });
        if (c.Add(panel, systolic) is { } key)
            c.Join(key);
        else
            c.Skip("It stands in the document twice.");
    }

    private static bool IsReadable(Conversion c, XElement sign) => c.OwnOf(sign) is null && !sign.IsNegated() && sign.Many("value").Count() < 2 && c.Values.Value(sign.One("value")).Fault is null;

    private static Observation? Build(Conversion c, XElement observation, string category, XElement? organizer)
    {
        var values = c.Values;
        if (values.Concept(observation.One("code")) is not { } code)
        {
            c.Skip("The observation says not of what it is.");
            return null;
        }

        var several = observation.Many("value").ToArray();
        if (several.Length > 1)
        {
            c.Reject($"The observation has {several.Length} values; one is read.");
            return null;
        }

        var (value, fault) = values.Value(several.FirstOrDefault());
        if (fault is not null)
        {
            c.Reject($"The value cannot be read: {fault}.");
            return null;
        }

        if (value is null && observation.One("value") is null && observation.RelatedAs(Template.Comment) is null && category is not Laboratory && c.Document.TextOf(observation.One("text")) is { } words)
            value = new FhirString(words);
        if (observation.IsNegated() && (code.Coding is not [{ Code: "ASSERTION" }] || value is not CodeableConcept))
        {
            c.Reject("The observation is negated: that what it says is not so has no place in a resource.");
            return null;
        }

        // "ASSERTION" says that the value holds: what is observed is the value itself.
        if (code.Coding is [{ Code: "ASSERTION" }] && value is CodeableConcept asserted)
            (code, value) = (asserted, observation.IsNegated() ? new FhirBoolean(false) : new FhirBoolean(true));
        var mapped = new Observation
        {
            Identifier = CdaValues.Identifiers(observation),
            Subject = c.Patient,
            Category = [Category(category)],
            Code = code,
            Status = (observation.One("statusCode") ?? organizer.One("statusCode")).Attr("code") switch
            {
                "active" or "held" or "new" => ObservationStatus.Preliminary,
                "aborted" or "cancelled" => ObservationStatus.Cancelled,
                "nullified" => ObservationStatus.EnteredInError,
                _ => ObservationStatus.Final,
            },
            Effective = values.PointOrPeriod(observation.One("effectiveTime")) ?? values.PointOrPeriod(organizer.One("effectiveTime")),
            Value = value,
            DataAbsentReason = value is null ? Absent(observation.One("value").NullFlavor()) : null,
            Interpretation = [.. observation.Many("interpretationCode").Select(values.Concept).OfType<CodeableConcept>()],
            Method = values.Concept(observation.One("methodCode")),
            BodySite = values.Concept(observation.One("targetSiteCode")),
            ReferenceRange = [.. observation.Many("referenceRange").Select(r => Range(c, r.One("observationRange"))).OfType<Observation.ReferenceRangeComponent>()],
            Performer = (c.Author(observation) ?? c.Performer(observation) ?? (organizer is null ? null : c.Author(organizer))) is { } author ? [author] : [],
            Encounter = c.EncounterOf(observation),
            Note = c.Notes(observation),
        };
        return mapped;
    }

    private static Observation.ReferenceRangeComponent? Range(Conversion c, XElement? range)
    {
        var value = range.One("value");
        var mapped = new Observation.ReferenceRangeComponent
        {
            Low = CdaValues.Quantity(value.One("low")),
            High = CdaValues.Quantity(value.One("high")),
            Text = c.Document.TextOf(range.One("text")) ?? (value.DataType() is "ST" or "ED" ? c.Document.TextOf(value) : null),
        };
        return mapped.Low is null && mapped.High is null && mapped.Text is null ? null : mapped;
    }

    private static CodeableConcept Absent(string? nullFlavor) => new("http://terminology.hl7.org/CodeSystem/data-absent-reason", nullFlavor switch
    {
        "ASKU" => "asked-unknown",
        "NASK" => "not-asked",
        "NAV" => "temp-unknown",
        "NA" => "not-applicable",
        "MSK" => "masked",
        _ => "unknown",
    });

    private static CodeableConcept Category(string code) => code is FunctionalStatus or CognitiveStatus
        ? new("http://hl7.org/fhir/us/core/CodeSystem/us-core-category", code)
        : new("http://terminology.hl7.org/CodeSystem/observation-category", code);
}
