using System.Xml.Linq;
using FhirEmr.FhirServer.Resources;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Documents.Ccda.Import;

/// <summary>Problem Concern Act, Problem Observation and health concerns → Condition.</summary>
internal static class ProblemMapping
{
    public const string ProblemList = "problem-list-item";
    public const string EncounterDiagnosis = "encounter-diagnosis";
    public const string HealthConcern = "health-concern";

    private const string Clinical = "http://terminology.hl7.org/CodeSystem/condition-clinical";
    private const string Verification = "http://terminology.hl7.org/CodeSystem/condition-ver-status";

    /// <summary>What says that there is a problem, and not which.</summary>
    private static readonly string[] Generic = ["55607006", "64572001", "404684003", "160245001"];

    public static void Concern(Conversion c, XElement act, string category)
    {
        var any = false;
        foreach (var (_, related) in act.Related())
            if (related.Name.LocalName == "observation" && !related.Is(Template.Comment) && (related.Is(Template.Problem) || related.One("value") is not null))
            {
                any = true;
                Observation(c, related, act, category);
            }
            else if (related.Is(Template.ProblemConcern))
            {
                any = true;
                Concern(c, related, category);
            }

        if (any)
            return;
        if (category == HealthConcern && c.Document.TextOf(act.One("text")) is { } words)
            c.Add(new Condition
            {
                Identifier = CdaValues.Identifiers(act),
                Subject = c.Patient,
                ClinicalStatus = new(Clinical, ClinicalOf(null, act)),
                VerificationStatus = new(Verification, "confirmed"),
                Category = [Category(category)],
                Code = new() { Text = words },
                Onset = c.Values.Start(act.One("effectiveTime")),
            }, act);
        else
            c.Skip("The concern has no observation.");
    }

    public static ResourceKey? Observation(Conversion c, XElement observation, XElement? concern, string category, ResourceReference? encounter = null)
    {
        var values = c.Values;
        var (value, time) = (observation.One("value"), observation.One("effectiveTime"));
        var code = values.Concept(value) ?? (c.Document.TextOf(observation.One("text")) is { } words ? new() { Text = words } : null);
        if (code is null)
        {
            c.Skip("The problem has no code and no words.");
            return null;
        }

        var isNone = false;
        // A negated value is not so; only one that names problems in general, or nothing at all, says that there are none.
        if (observation.IsNegated() && (code.Coding.Count == 0 ? value.IsSilent() : code.Coding.Exists(x => Generic.Contains(x.Code))))
            (code, isNone) = (new("http://snomed.info/sct", "160245001", "No current problems or disability"), true);
        var condition = new Condition
        {
            Identifier = CdaValues.Identifiers(observation),
            Subject = c.Patient,
            VerificationStatus = new(Verification, observation.IsNegated() && !isNone ? "refuted" : "confirmed"),
            Category = [Category(category)],
            Code = code,
            Severity = values.Concept(observation.RelatedAs(Template.Severity).One("value")),
            Onset = values.Start(time),
            Abatement = values.End(time),
            RecordedDateElement = values.DateTime(observation.At("author", "time")) ?? values.DateTime(concern.At("author", "time")),
            Recorder = c.Author(observation) ?? (concern is null ? null : c.Author(concern)),
            Encounter = encounter ?? c.EncounterOf(observation),
            Note = c.Notes(observation),
        };
        var clinical = isNone ? "active" : ClinicalOf(observation, concern);
        // con-4: what has abated is not active any more.
        condition.ClinicalStatus = new(Clinical, condition.Abatement is not null && clinical is "active" or "recurrence" or "relapse" ? "resolved" : clinical);
        return c.Add(condition, observation, category == EncounterDiagnosis ? category : null);
    }

    private static CodeableConcept Category(string code) => code == HealthConcern
        ? new("http://hl7.org/fhir/us/core/CodeSystem/condition-category", HealthConcern, "Health Concern")
        : new("http://terminology.hl7.org/CodeSystem/condition-category", code, code == ProblemList ? "Problem List Item" : "Encounter Diagnosis");

    private static string ClinicalOf(XElement? observation, XElement? concern)
    {
        var stated = observation?.RelatedAs(Template.ProblemStatus).One("value").Attr("code") switch
        {
            "55561003" => "active",
            "73425007" => "inactive",
            "413322009" => "resolved",
            "246455001" => "recurrence",
            "263855007" => "relapse",
            "277022003" => "remission",
            _ => null,
        };
        if (stated is not null)
            return stated;
        if (observation.At("effectiveTime", "high") is { } high)
            return high.NullFlavor() is null or "UNK" ? "resolved" : "active";
        return concern.One("statusCode").Attr("code") is "completed" or "aborted" ? "inactive" : "active";
    }
}
