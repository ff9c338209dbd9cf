using System.Xml.Linq;
using FhirEmr.FhirServer.Resources;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Documents.Ccda.Import;

/// <summary>A C-CDA R2.1 document → resources of one patient, a Composition that keeps every section's words, and what became of each statement.</summary>
/// <remarks>
/// Statements are told apart by their template, wherever they stand; where none is known, by the section. One pass, in order of the document but
/// for encounters, which come first since others refer to them. What has no mapping is told as rejected: its words stay in the Composition, the
/// whole in the original.
/// </remarks>
internal static class CcdaConverter
{
    public static ConvertedDocument Convert(CdaDocument document, ConversionTerms terms)
    {
        var conversion = new Conversion(document, terms);
        var sections = new Dictionary<CdaSection, List<ResourceKey>>();
        foreach (var section in document.Sections.OrderBy(s => s.Code == "46240-8" ? 0 : 1).ThenBy(s => s.Index))
        {
            conversion.Enter(section);
            foreach (var statement in section.Statements)
            {
                conversion.EnterEntry();
                if (statement is null)
                    conversion.Skip("The entry is empty.");
                else if (statement.NullFlavor() is { } flavor)
                    conversion.Skip($"The entry says that there is nothing to say ({flavor}).");
                else
                    Map(conversion, statement);
            }

            sections[section] = [.. conversion.InSection];
        }

        return new(conversion.Resources, conversion.Statements, CompositionMapping.Build(conversion, sections));
    }

    private static void Map(Conversion c, XElement statement)
    {
        var before = c.Statements.Count;
        if (ByTemplate(c, statement) || BySection(c, statement))
        {
            if (c.Statements.Count == before)
                c.Reject($"Nothing in <{statement.Name.LocalName}> could be read.");
            return;
        }

        c.Reject($"A statement <{statement.Name.LocalName}>{(statement.One("templateId").Attr("root") is { } root ? $" of template {root}" : "")} has no mapping in this section.");
    }

    private static bool ByTemplate(Conversion c, XElement s)
    {
        foreach (var template in s.Many("templateId").Select(t => t.Attr("root")))
        {
            switch (template)
            {
                case Template.AllergyConcern:
                    AllergyMapping.Concern(c, s);
                    return true;
                case Template.Allergy:
                    AllergyMapping.Observation(c, s, null);
                    return true;
                case Template.ProblemConcern:
                    ProblemMapping.Concern(c, s, c.Section.Code == "75310-3" ? ProblemMapping.HealthConcern : ProblemMapping.ProblemList);
                    return true;
                case Template.HealthConcern or Template.RiskConcern:
                    ProblemMapping.Concern(c, s, ProblemMapping.HealthConcern);
                    return true;
                case Template.Problem:
                    ProblemMapping.Observation(c, s, null, ProblemMapping.ProblemList);
                    return true;
                case Template.Medication or Template.PlannedMedication:
                    MedicationMapping.Activity(c, s);
                    return true;
                case Template.Immunization when s.Attr("moodCode") is "EVN" or null:
                    ImmunizationMapping.Activity(c, s);
                    return true;
                case Template.Procedure or Template.ProcedureAct or Template.ProcedureObservation when s.Attr("moodCode") is "EVN" or null:
                    ProcedureMapping.Activity(c, s);
                    return true;
                case Template.ResultOrganizer:
                    ObservationMapping.Results(c, s);
                    return true;
                case Template.Result:
                    ObservationMapping.Observation(c, s, ObservationMapping.Laboratory);
                    return true;
                case Template.VitalSignsOrganizer:
                    ObservationMapping.Vitals(c, s);
                    return true;
                case Template.VitalSign:
                    ObservationMapping.Observation(c, s, ObservationMapping.VitalSigns);
                    return true;
                case Template.Encounter:
                    EncounterMapping.Activity(c, s);
                    return true;
                case Template.SmokingStatus or Template.TobaccoUse or Template.SocialHistory or Template.Pregnancy or Template.BirthSex:
                    ObservationMapping.Observation(c, s, ObservationMapping.SocialHistory);
                    return true;
                case Template.FamilyOrganizer:
                    FamilyHistoryMapping.Organizer(c, s);
                    return true;
                case Template.FunctionalStatus:
                    ObservationMapping.Observation(c, s, ObservationMapping.FunctionalStatus);
                    return true;
                case Template.MentalStatus:
                    ObservationMapping.Observation(c, s, ObservationMapping.CognitiveStatus);
                    return true;
                case Template.FunctionalOrganizer or Template.MentalOrganizer:
                    Each(c, s, o => ObservationMapping.Observation(c, o, template == Template.FunctionalOrganizer ? ObservationMapping.FunctionalStatus : ObservationMapping.CognitiveStatus, s));
                    return true;
                case Template.AssessmentScale:
                    ObservationMapping.Observation(c, s, ObservationMapping.Survey);
                    return true;
                case Template.PlannedProcedure or Template.PlannedAct or Template.PlannedObservation or Template.PlannedEncounter or Template.PlannedSupply or Template.PlannedImmunization
                    or Template.NutritionRecommendation or Template.Instruction:
                    PlanMapping.Planned(c, s);
                    return true;
                case Template.Goal:
                    PlanMapping.Goal(c, s);
                    return true;
                case Template.HealthStatus:
                    ObservationMapping.Observation(c, s, ObservationMapping.Survey);
                    return true;
                case Template.Supply:
                    ProcedureMapping.Supply(c, s);
                    return true;
                case Template.EquipmentOrganizer:
                    foreach (var part in s.Many("component").SelectMany(p => p.Elements()).Where(e => e.Name.LocalName is "supply" or "procedure"))
                        if (part.Name.LocalName == "supply")
                            ProcedureMapping.Supply(c, part);
                        else
                            ProcedureMapping.Activity(c, part);
                    return true;
                case Template.Coverage:
                    AdministrativeMapping.Coverage(c, s);
                    return true;
                case Template.AdvanceDirective:
                    AdministrativeMapping.Directive(c, s);
                    return true;
                case Template.AdvanceDirectiveOrganizer:
                    Each(c, s, o => AdministrativeMapping.Directive(c, o));
                    return true;
                case Template.Note:
                    AdministrativeMapping.Note(c, s);
                    return true;
                case Template.CareTeam:
                    AdministrativeMapping.CareTeam(c, s);
                    return true;
            }
        }

        return false;
    }

