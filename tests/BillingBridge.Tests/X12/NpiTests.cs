namespace FhirEmr.BillingBridge.Tests.X12;

public class NpiTests
{
    [Theory]
    [InlineData("1234567893", true)]
    [InlineData("1987654328", true)]
    [InlineData("1234567890", false)]
    [InlineData("3234567893", false)]
    [InlineData("510", false)]
    [InlineData("12345678９3", false)]
    [InlineData(null, false)]
    public void The_check_digit_decides(string? npi, bool isValid) => Assert.Equal(isValid, Npi.IsValid(npi));
}
