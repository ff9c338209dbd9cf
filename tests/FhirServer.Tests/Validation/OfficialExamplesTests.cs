using FhirEmr.FhirServer.Validation;

namespace FhirEmr.FhirServer.Tests.Validation;

/// <summary>R4's own examples: each without errors, but for those that are wrong themselves.</summary>
public sealed class OfficialExamplesTests(ITestOutputHelper output)
{
    /// <summary>Of the types that the specification itself is made of there are thousands, all alike: so many of each are taken.</summary>
    private const int OfDefinitions = 8;

    /// <summary>Larger files are Bundles of all definitions of a kind: each is there by itself.</summary>
    private const int MostBytes = 1_000_000;
    private static readonly string[] Definitions = ["SearchParameter", "ValueSet", "CodeSystem", "StructureDefinition", "OperationDefinition", "ConceptMap"];

    /// <summary>Examples that break R4, and what they break.</summary>
    private static readonly Dictionary<string, string> Wrong = new(StringComparer.Ordinal)
    {
        ["ActivityDefinition-blood-tubes-supply.json"] = "txt-2: its narrative is empty",
        ["ActivityDefinition-heart-valve-replacement.json"] = "txt-2: its narrative is empty",
        ["EventDefinition-example.json"] = "txt-2: its narrative is empty",
        ["Questionnaire-zika-virus-exposure-assessment.json"] = "txt-2: its narrative is empty",
        ["Bundle-10bb101f-a121-4264-a920-67be9cb82c74.json"] = "a fullUrl that ends in another id than its resource's",
        ["Bundle-3a0707d3-549e-4467-b8b8-5a2ab3800efe.json"] = "a fullUrl that ends in another id than its resource's",
        ["Bundle-lri-example.json"] = "fullUrls that end in other ids than their resources'",
        ["Bundle-b0a5e4277-83c4-4adb-87e2-e3efe3369b6f.json"] = "MIME parameters with blanks and slashes outside of quotes",
        ["DeviceMetric-example.json"] = "parent refers to a DeviceDefinition, and may refer to a Device",
        ["DeviceUseStatement-example.json"] = "reasonReference refers to a Procedure",
        ["MedicationRequest-medrx0301.json"] = "dispenseRequest.performer refers to a Practitioner",
        ["Observation-clinical-gender.json"] = "performer refers to an Encounter",
        ["Observation-example-genetics-brcapat.json"] = "US Core's ethnicity on an Observation, and simple where it is complex",
        ["Questionnaire-qs1.json"] = "items without linkId",
        ["ImplementationGuide-fhir.json"] = "resources without reference",
        ["ig-r4.json"] = "resources without reference",
    };

    [Fact]
    public void Official_examples_have_no_errors_but_those_known_to_be_wrong()
    {
        var validator = Packages.Needed();
        var counts = new Dictionary<string, int>();
        var (failing, validated) = (new List<string>(), 0);
        foreach (var (name, json) in Packages.Files(Packages.Core, n => n.StartsWith("package/", StringComparison.Ordinal)))
        {
            var type = name.Split('-', '.')[0];
            if (name is "package.json" or ".index.json" || json.Length > MostBytes || (Definitions.Contains(type) && (counts[type] = counts.GetValueOrDefault(type) + 1) > OfDefinitions))
                continue;
            var report = validator.Validate(new(json, []), new ValidationOptions(), TestContext.Current.CancellationToken);
            validated++;
            if (report.Issues.FirstOrDefault(i => i.Severity == Severity.Error) is { } error)
            {
                failing.Add(name);
                if (!Wrong.ContainsKey(name))
                    output.WriteLine($"{name}: {error.Id} {error.Path}: {error.Text}");
            }
        }

        output.WriteLine($"{validated} examples, {failing.Count} with errors");
        Assert.True(validated > 600);
        Assert.Empty(failing.Except(Wrong.Keys));
    }
}
