using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;

namespace FhirEmr.FhirServer.Tests.Search.Indexing.Extraction;

/// <summary>The law of extraction: the compiled plan finds exactly what the SDK's FHIRPath finds.</summary>
public class ExtractionEqualsFhirPathTests
{
    private static readonly ExtractionOracle Oracle = new(SearchSamples.Parameters());

    [Fact]
    public void On_our_own_fixtures()
    {
        var oracle = new ExtractionOracle(SearchSamples.Parameters());
        var differences = ExtractionFixtures.All.SelectMany(f => oracle.Differences(f.Name, System.Text.Encoding.UTF8.GetBytes(f.Json))).ToArray();

        Assert.True(differences.Length == 0, string.Join('\n', differences.Take(40)));
        Assert.True(oracle.Values > 60, $"only {oracle.Values} values compared");
        Assert.True(oracle.Repetitions >= 10, $"only {oracle.Repetitions} repetitions of composites compared");
    }

    [Fact]
    public void On_every_official_R4_example()
    {
        if (SearchSamples.Examples() is not { } examples)
        {
            Assert.Skip("hl7.fhir.r4.examples-4.0.1.tgz is neither in fhir-packages nor named by FHIREMR_R4_EXAMPLES.");
            return;
        }

        var differences = examples.SelectMany(e => Oracle.Differences(e.Name, e.Json)).ToArray();
        Assert.True(differences.Length == 0, $"{differences.Length} differences:\n{string.Join('\n', differences.Take(60))}");
        Assert.True(Oracle.Repetitions > 50, $"only {Oracle.Repetitions} repetitions of composites compared");
    }

    [Fact]
    public void On_Synthea_records()
    {
        if (SearchSamples.Synthea() is not { } files)
        {
            Assert.Skip("The Synthea records are not beside the repository.");
            return;
        }

        // FHIRPath needs half a millisecond a resource: every tenth record covers all the types Synthea writes.
        var oracle = new ExtractionOracle(SearchSamples.Parameters());
        var differences = files.Where((_, i) => i % 10 == 0)
            .SelectMany(f => SearchSamples.Entries(File.ReadAllBytes(f)).SelectMany((e, i) => oracle.Differences($"{Path.GetFileName(f)}[{i}]", e))).ToArray();
        Assert.True(differences.Length == 0, $"{differences.Length} differences:\n{string.Join('\n', differences.Take(60))}");
        Assert.True(oracle.Values > 1000);
    }

    [Fact]
    public void Compiles_every_R4_parameter()
    {
        var parameters = SearchSamples.Parameters();
        var interpreted = ResourceTypes.All.SelectMany(t => new ExtractionPlan(t, parameters).InterpretedParams)
            .Select(p => p.Emission.Params[0].ToString()).ToArray();

        Assert.Empty(interpreted);
    }

    [Fact]
    public void Every_R4_path_ends_at_an_element_of_the_model()
    {
        var parameters = SearchSamples.Parameters();
        var lost = new List<string>();
        foreach (var type in ResourceTypes.All)
        {
            var plan = new ExtractionPlan(type, parameters);
            lost.AddRange(plan.Params.Where(p => plan.ElementTypes(p).Count == 0).Select(p => $"{p}: {p.Expression}"));
        }

        Assert.Empty(lost);
    }
}
