using System.Buffers.Binary;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.SignIn;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Tests.Security.Accounts;

public sealed class PasswordsTests : IDisposable
{
    private readonly Passwords passwords = new();
    private readonly Account account = new() { UserName = "mokafor", DisplayName = "Mina Okafor" };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("password2024!")]
    [InlineData("P@ssw0rd1234")]
    [InlineData("Welcome2026!!")]
    [InlineData("SummerWinter2025")]
    [InlineData("qwertyuiop12")]
    [InlineData("1qaz2wsx3edc")]
    [InlineData("abcdefghijkl")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("abcabcabcabcabc")]
    [InlineData("123456789012")]
    [InlineData("987654321098")]
    [InlineData("19840317-2026")]
    [InlineData("Administrator1")]
    [InlineData("letmein-letmein")]
    [InlineData("H0sp1tal-Cl1n1c")]
    [InlineData("ILoveYou!!2024")]
    public void What_everybody_tries_first_is_refused(string password) => Assert.Contains("tried first", Passwords.Fault(password, account), StringComparison.Ordinal);

    [Theory]
    [InlineData("short", "at least 12")]
    [InlineData("elevenchars", "at least 12")]
    [InlineData("MinaOkafor12", "your name")]
    [InlineData("mokafor-2026", "your name")]
    public void Refusals_say_what_to_change(string password, string sentence) => Assert.Contains(sentence, Passwords.Fault(password, account), StringComparison.Ordinal);

    [Fact]
    public void What_is_no_text_is_refused() => Assert.Contains("no text", Passwords.Fault("a lone \ud800 surrogate", account), StringComparison.Ordinal);

    [Theory]
    [InlineData("tundra kettle violin")]
    [InlineData("vqx7-mmk2-tz9r")]
    [InlineData("correct horse battery staple")]
    [InlineData("Grüße aus Brüssel")]
    [InlineData("purple monkey coffee mountain")]
    public void Others_may_be_chosen_without_rules_about_their_kinds_of_characters(string password) => Assert.Null(Passwords.Fault(password, account));

    [Fact]
    public async Task Hashes_are_Identitys_version_3_with_at_least_210000_iterations()
    {
        var hash = Convert.FromBase64String(await passwords.HashAsync("tundra kettle violin", Ct));

        Assert.Equal(1, hash[0]); // the marker of version 3
        Assert.Equal(2u, BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(1))); // HMAC-SHA512
        Assert.True(BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(5)) >= 210_000);
    }

    [Fact]
    public async Task A_hash_of_fewer_iterations_is_right_and_has_to_be_made_anew()
    {
        account.PasswordHash = new PasswordHasher<Account>(Options.Create(new PasswordHasherOptions { IterationCount = 1_000 })).HashPassword(account, "tundra kettle violin");

        Assert.Equal(PasswordVerificationResult.SuccessRehashNeeded, await passwords.VerifyAsync(account, "tundra kettle violin", Ct));
        Assert.Equal(PasswordVerificationResult.Failed, await passwords.VerifyAsync(account, "tundra kettle viola", Ct));
    }

    [Fact]
    public async Task A_letter_typed_as_one_character_or_as_two_is_the_same()
    {
        account.PasswordHash = await passwords.HashAsync("caf\u00e9 tundra kettle", Ct);

        Assert.Equal(PasswordVerificationResult.Success, await passwords.VerifyAsync(account, "cafe\u0301 tundra kettle", Ct));
    }

    [Fact]
    public async Task Nobody_and_an_account_without_password_are_refused_whatever_is_typed()
    {
        foreach (var typed in (string[])["", "tundra kettle violin", new string('x', 100_000), "\ud800"])
        {
            Assert.Equal(PasswordVerificationResult.Failed, await passwords.VerifyAsync(null, typed, Ct));
            Assert.Equal(PasswordVerificationResult.Failed, await passwords.VerifyAsync(account, typed, Ct));
        }
    }

    public void Dispose() => passwords.Dispose();
}
