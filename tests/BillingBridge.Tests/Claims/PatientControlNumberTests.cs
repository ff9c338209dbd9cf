using System.Text.RegularExpressions;
using CsCheck;
using FhirEmr.BillingBridge.Claims;

namespace FhirEmr.BillingBridge.Tests.Claims;

public class PatientControlNumberTests
{
    [Fact]
    public void Control_numbers_fit_CLM01_even_for_the_ninety_ninth_replacement() => Gen.String.Sample(encounter =>
        Regex.IsMatch(PatientControlNumber.Of(encounter, 1, 99), "^[A-Z0-9]{6,20}$"));

    [Fact]
    public void Control_numbers_are_stable_and_differ_by_encounter_rank_and_version()
    {
        Assert.Equal(PatientControlNumber.Of("a", 1), PatientControlNumber.Of("a", 1));
        string[] numbers = [PatientControlNumber.Of("a", 1), PatientControlNumber.Of("b", 1), PatientControlNumber.Of("a", 2), PatientControlNumber.Of("a", 1, 1)];
        Assert.Equal(4, numbers.Distinct().Count());
    }

    [Fact]
    public void Ten_thousand_encounters_have_ten_thousand_numbers() =>
        Assert.Equal(10_000, Enumerable.Range(0, 10_000).Select(i => PatientControlNumber.Of($"{i}", 1)).Distinct().Count());
}
