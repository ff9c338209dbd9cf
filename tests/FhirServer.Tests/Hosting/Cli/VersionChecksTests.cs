using FhirEmr.FhirServer.Hosting.Cli;

namespace FhirEmr.FhirServer.Tests.Hosting.Cli;

/// <summary>What <c>doctor</c> says of the versions it runs on.</summary>
[Trait("Requirement", "S-96")]
public sealed class VersionChecksTests
{
    [Fact]
    public void Today_nothing_is_too_old()
    {
        var findings = VersionChecks.Run();

        Assert.Equal(["SQLite", ".NET", "OpenIddict"], findings.Select(f => f.Text.Split(' ')[0]));
        Assert.All(findings, f => Assert.Null(f.Fault));
    }

    [Theory]
    [InlineData("3.51.2", true)]
    [InlineData("3.51.3", false)]
    [InlineData("3.53.4", false)]
    [InlineData("4.0.0", false)]
    public void What_is_older_than_the_floor_is_told_with_the_fix(string found, bool isWrong)
    {
        var finding = VersionChecks.Judge("SQLite", Version.Parse(found), new Version(3, 51, 3));

        Assert.Equal($"SQLite {found}", finding.Text);
        Assert.Equal(isWrong ? "SQLite before 3.51.3 is not safe here: install a newer release of FhirEmr or of the runtime" : null, finding.Fault);
    }
}
