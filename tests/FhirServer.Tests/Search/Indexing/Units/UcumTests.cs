using System.Globalization;
using System.Text;
using CsCheck;
using FhirEmr.FhirServer.Search.Indexing;
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
        Assert.Equal(DecimalKey.Encode(decimal.Parse(converted, CultureInfo.InvariantCulture)), canonical.Key(decimal.Parse(value, CultureInfo.InvariantCulture)));
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
    public void A_value_beyond_what_keys_can_say_is_refused_quietly() => Assert.Null(Ucum.Canonical("Ym3")!.Key(decimal.MaxValue));

    [Theory]
    [InlineData("44.832731798734144", "fL", "44832731798734144", -33)] // 10^-18 m3: more digits than a decimal has behind its point
    [InlineData("-44.832731798734144", "fL", "44832731798734144", -33)]
    [InlineData("79228162514264337593543950335", "ym", "79228162514264337593543950335", -24)]
    [InlineData("1234567890123456.5", "[in_i]", "313580244091357951", -4)]
    [InlineData("100", "[degF]", "3109277777777777777777777777777777777777777777777", -46)] // cut, in the same place for every unit
    public void No_digit_is_lost_that_a_key_has_room_for(string value, string code, string digits, int power)
    {
        var number = decimal.Parse(value, CultureInfo.InvariantCulture);

        Assert.Equal(DecimalKey.Encode(number < 0, digits.AsSpan(0, Math.Min(digits.Length, DecimalKey.MaxDigits)), digits.Length + power), Ucum.Canonical(code)!.Key(number));
    }

    [Fact]
    public void Long_and_short_ways_of_converting_agree() =>
        Gen.Select(Gen.Int, Gen.Byte[0, 10], Gen.Int[0, 6]).Sample((n, scale, which) =>
        {
            string[] codes = ["mg", "fL", "[degF]", "Cel", "mm[Hg]", "pmol/L", "a"];
            var (unit, value) = (Ucum.Canonical(codes[which])!, new decimal(Math.Abs((long)n)) / (decimal)Math.Pow(10, scale));
            return !unit.TryExactly(value, out var exact) || DecimalKey.Encode(exact) == unit.Long(value);
        }, iter: 5_000);
}
