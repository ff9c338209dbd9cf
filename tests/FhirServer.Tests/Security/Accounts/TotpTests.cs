using System.Text;
using FhirEmr.FhirServer.Security.Accounts.SignIn;

namespace FhirEmr.FhirServer.Tests.Security.Accounts;

public sealed class TotpTests
{
    private static readonly byte[] Seed = Encoding.ASCII.GetBytes("12345678901234567890");

    /// <summary>RFC 6238, appendix B, in six digits.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_RFC(long seconds, string code) =>
        Assert.Equal(code, Totp.Code(Seed, Totp.StepAt(DateTimeOffset.FromUnixTimeSeconds(seconds))));

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void A_code_counts_one_step_before_and_after(int steps, bool counts)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_900_000_015);
        var step = Totp.StepAt(now) + steps;

        Assert.Equal(counts ? step : null, Totp.Match(Seed, Totp.Code(Seed, step), now));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000")]
    [InlineData("0000000")]
    [InlineData("abcdef")]
    [InlineData("２８７０８２")]
    public void What_is_no_code_matches_nothing(string typed) => Assert.Null(Totp.Match(Seed, typed, DateTimeOffset.FromUnixTimeSeconds(59)));

    [Fact]
    public void The_key_is_written_as_authenticator_apps_read_it()
    {
        Assert.Equal("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", Totp.Text(Seed));
        Assert.Equal("otpauth://totp/FhirEmr:a%40b?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=FhirEmr", Totp.Uri(Seed, "a@b"));
    }
}
