using System.Xml.Linq;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Documents.Ccda.Import;

/// <summary>What is planned, ordered or proposed → ServiceRequest; Goal Observation → Goal.</summary>
internal static class PlanMapping
{
    public static void Planned(Conversion c, XElement activity)
    {
        var values = c.Values;
        var code = values.Concept(activity.One("code"))
            ?? (activity.One("consumable") is null ? null : MedicationMapping.Code(values, activity))
            ?? values.Concept(activity.At("product", "manufacturedProduct", "manufacturedMaterial", "code"))
            ?? (c.Document.TextOf(activity.One("text")) is { } words ? new CodeableConcept { Text = words } : null);
        if (code is null)
        {
            c.Skip("The plan has no code and no words.");
            return;
        }

        c.Add(new ServiceRequest
        {
            Identifier = CdaValues.Identifiers(activity),
            Subject = c.Patient,
            Status = activity.One("statusCode").Attr("code") switch
            {
                "completed" => RequestStatus.Completed,
                "aborted" or "cancelled" => RequestStatus.Revoked,
                "suspended" or "held" => RequestStatus.OnHold,
                "nullified" => RequestStatus.EnteredInError,
                _ => RequestStatus.Active,
            },
            Intent = activity.Attr("moodCode") switch
            {
                "RQO" => RequestIntent.Order,
                "PRP" => RequestIntent.Proposal,
                _ => RequestIntent.Plan,
            },
            DoNotPerform = activity.IsNegated() ? true : null,
            Code = code,
            Occurrence = values.PointOrPeriod(activity.One("effectiveTime")),
            AuthoredOnElement = values.DateTime(activity.At("author", "time")),
            Requester = c.Author(activity),
            Performer = c.Performer(activity) is { } performer ? [performer] : [],
            BodySite = [.. activity.Many("targetSiteCode").Select(values.Concept).OfType<CodeableConcept>()],
            ReasonCode = [.. activity.Related().Where(r => r.Statement.Is(Template.Indication)).Select(r => values.Concept(r.Statement.One("value"))).OfType<CodeableConcept>()],
            PatientInstruction = activity.Is(Template.Instruction) ? c.Document.TextOf(activity.One("text")) : null,
            Note = c.Notes(activity),
            Encounter = c.EncounterOf(activity),
        }, activity);
    }

    public static void Goal(Conversion c, XElement observation)
    {
        var values = c.Values;
        if (observation.IsNegated())
        {
            c.Reject("The goal is negated: that it is none has no place in a resource.");
            return;
        }

        var (measure, text) = (values.Concept(observation.One("code")), c.Document.TextOf(observation.One("text")));
        var (value, fault) = values.Value(observation.One("value"));
        if (fault is not null)
        {
            c.Reject($"The goal's value cannot be read: {fault}.");
            return;
        }

        var description = value is CodeableConcept concept ? concept : value is FhirString words ? new CodeableConcept { Text = words.Value }
            : text is not null ? new CodeableConcept { Text = text } : measure;
        if (description is null)
        {
            c.Skip("The goal has no words.");
            return;
        }

        var goal = new Goal
        {
            Identifier = CdaValues.Identifiers(observation),
            Subject = c.Patient,
            LifecycleStatus = observation.One("statusCode").Attr("code") switch
            {
                "completed" => Hl7.Fhir.Model.Goal.GoalLifecycleStatus.Completed,
                "aborted" or "cancelled" => Hl7.Fhir.Model.Goal.GoalLifecycleStatus.Cancelled,
                "suspended" or "held" => Hl7.Fhir.Model.Goal.GoalLifecycleStatus.OnHold,
                "nullified" => Hl7.Fhir.Model.Goal.GoalLifecycleStatus.EnteredInError,
                _ => Hl7.Fhir.Model.Goal.GoalLifecycleStatus.Active,
            },
            Description = description,
            Start = CdaTime.ToFhirDate(observation.One("effectiveTime").Attr("value") ?? observation.At("effectiveTime", "low").Attr("value"), c.Terms.Zone) is { } start ? new Date(start) : null,
            ExpressedBy = c.Author(observation),
            Note = c.Notes(observation),
        };
        if (value is Quantity or Hl7.Fhir.Model.Range || observation.At("effectiveTime", "high") is not null)
        {
            var target = new Goal.TargetComponent { Measure = measure, Detail = value is Quantity or Hl7.Fhir.Model.Range ? value : null };
            if (CdaTime.ToFhirDate(observation.At("effectiveTime", "high").Attr("value"), c.Terms.Zone) is { } due)
                target.Due = new Date(due);
            goal.Target.Add(target);
        }

        c.Add(goal, observation);
    }
}
