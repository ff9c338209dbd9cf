using FhirEmr.FhirServer.Demo;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Demo;

public sealed class UsAddressTests
{
    [Theory]
    [InlineData("Massachusetts", "01545", "MA", "01545")]
    [InlineData("new york", null, "NY", "12207")]
    [InlineData("MA", "1960", "MA", "01960")]
    [InlineData("MA", "01960-1234", "MA", "019601234")]
    [InlineData("Ontario", "K1A 0B1", "Ontario", "K1A 0B1")]
    [InlineData("Ontario", null, "Ontario", null)]
    public void A_persons_state_becomes_a_code_and_the_ZIP_whole(string state, string? zip, string expectedState, string? expectedZip)
    {
        var address = new Address { State = state, PostalCode = zip };

        UsAddress.Tidy(address);

        Assert.Equal((expectedState, expectedZip), (address.State, address.PostalCode));
    }

    [Fact]
    public void A_person_without_street_and_city_is_not_given_any()
    {
        var address = new Address { State = "Ohio" };

        UsAddress.Tidy(address);

        Assert.Empty(address.Line);
        Assert.Null(address.City);
    }

    [Theory]
    [InlineData("ONE HOSPITAL ROAD, FIRST FL, WING 5,  PO BOX 1477", "ONE HOSPITAL ROAD, FIRST FL, WING 5")]
    [InlineData("12 Boxford Street", "12 Boxford Street")]
    public void A_provider_has_no_post_office_box(string line, string expected)
    {
        var address = new Address { Line = [line], City = "OAK BLUFFS", State = "MA", PostalCode = "02557" };

        UsAddress.Complete(address, "key");

        Assert.Equal([expected], address.Line);
    }

    [Fact]
    public void A_provider_with_only_a_box_gets_a_street()
    {
        var address = new Address { Line = ["P.O. Box 12"], City = "Boston", State = "MA", PostalCode = "02108" };

        UsAddress.Complete(address, "key");

        Assert.Matches("^[0-9]{3} Main Street$", Assert.Single(address.Line));
    }

    [Theory]
    [InlineData("1960", "^01960(?!0000)[0-9]{4}$")]
    [InlineData("019601234", "^019601234$")]
    [InlineData(null, "^02108(?!0000)[0-9]{4}$")]
    public void A_provider_has_ZIP_plus_four(string? zip, string pattern)
    {
        var address = new Address { State = "MA", PostalCode = zip };

        UsAddress.Complete(address, "key");

        Assert.Matches(pattern, address.PostalCode);
    }
}
