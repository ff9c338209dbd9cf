using CsCheck;
using FhirEmr.FhirServer.Search.Indexing;

namespace FhirEmr.FhirServer.Tests.Search.Indexing;

public class DecimalKeyTests
{
    // Any 96-bit integer at any scale and sign: every decimal there is.
    private static readonly Gen<decimal> Decimals =
        Gen.Select(Gen.Int, Gen.Int, Gen.Int, Gen.Bool, Gen.Byte[0, 28], Gen.Int[0, 3])
            .Select((lo, mid, hi, negative, scale, words) => new decimal(lo, words > 1 ? mid : 0, words > 2 ? hi : 0, negative, scale));

    [Fact]
    public void Keys_sort_as_the_numbers_do() =>
        Gen.Select(Decimals, Decimals).Sample((a, b) =>
            Math.Sign(string.CompareOrdinal(DecimalKey.Encode(a), DecimalKey.Encode(b))) == a.CompareTo(b), iter: 20_000);

    [Fact]
    public void Neighbours_sort_apart() =>
        Gen.Int[-1_000_000, 1_000_000].Sample(n =>
        {
            var (a, b) = (n / 100m, (n + 1) / 100m);
            return string.CompareOrdinal(DecimalKey.Encode(a), DecimalKey.Encode(b)) < 0;
        });

    [Fact]
    public void Trailing_zeros_do_not_matter() => Assert.Equal(DecimalKey.Encode(5.4m), DecimalKey.Encode(5.4000m));

    [Fact]
    public void What_lies_beside_a_number_lies_between_it_and_every_other() =>
        Gen.Select(Decimals, Decimals).Sample((a, b) =>
        {
            var (below, own, above) = (DecimalKey.Beside(a, -1), DecimalKey.Encode(a), DecimalKey.Beside(a, 1));
            var other = DecimalKey.Encode(b);
            return string.CompareOrdinal(below, own) < 0 && string.CompareOrdinal(own, above) < 0
                && (a == b || (string.CompareOrdinal(other, below) < 0) == (b < a) && (string.CompareOrdinal(other, above) > 0) == (b > a));
        }, iter: 20_000);

    [Theory]
    [InlineData("1")]
    [InlineData("10")]
    [InlineData("-10")]
    [InlineData("0")]
    [InlineData("-0.5")]
    public void Nothing_a_clinic_measures_lies_nearer_than_beside(string text)
    {
        var number = decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

        Assert.True(string.CompareOrdinal(DecimalKey.Encode(number - 0.0000001m), DecimalKey.Beside(number, -1)) < 0);
        Assert.True(string.CompareOrdinal(DecimalKey.Encode(number + 0.0000001m), DecimalKey.Beside(number, 1)) > 0);
    }
}
