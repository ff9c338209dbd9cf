using CsCheck;
using FhirEmr.FhirServer.Demo;

namespace FhirEmr.FhirServer.Tests.Demo;

public sealed class MadeUpNumbersTests
{
    [Theory]
    [InlineData("1234567893", true)]
    [InlineData("1234567890", false)] // check digit
    [InlineData("3234567891", false)] // first digit
    [InlineData("123456789", false)]
    [InlineData("510", false)] // as Synthea writes them
    [InlineData(null, false)]
    public void An_NPI_is_ten_digits_with_a_check_digit(string? value, bool valid) => Assert.Equal(valid, MadeUpNumbers.IsNpi(value));

    [Theory]
    [InlineData("891234567", true)]
    [InlineData("123456789", false)]
    [InlineData("777777777", false)]
    [InlineData("89-123456", false)]
    [InlineData("89123456", false)]
    public void A_tax_number_is_nine_digits_that_somebody_could_have(string value, bool valid) => Assert.Equal(valid, MadeUpNumbers.IsEin(value));

    [Fact]
    public void Every_made_up_provider_number_is_valid() =>
        Gen.String.Sample(key => MadeUpNumbers.IsNpi(MadeUpNumbers.Npi(key)) && MadeUpNumbers.IsEin(MadeUpNumbers.Ein(key)));

    [Fact]
    public void Made_up_provider_numbers_lie_in_ranges_never_issued() =>
        Gen.String.Sample(key => MadeUpNumbers.Npi(key)[0] == '2' && MadeUpNumbers.Ein(key).StartsWith("89", StringComparison.Ordinal));

    [Fact]
    public void Two_thousand_providers_get_two_thousand_numbers()
    {
        var keys = Enumerable.Range(0, 2000).Select(i => $"Practitioner/{i}").ToList();

        Assert.Equal(2000, keys.Select(MadeUpNumbers.Npi).Distinct().Count());
    }

    [Fact]
    public void A_Medicare_member_id_has_the_shape_of_an_MBI() => Gen.String.Sample(key => Assert.Matches(
        "^[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9][0-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9][0-9][AC-HJKMNP-RT-Y]{2}[0-9]{2}$",
        MadeUpNumbers.MemberId(DemoPayers.Medicare, key)));

    [Fact]
    public void A_commercial_member_id_has_the_payers_prefix_and_a_Blue_shape() => Gen.String.Sample(key => Assert.Matches(
        "^BHH[A-Z0-9]{6,14}$", MadeUpNumbers.MemberId(DemoPayers.BayHarbor, key)));

    [Fact]
    public void A_Medicaid_member_id_is_twelve_digits() => Gen.String.Sample(key => Assert.Matches(
        "^[0-9]{12}$", MadeUpNumbers.MemberId(DemoPayers.StateMedicaid, key)));

    [Fact]
    public void The_scenario_digits_end_the_member_id_of_every_payer()
    {
        foreach (var payer in DemoPayers.All)
            Assert.EndsWith("07", MadeUpNumbers.MemberId(payer, "someone", 7), StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_do_not_change_between_versions_of_the_program()
    {
        // Stores seeded by an older build must not get a second identity for the same provider.
        Assert.Equal("2421665409", MadeUpNumbers.Npi("Practitioner/1"));
        Assert.Equal("897773097", MadeUpNumbers.Ein("Organization/1"));
        Assert.Equal("9VK2JE9WC89", MadeUpNumbers.MemberId(DemoPayers.Medicare, "patient-1"));
        Assert.Equal("42d236f4-fb44-811a-a9fb-d1bfdf645def", StableHash.Uuid("coverage", "1"));
    }
}