    /// <summary>Older documents, and those of other countries, claim other templates or none: the section then says what a statement is.</summary>
    private static bool BySection(Conversion c, XElement s)
    {
        var kind = s.Name.LocalName;
        switch (c.Section.Code, kind)
        {
            case ("48765-2", "act"):
                AllergyMapping.Concern(c, s);
                return true;
            case ("48765-2", "observation"):
                AllergyMapping.Observation(c, s, null);
                return true;
            case ("11450-4" or "11348-0" or "46241-6" or "10154-3", "act"):
                ProblemMapping.Concern(c, s, ProblemMapping.ProblemList);
                return true;
            case ("11450-4" or "11348-0" or "46241-6", "observation"):
                ProblemMapping.Observation(c, s, null, ProblemMapping.ProblemList);
                return true;
            case ("75310-3", "act"):
                ProblemMapping.Concern(c, s, ProblemMapping.HealthConcern);
                return true;
            case ("10160-0" or "29549-3" or "42346-7" or "10183-2", "substanceAdministration"):
                MedicationMapping.Activity(c, s);
                return true;
            case ("11369-6", "substanceAdministration"):
                ImmunizationMapping.Activity(c, s);
                return true;
            case ("47519-4", "procedure" or "act" or "observation"):
                ProcedureMapping.Activity(c, s);
                return true;
            case ("30954-2", "organizer"):
                ObservationMapping.Results(c, s);
                return true;
            case ("30954-2", "observation"):
                ObservationMapping.Observation(c, s, ObservationMapping.Laboratory);
                return true;
            case ("8716-3", "organizer"):
                ObservationMapping.Vitals(c, s);
                return true;
            case ("8716-3", "observation"):
                ObservationMapping.Observation(c, s, ObservationMapping.VitalSigns);
                return true;
            case ("46240-8", "encounter"):
                EncounterMapping.Activity(c, s);
                return true;
            case ("29762-2", "observation"):
                ObservationMapping.Observation(c, s, ObservationMapping.SocialHistory);
                return true;
            case ("47420-5", "observation"):
                ObservationMapping.Observation(c, s, ObservationMapping.FunctionalStatus);
                return true;
            case ("10190-7", "observation"):
                ObservationMapping.Observation(c, s, ObservationMapping.CognitiveStatus);
                return true;
            case ("10157-6", "organizer"):
                FamilyHistoryMapping.Organizer(c, s);
                return true;
            case ("46264-8", "supply"):
                ProcedureMapping.Supply(c, s);
                return true;
            case ("46264-8", "procedure"):
                ProcedureMapping.Activity(c, s);
                return true;
            case ("48768-6", "act"):
                AdministrativeMapping.Coverage(c, s);
                return true;
            case ("42348-3", "observation"):
                AdministrativeMapping.Directive(c, s);
                return true;
            case ("61146-7", "observation"):
                PlanMapping.Goal(c, s);
                return true;
            case ("18776-5", "substanceAdministration"):
                MedicationMapping.Activity(c, s);
                return true;
            case ("18776-5", "observation" or "procedure" or "act" or "encounter" or "supply"):
                PlanMapping.Planned(c, s);
                return true;
            default:
                return false;
        }
    }

    private static void Each(Conversion c, XElement organizer, Action<XElement> map)
    {
        var parts = organizer.Many("component").Select(p => p.One("observation")).OfType<XElement>().ToArray();
        if (parts.Length == 0)
            c.Skip("The organizer is empty.");
        foreach (var part in parts)
            map(part);
    }
}

/// <param name="Resources">By key; references among them are literal.</param>
internal sealed record ConvertedDocument(IReadOnlyDictionary<ResourceKey, Resource> Resources, IReadOnlyList<CdaStatement> Statements, Composition Composition);
