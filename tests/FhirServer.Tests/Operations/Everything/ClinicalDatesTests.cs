using FhirEmr.FhirServer.Operations.Everything;
using FhirEmr.FhirServer.Search.Parameters;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Operations.Everything;

/// <summary>The lists of parameter names agree with R4's.</summary>
public sealed class ClinicalDatesTests
{
    private static int number;
    private readonly SearchParameters parameters = new((_, _) => ++number);

    [Fact]
    public void Every_clinical_date_is_a_date_parameter_of_its_type()
    {
        foreach (var (type, code) in ClinicalDates.When.Concat(ClinicalDates.Begins).Concat(ClinicalDates.Ends))
            Assert.True(parameters.Find(type, code) is { Kind: SearchParamType.Date, IsSupported: true }, $"{type}.{code}");
    }

    [Fact]
    public void Every_parameter_of_the_Encounter_compartment_is_a_reference()
    {
        foreach (var (type, code) in EncounterCompartment.All)
            Assert.True(parameters.Find(type, code) is { Kind: SearchParamType.Reference, IsSupported: true }, $"{type}.{code}");
    }
}
