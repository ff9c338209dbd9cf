using FhirEmr.FhirServer.Security.Accounts.Pages;

namespace FhirEmr.FhirServer.Tests.Security.Accounts;

[Trait("Requirement", "S-24")]
[Trait("Requirement", "S-13")]
public sealed class LocalUrlTests
{
    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("\\\\evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("/\n/evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("evil.example")]
    [InlineData(" /account")]
    [InlineData("/a\\b")]
    [InlineData("")]
    [InlineData(null)]
    public void Other_servers_are_no_place_to_go_on_to(string? url) => Assert.Null(LocalUrl.Of(url));

    [Theory]
    [InlineData("/")]
    [InlineData("/account")]
    [InlineData("/connect/authorize?client_id=x&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&aud=https://emr.example/fhir")]
    public void Paths_of_this_server_are(string url) => Assert.Equal(url, LocalUrl.Of(url));
}
