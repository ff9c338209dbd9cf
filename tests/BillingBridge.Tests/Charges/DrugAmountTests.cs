using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Charges;

public class DrugAmountTests
{
    [Theory]
    [InlineData("Injection, ketorolac tromethamine, per 15 mg", 15, "mg")]
    [InlineData("Injection, ceftriaxone sodium, per 250 mg", 250, "mg")]
    [InlineData("Injection, adalimumab, 20 mg", 20, "mg")]
    [InlineData("Injection, heparin sodium, per 1,000 units", 1000, "units")]
    [InlineData("Injection, vitamin b-12 cyanocobalamin, up to 1000 mcg", 1000, "mcg")]
    public void The_amount_stands_at_the_end(string title, int value, string unit) => Assert.Equal(new DrugAmount(value, unit), DrugAmount.In(title));

    [Fact]
    public void A_title_without_amount_has_none() => Assert.Null(DrugAmount.In("Prescription drug, oral, not otherwise specified"));

    [Fact]
    public void Doses_are_compared_in_one_unit()
    {
        Assert.Equal(1500m, DrugAmount.Convert(new Quantity { Value = 1.5m, Code = "g" }, "mg"));
        Assert.Null(DrugAmount.Convert(new Quantity { Value = 1m, Code = "mL" }, "mg"));
    }
}
