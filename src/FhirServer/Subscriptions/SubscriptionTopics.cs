using FhirEmr.FhirServer.Resources;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>The topics there are, in one list; the CapabilityStatement and <c>Subscription/$topics</c> are written from it.</summary>
internal static class SubscriptionTopics
{
    private const string R5 = "http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.";

    public static IReadOnlyList<SubscriptionTopic> All { get; } =
    [
        new("encounter-start", "A visit begins", "An Encounter comes to be arrived, triaged or in-progress that was not before.",
            [new("Encounter", "becomes arrived, triaged or in-progress") { Previous = "status:not=arrived&status:not=triaged&status:not=in-progress&status:not=onleave", Current = "status=arrived,triaged,in-progress" }],
            ["patient", "subject", "class", "type", "location", "practitioner", "participant", "service-provider"]),
        new("encounter-end", "A visit ends", "An Encounter comes to be finished that was not before.",
            [new("Encounter", "becomes finished") { Previous = "status:not=finished", Current = "status=finished" }],
            ["patient", "subject", "class", "type", "location", "practitioner", "participant", "service-provider"]),
        new("result-final", "A result is final or changed after that", "A DiagnosticReport or Observation is final, amended, corrected or appended; each version that is.",
            [
                new("DiagnosticReport", "is final, or was changed after it was") { Current = "status=final,amended,corrected,appended" },
                new("Observation", "is final, or was changed after it was") { Current = "status=final,amended,corrected" },
            ],
            ["patient", "subject", "category", "code", "encounter", "performer"]),
        new("claim-stage", "A claim has reached another stage", "The stage in billing of a Claim is another than before.",
            [new("Claim", "has another claim-stage than before") { Changed = "claim-stage" }],
            ["patient", "claim-stage", "encounter", "insurer", "provider", "use"]),
        new("appointment-booked", "An appointment is booked", "An Appointment comes to be booked that was not before.",
            [new("Appointment", "becomes booked") { Previous = "status:not=booked", Current = "status=booked" }],
            ["patient", "practitioner", "location", "actor", "service-type", "appointment-type", "date"]),
        new("appointment-cancelled", "An appointment is cancelled", "An Appointment comes to be cancelled or noshow that was not before.",
            [new("Appointment", "becomes cancelled or noshow") { Previous = "status:not=cancelled&status:not=noshow", Current = "status=cancelled,noshow" }],
            ["patient", "practitioner", "location", "actor", "service-type", "appointment-type", "date"]),
        new("patient-changed", "A patient is entered, changed or deleted", "A Patient is created, updated or deleted.",
            [new("Patient", "is created, updated or deleted") { OnDelete = true }],
            ["_id", "identifier", "general-practitioner", "organization", "active"]),
        new("task-assigned", "A task has another owner", "A Task that is not over has another owner than before, or its first.",
            [new("Task", "has another owner than before") { Changed = "owner", Current = "status:not=completed&status:not=cancelled&status:not=failed&status:not=rejected&status:not=entered-in-error" }],
            ["owner", "patient", "subject", "code", "focus", "priority", "status"]),
    ];

    /// <summary>By its canonical, with or without a version; null when there is none.</summary>
    public static SubscriptionTopic? Find(string canonical)
    {
        var bar = canonical.IndexOf('|', StringComparison.Ordinal);
        var url = bar < 0 ? canonical : canonical[..bar];
        return All.FirstOrDefault(t => t.Url == url);
    }

    public static string? Near(string canonical) => NearestName.Of(canonical, All.Select(t => t.Url));

    /// <summary>A topic as R4 can hold it: a Basic with the elements of R5 as extensions (hl7.org/fhir/versions.html#extensions).</summary>
    public static Basic ToBasic(SubscriptionTopic topic)
    {
        var basic = new Basic { Id = topic.Name, Code = new CodeableConcept("http://hl7.org/fhir/fhir-types", "SubscriptionTopic") };
        basic.Extension.Add(new(R5 + "url", new FhirUri(topic.Url)));
        basic.Extension.Add(new(R5 + "title", new FhirString(topic.Title)));
        basic.Extension.Add(new(R5 + "status", new Code("active")));
        basic.Extension.Add(new(R5 + "description", new Markdown(topic.Description)));
        foreach (var trigger in topic.Triggers)
        {
            var shown = new Extension { Url = R5 + "resourceTrigger" };
            shown.Extension.Add(new("description", new Markdown($"A {trigger.Type} {trigger.Description}.")));
            shown.Extension.Add(new("resource", new FhirUri("http://hl7.org/fhir/StructureDefinition/" + trigger.Type)));
            foreach (var (isOn, code) in ((bool, string)[])[(trigger.OnCreate, "create"), (trigger.OnUpdate, "update"), (trigger.OnDelete, "delete")])
                if (isOn)
                    shown.Extension.Add(new("supportedInteraction", new Code(code)));
            if (trigger.Current is not null || trigger.Previous is not null)
            {
                var query = new Extension { Url = "queryCriteria" };
                if (trigger.Previous is not null)
                {
                    query.Extension.Add(new("previous", new FhirString(trigger.Previous)));
                    query.Extension.Add(new("resultForCreate", new Code("test-passes")));
                }

                if (trigger.Current is not null)
                    query.Extension.Add(new("current", new FhirString(trigger.Current)));
                query.Extension.Add(new("requireBoth", new FhirBoolean(true)));
                shown.Extension.Add(query);
            }

            basic.Extension.Add(shown);
        }

        foreach (var filter in topic.Filters)
        {
            var shown = new Extension { Url = R5 + "canFilterBy" };
            shown.Extension.Add(new("filterParameter", new FhirString(filter)));
            basic.Extension.Add(shown);
        }

        return basic;
    }
}
