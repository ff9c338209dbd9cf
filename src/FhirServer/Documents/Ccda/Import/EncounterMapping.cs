using System.Xml.Linq;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Documents.Ccda.Import;

/// <summary>Encounter Activities → Encounter, its diagnoses → Condition.</summary>
internal static class EncounterMapping
{
    private const string Classes = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

    public static void Activity(Conversion c, XElement activity)
    {
        var values = c.Values;
        var type = values.Concept(activity.One("code"));
        var encounter = new Encounter
        {
            Identifier = CdaValues.Identifiers(activity),
            Subject = c.Patient,
            Class = Class(type),
            Type = type is null ? [] : [type],
            Period = values.Period(activity.One("effectiveTime")),
            Status = activity.One("statusCode").Attr("code") switch
            {
                "active" => Encounter.EncounterStatus.InProgress,
                "cancelled" or "aborted" => Encounter.EncounterStatus.Cancelled,
                "nullified" => Encounter.EncounterStatus.EnteredInError,
                "new" => Encounter.EncounterStatus.Planned,
                _ => Encounter.EncounterStatus.Finished,
            },
            ReasonCode = [.. activity.Related().Where(r => r.Statement.Is(Template.Indication)).Select(r => values.Concept(r.Statement.One("value"))).OfType<CodeableConcept>()],
        };
        if (encounter.Type.Count == 0 && encounter.Period is null && encounter.Identifier.Count == 0)
        {
            c.Skip("The encounter says nothing.");
            return;
        }

        foreach (var performer in activity.Many("performer"))
            if (c.Who(performer.One("assignedEntity")) is { } who)
                encounter.Participant.Add(new() { Individual = who });
        if (Conversion.LocationOf(activity) is { } place)
            encounter.Location.Add(new() { Location = place });
        if (values.Concept(activity.Element(Cda.Sdtc + "dischargeDispositionCode")) is { } disposition)
            encounter.Hospitalization = new() { DischargeDisposition = disposition };
        if (c.Add(encounter, activity) is not { } key)
            return;

        foreach (var (_, act) in activity.Related().Where(r => r.Statement.Is(Template.EncounterDiagnosis)))
            foreach (var (_, problem) in act.Related().Where(r => r.Statement.Name.LocalName == "observation"))
                if (ProblemMapping.Observation(c, problem, act, ProblemMapping.EncounterDiagnosis, new(key.ToString())) is { } condition)
                    encounter.Diagnosis.Add(new() { Condition = new(condition.ToString()) });
    }

    private static Coding Unknown() => new("http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "UNK", "unknown");

    /// <summary>The class as translated into HL7's codes; else by the CPT code of a visit, codes that older documents have (99201, 99241, 99251, 99217 to 99220) among them; else unknown.</summary>
    private static Coding Class(CodeableConcept? type)
    {
        if (type?.Coding.Find(t => t.System == Classes) is { } stated)
            return (Coding)stated.DeepCopy();
        return type?.Coding.Find(t => t.System == "http://www.ama-assn.org/go/cpt" && t.Code?.Length == 5)?.Code is { } cpt && int.TryParse(cpt, System.Globalization.NumberStyles.None, null, out var number) ? number switch
        {
            >= 99201 and <= 99215 or >= 99241 and <= 99245 => new(Classes, "AMB", "ambulatory"),
            >= 99217 and <= 99220 => new(Classes, "OBSENC", "observation encounter"),
            >= 99221 and <= 99239 or >= 99251 and <= 99255 => new(Classes, "IMP", "inpatient encounter"),
            >= 99281 and <= 99288 => new(Classes, "EMER", "emergency"),
            _ => Unknown(),
        } : Unknown();
    }
}
