using FhirEmr.FhirServer.Hosting;
using FhirEmr.FhirServer.Hosting.Cli;
using Microsoft.Extensions.Configuration;

namespace FhirEmr.FhirServer.Tests.Hosting;

/// <summary>Secrets among the settings are not shown, and not those of somebody's examples.</summary>
[Trait("Requirement", "S-63")]
public sealed class SecretSettingsTests
{
    [Theory]
    [InlineData("Storage:ConnectionString", "Host=db;Username=emr;Password=k2!x;Database=emr", "k2!x")]
    [InlineData("Storage:ConnectionString", "Server=db;User Id=emr;Pwd=k2!x", "k2!x")]
    [InlineData("Storage:ConnectionString", "not a connection string k2!x", "k2!x")]
    [InlineData("Billing:Channel:Sftp:Password", "k2!x", "k2!x")]
    [InlineData("Billing:Channel:Https:ClientSecret", "k2!x", "k2!x")]
    [InlineData("Auth:Api_Key", "k2!x", "k2!x")]
    [InlineData("Encryption:Key", "k2!x", "k2!x")]
    [InlineData("Encryption:OldKeys", "k2!x", "k2!x")]
    public void A_secret_is_masked_wherever_it_stands(string key, string value, string secret)
    {
        var shown = SecretSettings.Shown(key, value);

        Assert.DoesNotContain(secret, shown, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(SecretSettings.Mask, shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Limits:TokensPerMinute", "20")]
    [InlineData("Billing:Channel:Sftp:PasswordFile", "/run/secrets/sftp")]
    [InlineData("Encryption:KeyFile", "/run/secrets/kek")]
    [InlineData("Storage:DataFolder", "/srv/emr")]
    public void What_is_none_is_shown(string key, string value) => Assert.Equal(value, SecretSettings.Shown(key, value));

    [Fact]
    public void A_connection_string_keeps_what_is_no_secret()
    {
        var shown = SecretSettings.Shown("Storage:ConnectionString", "Host=db;Username=emr;Password=k2!x");

        Assert.Contains("host=db", shown, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("username=emr", shown, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("Billing:Channel:Sftp:Password", "changeme")]
    [InlineData("Billing:Channel:Sftp:Password", "ChangeMe")]
    [InlineData("Storage:ConnectionString", "Host=db;Username=emr;Password=postgres")]
    [InlineData("Hl7V2:Destinations:lab:Secret", "changeme")]
    [InlineData("Import:Sources:lab:Token", "changeme")]
    [InlineData("Backup:Password", "changeme")]
    public void A_value_from_an_example_is_refused_with_the_setting_named(string key, string value)
    {
        var fault = SecretSettings.SampleFault(Of((key, value)));

        Assert.NotNull(fault);
        Assert.StartsWith(key, fault, StringComparison.Ordinal);
        Assert.DoesNotContain(value, fault.Replace("postgres'", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Billing:Channel:Sftp:Password", "k2!x-only-ours")]
    [InlineData("Storage:ConnectionString", "Host=db;Username=postgres")]
    [InlineData("Storage:Provider", "default")]
    [InlineData("HOME_PASSWORD", "changeme")] // not the server's
    public void Anything_else_passes(string key, string value) => Assert.Null(SecretSettings.SampleFault(Of((key, value))));

    [Fact]
    public void What_counts_is_listed_with_where_it_comes_from()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Storage:Provider"] = "sqlite", ["PATH"] = "/bin" })
            .AddCommandLine(["--Storage:Provider=postgres", "--Billing:Channel:Sftp:Password=k2!x"]).Build();

        Assert.Equal(
            ["Billing:Channel:Sftp:Password = ********   (command line)", "Storage:Provider = postgres   (command line)"],
            ConfigCommand.Lines(configuration));
    }

    private static IConfigurationRoot Of(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value)).Build();
}
