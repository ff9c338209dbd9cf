using System.Text.RegularExpressions;
using CsCheck;
using FhirEmr.BillingBridge.Claims;

namespace FhirEmr.BillingBridge.Tests.Claims;

public class ClaimKeysTests
{
    [Fact]
    public void Control_numbers_fit_CLM01_even_for_the_ninety_ninth_replacement() => Gen.String.Sample(encounter =>
        Regex.IsMatch(ClaimKeys.PatientControlNumber(encounter, 1, 99), "^[A-Z0-9]{6,20}$"));

    [Fact]
    public void Control_numbers_are_stable_and_differ_by_encounter_rank_and_version()
    {
        Assert.Equal(ClaimKeys.PatientControlNumber("a", 1), ClaimKeys.PatientControlNumber("a", 1));
        string[] numbers = [ClaimKeys.PatientControlNumber("a", 1), ClaimKeys.PatientControlNumber("b", 1), ClaimKeys.PatientControlNumber("a", 2), ClaimKeys.PatientControlNumber("a", 1, 1)];
        Assert.Equal(4, numbers.Distinct().Count());
    }

    [Fact]
    public void Ten_thousand_encounters_have_ten_thousand_numbers() =>
        Assert.Equal(10_000, Enumerable.Range(0, 10_000).Select(i => ClaimKeys.PatientControlNumber($"{i}", 1)).Distinct().Count());
}
