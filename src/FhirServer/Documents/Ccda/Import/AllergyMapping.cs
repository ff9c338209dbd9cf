using System.Xml.Linq;
using Hl7.Fhir.Model;
using static Hl7.Fhir.Model.AllergyIntolerance;

namespace FhirEmr.FhirServer.Documents.Ccda.Import;

/// <summary>Allergy Concern Act and Allergy - Intolerance Observation → AllergyIntolerance.</summary>
/// <remarks>A negated observation of allergies in general says that none are known (C-CDA 2.1, 3.5): that is a fact and is stored as one.</remarks>
internal static class AllergyMapping
{
    private const string Clinical = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical";
    private const string Verification = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";
    private const string Snomed = "http://snomed.info/sct";

    public static void Concern(Conversion c, XElement act)
    {
        var any = false;
        foreach (var (_, observation) in act.Related())
            if (observation.Is(Template.Allergy) || observation.Name.LocalName == "observation")
            {
                any = true;
                Observation(c, observation, act);
            }

        if (!any)
            c.Skip("The allergy concern has no observation.");
    }

    public static void Observation(Conversion c, XElement observation, XElement? concern)
    {
        var values = c.Values;
        var kind = observation.One("value").Attr("code");
        var substance = Substance(observation, values);
        var allergy = new AllergyIntolerance
        {
            Identifier = CdaValues.Identifiers(observation),
            Patient = c.Patient,
            Type = kind switch
            {
                "416098002" or "414285001" or "419199007" or "418471000" or "419511003" or "420134006" or "418038007" or "426232007" => AllergyIntoleranceType.Allergy,
                "59037007" or "235719002" => AllergyIntoleranceType.Intolerance,
                _ => null,
            },
            Category = kind switch
            {
                "416098002" or "419511003" or "59037007" => [AllergyIntoleranceCategory.Medication],
                "414285001" or "418471000" or "235719002" => [AllergyIntoleranceCategory.Food],
                "426232007" or "232347008" => [AllergyIntoleranceCategory.Environment],
                _ => [],
            },
            Code = substance ?? values.Concept(observation.One("value")),
            Criticality = observation.RelatedAs(Template.Criticality).One("value").Attr("code") switch
            {
                "CRITH" => AllergyIntoleranceCriticality.High,
                "CRITL" => AllergyIntoleranceCriticality.Low,
                "CRITU" => AllergyIntoleranceCriticality.UnableToAssess,
                _ => null,
            },
            Onset = values.Start(observation.One("effectiveTime")),
            RecordedDateElement = values.DateTime((concern ?? observation).At("author", "time")) ?? values.DateTime(observation.At("author", "time")),
            Recorder = c.Author(observation) ?? (concern is null ? null : c.Author(concern)),
            Note = c.Notes(observation),
            Encounter = c.EncounterOf(observation),
        };
        var (clinical, verification) = (ClinicalStatus(observation, concern), "confirmed");
        if (observation.IsNegated())
        {
            if (substance is null)
            {
                var none = kind switch
                {
                    "416098002" or "419511003" or "59037007" => new(Snomed, "409137002", "No known drug allergy"),
                    "414285001" or "418471000" or "235719002" => new(Snomed, "429625007", "No known food allergy"),
                    "232347008" or "426232007" => new(Snomed, "428607008", "No known environmental allergy"),
                    null or "419199007" or "420134006" or "418038007" => new CodeableConcept(Snomed, "716186003", "No known allergy"),
                    _ => null,
                };
                if (none is null)
                {
                    c.Reject("The allergy is negated, and of a kind that no code for 'none known' is for.");
                    return;
                }

                (allergy.Code, clinical) = (none, "active");
            }
            else
            {
                verification = "refuted";
            }
        }
        else if (substance is null)
        {
            c.Skip("The allergy names no substance.");
            return;
        }

        allergy.ClinicalStatus = new(Clinical, clinical);
        allergy.VerificationStatus = new(Verification, verification);
        Reactions(c, observation, allergy);
        c.Add(allergy, observation);
    }

    private static CodeableConcept? Substance(XElement observation, CdaValues values)
    {
        foreach (var participant in observation.Many("participant"))
            if (participant.Attr("typeCode") is "CSM" or null && participant.At("participantRole", "playingEntity") is { } entity)
                return values.Concept(entity.One("code")) ?? (entity.One("name").Words() is { } name ? new() { Text = name } : null);
        return null;
    }

    private static string ClinicalStatus(XElement observation, XElement? concern)
    {
        var stated = observation.RelatedAs(Template.AllergyStatus).One("value").Attr("code") switch
        {
            "55561003" => "active",
            "73425007" => "inactive",
            "413322009" => "resolved",
            _ => null,
        };
        if (stated is not null)
            return stated;
        if (observation.At("effectiveTime", "high") is { } high && high.NullFlavor() is null)
            return "resolved";
        return concern.One("statusCode").Attr("code") is "completed" or "aborted" ? "inactive" : "active";
    }

    private static void Reactions(Conversion c, XElement observation, AllergyIntolerance allergy)
    {
        var general = SeverityOf(observation.RelatedAs(Template.Severity));
        foreach (var (_, related) in observation.Related().Where(r => r.Statement.Is(Template.Reaction)))
            if (c.Values.Concept(related.One("value")) is { } manifestation)
                allergy.Reaction.Add(new()
                {
                    Manifestation = [manifestation],
                    Severity = SeverityOf(related.RelatedAs(Template.Severity)) ?? general,
                    OnsetElement = c.Values.Start(related.One("effectiveTime")),
                });
    }

    private static AllergyIntoleranceSeverity? SeverityOf(XElement? severity) => severity.One("value").Attr("code") switch
    {
        "255604002" or "371923003" => AllergyIntoleranceSeverity.Mild,
        "6736007" or "371924009" => AllergyIntoleranceSeverity.Moderate,
        "24484000" or "399166001" => AllergyIntoleranceSeverity.Severe,
        _ => null,
    };
}
