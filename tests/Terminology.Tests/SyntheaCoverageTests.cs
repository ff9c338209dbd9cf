using System.Text.Json;
using FhirEmr.Terminology.ConceptMaps;

namespace FhirEmr.Terminology.Tests;

/// <summary>How much of a hundred synthetic records our maps can bill.</summary>
public sealed class SyntheaCoverageTests
{
    private static readonly TerminologyService Terminology = new(null, TimeProvider.System);

    [Fact]
    public void At_least_four_in_five_finished_encounters_have_a_diagnosis_and_a_billable_service()
    {
        var encounters = Directory.GetFiles(SharedData.File("synthea"), "*.json").SelectMany(Read).ToArray();
        var both = encounters.Count(e => e.HasDiagnosis && e.HasService);
        var withoutChoice = encounters.Count(e => e.HasSettledDiagnosis && e.HasService);

        var unmapped = encounters.Where(e => !e.HasDiagnosis || !e.HasService)
            .CountBy(e => $"{e.Type} dx {e.HasDiagnosis} service {e.HasService}").OrderByDescending(g => g.Value).Take(12);
        TestContext.Current.SendDiagnosticMessage(
            $"{encounters.Length} finished, {encounters.Count(e => e.HasDiagnosis)} with diagnosis, {encounters.Count(e => e.HasService)} with service, " +
            $"{both} with both ({100.0 * both / encounters.Length:0.0} %), {withoutChoice} of them settled ({100.0 * withoutChoice / encounters.Length:0.0} %); {string.Join("; ", unmapped)}");
        Assert.InRange((double)both / encounters.Length, 0.9, 1);
        Assert.InRange((double)withoutChoice / encounters.Length, 0.8, 1);
    }

    [Fact]
    public void Every_condition_reason_procedure_vaccine_and_panel_that_occurs_has_a_line_in_our_maps()
    {
        var missing = Directory.GetFiles(SharedData.File("synthea"), "*.json").SelectMany(Codes).Distinct()
            .Where(c => ConceptMapLibrary.For(c.System, c.Code).Count == 0);

        Assert.Empty(missing);
    }

    [Fact]
    public void Every_target_that_occurs_has_a_title_of_ours_on_a_day_it_counts()
    {
        var day = new DateOnly(2021, 11, 3);
        var context = new MappingContext(day);

        var untitled = ConceptMapLibrary.All.Where(r => !r.IsUnmatched && r.When.Allows(context))
            .Where(r => Terminology.Find(r.TargetSystem, r.TargetCode, day) is not { Display: not null, IsBillable: true })
            .Select(r => r.TargetCode).Distinct();

        Assert.Empty(untitled);
    }

    private static IEnumerable<Encounter> Read(string file)
    {
        var resources = Resources(file);
        if (resources.All(r => Type(r) != "Patient"))
            yield break;

        var patient = resources.First(r => Type(r) == "Patient");
        var birth = DateOnly.Parse(patient.GetProperty("birthDate").GetString()!, null);
        var byEncounter = resources.Where(r => r.TryGetProperty("encounter", out _)).ToLookup(r => r.GetProperty("encounter").GetProperty("reference").GetString()!);
        foreach (var encounter in resources.Where(r => Type(r) == "Encounter" && r.GetProperty("status").GetString() == "finished"))
        {
            var around = byEncounter[$"urn:uuid:{encounter.GetProperty("id").GetString()}"].ToArray();
            var problems = Codings(encounter, "reasonCode").Concat(around.Where(r => Type(r) == "Condition").SelectMany(r => Codings(r, "code"))).ToArray();
            var services = Codings(encounter, "type").Concat(around.SelectMany(Service)).ToArray();
            var context = new MappingContext(
                DateOnly.FromDateTime(encounter.GetProperty("period").GetProperty("start").GetDateTimeOffset().Date), birth,
                patient.GetProperty("gender").GetString(), IsNewPatient: false, encounter.GetProperty("class").GetProperty("code").GetString(),
                HasReason: encounter.TryGetProperty("reasonCode", out _), IsFollowUp: false, IsMedicare: false);

            var diagnoses = problems.Concat(services).SelectMany(c => Terminology.Translate(c.System, c.Code, CodeSystemUrls.Icd10Cm, context)).ToArray();
            var billed = services.Any(c => Terminology.Translate(c.System, c.Code, CodeSystemUrls.Cpt, context).Count > 0
                || Terminology.Translate(c.System, c.Code, CodeSystemUrls.Hcpcs, context).Count > 0);
            yield return new(Codings(encounter, "type").First().Code, diagnoses.Length > 0, diagnoses.Any(d => !d.NeedsChoice), billed);
        }
    }

    private static IEnumerable<(string System, string Code)> Codes(string file) => Resources(file).SelectMany(r => Type(r) switch
    {
        "Encounter" => Codings(r, "reasonCode").Concat(Codings(r, "type")),
        "Condition" => Codings(r, "code"),
        _ => Service(r),
    });

    private static IEnumerable<(string System, string Code)> Service(JsonElement resource) => Type(resource) switch
    {
        "Procedure" or "DiagnosticReport" => Codings(resource, "code"),
        "Immunization" => Codings(resource, "vaccineCode"),
        _ => [],
    };

    private static JsonElement[] Resources(string file) =>
        [.. JsonDocument.Parse(File.ReadAllBytes(file)).RootElement.GetProperty("entry").EnumerateArray().Select(e => e.GetProperty("resource"))];

    private static string Type(JsonElement resource) => resource.GetProperty("resourceType").GetString()!;

    private static IEnumerable<(string System, string Code)> Codings(JsonElement resource, string property)
    {
        if (!resource.TryGetProperty(property, out var value))
            return [];
        var concepts = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value];
        return concepts.SelectMany(c => c.GetProperty("coding").EnumerateArray())
            .Select(c => (c.GetProperty("system").GetString()!, c.GetProperty("code").GetString()!));
    }

    private sealed record Encounter(string Type, bool HasDiagnosis, bool HasSettledDiagnosis, bool HasService);
}
