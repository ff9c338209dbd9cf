using FhirEmr.BillingBridge.Claims;

namespace FhirEmr.BillingBridge.Tests.Claims;

public class UsStatesTests
{
    [Theory]
    [InlineData("Massachusetts", "MA")]
    [InlineData(" ma ", "MA")]
    [InlineData("district of columbia", "DC")]
    [InlineData("AE", "AE")]
    [InlineData("Ontario", null)]
    [InlineData(null, null)]
    public void Names_and_codes_become_codes(string? state, string? code) => Assert.Equal(code, UsStates.Code(state));

    [Theory]
    [InlineData("MA", "02108", true)]
    [InlineData("MA", "03031", false)]
    [InlineData("NY", "10001", true)]
    public void Zips_belong_to_states(string state, string zip, bool belongs) => Assert.Equal(belongs, UsStates.HasZip(state, zip));
}
