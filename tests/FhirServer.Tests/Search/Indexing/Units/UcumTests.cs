using System.Globalization;
using System.Text;
using FhirEmr.FhirServer.Search.Indexing.Units;

namespace FhirEmr.FhirServer.Tests.Search.Indexing.Units;

public class UcumTests
{
    [Theory]
    [InlineData("5.4", "mg/dL", "54", "g.m-3")]
    [InlineData("54", "mg/L", "54", "g.m-3")]
    [InlineData("1", "kg", "1000", "g")]
    [InlineData("1", "[lb_av]", "453.59237", "g")]
    [InlineData("1", "[oz_av]", "28.349523125", "g")]
    [InlineData("1", "[in_i]", "0.0254", "m")]
    [InlineData("6", "[ft_i]", "1.8288", "m")]
    [InlineData("180", "cm", "1.8", "m")]
    [InlineData("120", "mm[Hg]", "15998640", "g.m-1.s-2")]
    [InlineData("72", "/min", "1.2", "s-1")]
    [InlineData("72", "{beats}/min", "1.2", "s-1")]
    [InlineData("37", "Cel", "310.15", "K")]
    [InlineData("98.6", "[degF]", "310.15", "K")]
    [InlineData("29.6", "[degRe]", "310.15", "K")]
    [InlineData("558.27", "[degR]", "310.15", "K")]
    [InlineData("25", "%", "0.25", "1")]
    [InlineData("4.5", "10*3/uL", "4500000000000", "m-3")]
    [InlineData("4.5", "10*9/L", "4500000000000", "m-3")]
    [InlineData("6", "mmol/L", "6", "m-3.mol")]
    [InlineData("30", "U/L", "0.0005", "m-3.mol.s-1")]
    [InlineData("24.5", "kg/m2", "24500", "g.m-2")]
    [InlineData("90", "mL/min/{1.73_m2}", "0.0000015", "m3.s-1")]
    [InlineData("2", "m[IU]/L", "2", "[IU].m-3")]
    [InlineData("1", "a", "31557600", "s")]
    [InlineData("3", "mm[Hg]{mean}", "399966", "g.m-1.s-2")]
    [InlineData("1", "m/(s.s)", "1", "m.s-2")]
    [InlineData("1", "dag", "10", "g")]
    public void Converts_exactly(string value, string code, string converted, string unit)
    {
        var canonical = Ucum.Canonical(code);

        Assert.NotNull(canonical);
        Assert.Equal($"c:{unit}", Encoding.UTF8.GetString(canonical.Symbol));
        Assert.True(canonical.TryConvert(decimal.Parse(value, CultureInfo.InvariantCulture), out var result));
        Assert.Equal(decimal.Parse(converted, CultureInfo.InvariantCulture), result);
    }

    [Theory]
    [InlineData("{score}")]
    [InlineData("[pH]")]
    [InlineData("mmHg")]
    [InlineData("tablets")]
    [InlineData("mg/")]
    [InlineData("(mg")]
    [InlineData("mg//dL")]
    [InlineData("k%")]
    [InlineData("m99")]
    [InlineData("")]
    [InlineData("µg")]
    public void Knows_what_it_cannot_convert(string code) => Assert.Null(Ucum.Canonical(code));

    [Fact]
    public void Every_unit_of_the_table_rests_on_base_units() =>
        Assert.All(UcumUnits.Symbols, symbol => Assert.NotNull(UcumUnits.Find(symbol)));

    [Fact]
    public void A_value_beyond_decimal_is_refused_quietly() =>
        Assert.False(Ucum.Canonical("Ym")!.TryConvert(decimal.MaxValue, out _));
}
