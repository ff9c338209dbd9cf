using FhirEmr.FhirServer.Demo;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Demo;

public sealed class PracticeGeneratorTests
{
    private static readonly DateOnly LastDay = new(2025, 6, 30);

    [Fact]
    public void The_same_seed_gives_the_same_bytes() =>
        Assert.Equal(
            new PracticeGenerator(42, LastDay).Patients(5).Select(FhirText.Write),
            new PracticeGenerator(42, LastDay).Patients(5).Select(FhirText.Write));

    [Fact]
    public void Another_seed_gives_other_people() =>
        Assert.NotEqual(FhirText.Write(new PracticeGenerator(1, LastDay).Patient(0)), FhirText.Write(new PracticeGenerator(2, LastDay).Patient(0)));

    [Fact]
    public void A_slice_is_the_same_as_that_part_of_the_whole()
    {
        var whole = new PracticeGenerator(42, LastDay).Patients(6).Skip(4).Select(FhirText.Write);

        Assert.Equal(whole, new PracticeGenerator(42, LastDay).Patients(2, first: 4).Select(FhirText.Write));
    }

    [Fact]
    public void A_record_holds_around_three_hundred_resources()
    {
        var sizes = new PracticeGenerator(42, LastDay).Patients(100).Select(bundle => bundle.Entry.Count).ToList();

        Assert.InRange(sizes.Average(), 250, 400);
    }

    [Fact]
    public void Ids_are_unique_within_a_record_and_patients_across_records()
    {
        var bundles = new PracticeGenerator(42, LastDay).Patients(100).ToList();

        Assert.All(bundles, bundle => Assert.Equal(bundle.Entry.Count, bundle.Entry.Select(entry => entry.FullUrl).Distinct().Count()));
        Assert.Equal(100, bundles.Select(bundle => bundle.Entry[0].Resource!.Id).Distinct().Count());
    }

    [Fact]
    public void Every_reference_resolves_inside_the_bundle() =>
        Assert.All(new PracticeGenerator(42, LastDay).Patients(20), bundle => Assert.Empty(FhirText.Dangling([bundle])));

    [Fact]
    public void A_record_is_valid_FHIR_JSON()
    {
        foreach (var bundle in new PracticeGenerator(42, LastDay).Patients(10))
        {
            var json = FhirText.Write(bundle);
            Assert.Equal(json, FhirText.Write(FhirText.Read(json)));
        }
    }

    [Fact]
    public void No_visit_lies_before_birth_or_after_the_last_day()
    {
        foreach (var bundle in new PracticeGenerator(42, LastDay).Patients(50))
        {
            var birth = bundle.Entry.Select(entry => entry.Resource).OfType<Patient>().Single().BirthDate!;
            Assert.All(bundle.Entry.Select(entry => entry.Resource).OfType<Encounter>(), encounter =>
            {
                Assert.True(string.CompareOrdinal(encounter.Period!.Start![..10], birth) >= 0);
                Assert.True(string.CompareOrdinal(encounter.Period.Start[..10], "2025-06-30") <= 0);
            });
        }
    }

    [Fact]
    public void Every_type_a_benchmark_searches_occurs()
    {
        var types = new PracticeGenerator(42, LastDay).Patients(10).SelectMany(bundle => bundle.Entry).Select(entry => entry.Resource!.TypeName).ToHashSet();

        Assert.Superset(
            new HashSet<string>
            {
                "Patient", "Organization", "Practitioner", "Encounter", "Observation", "Condition", "Procedure", "Immunization",
                "DiagnosticReport", "MedicationRequest", "Claim", "ExplanationOfBenefit",
            },
            types);
    }
}
