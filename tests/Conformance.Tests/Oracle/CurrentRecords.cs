using System.Text.Json.Nodes;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>A patient with problems, allergies and prescriptions in every status, current and not: the smallest Synthea records have hardly any.</summary>
internal static class CurrentRecords
{
    private const string Patient = "oracle-current";
    private const string Terminology = "http://terminology.hl7.org/CodeSystem/";

    public static IReadOnlyList<JsonObject> All() =>
    [
        new() { ["resourceType"] = "Patient", ["id"] = Patient },
        .. Conditions().Index().Select(r => Named(r.Item, r.Index)),
        .. Allergies().Index().Select(r => Named(r.Item, r.Index)),
        .. Prescriptions().Index().Select(r => Named(r.Item, r.Index)),
    ];

    private static IEnumerable<JsonObject> Conditions()
    {
        foreach (var clinical in new[] { "active", "recurrence", "relapse", "inactive", "remission", "resolved" })
            foreach (var verification in new[] { null, "provisional", "confirmed", "refuted" })
                yield return WithStatus(About("Condition", "subject"), "condition", clinical, verification);
        yield return WithStatus(About("Condition", "subject"), "condition", null, "entered-in-error"); // con-5: then it has no clinical status
    }

    private static IEnumerable<JsonObject> Allergies()
    {
        foreach (var clinical in new[] { "active", "inactive", "resolved" })
            foreach (var verification in new[] { null, "confirmed", "refuted" })
                foreach (var categories in new string[][] { [], ["food"], ["medication"], ["food", "medication"] })
                {
                    var allergy = WithStatus(About("AllergyIntolerance", "patient"), "allergyintolerance", clinical, verification);
                    if (categories.Length > 0)
                        allergy["category"] = new JsonArray([.. categories.Select(c => (JsonNode)c)]);
                    yield return allergy;
                }

        yield return WithStatus(About("AllergyIntolerance", "patient"), "allergyintolerance", null, "entered-in-error"); // ait-2
    }

    private static IEnumerable<JsonObject> Prescriptions()
    {
        foreach (var status in new[] { "active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown" })
        {
            var prescription = About("MedicationRequest", "subject");
            prescription["status"] = status;
            prescription["intent"] = "order";
            prescription["medicationCodeableConcept"] = new JsonObject { ["text"] = "Aspirin" };
            yield return prescription;
        }
    }

    private static JsonObject About(string type, string patient) => new() { ["resourceType"] = type, [patient] = new JsonObject { ["reference"] = $"Patient/{Patient}" } };

    private static JsonObject Named(JsonObject record, int number)
    {
        record["id"] = $"{Patient}-{number}";
        return record;
    }

    private static JsonObject WithStatus(JsonObject record, string kind, string? clinical, string? verification)
    {
        if (clinical is not null)
            record["clinicalStatus"] = Concept($"{Terminology}{kind}-clinical", clinical);
        if (verification is not null)
            record["verificationStatus"] = Concept(kind == "condition" ? $"{Terminology}condition-ver-status" : $"{Terminology}{kind}-verification", verification);
        return record;
    }

    private static JsonObject Concept(string system, string code) => new() { ["coding"] = new JsonArray(new JsonObject { ["system"] = system, ["code"] = code }) };
}
