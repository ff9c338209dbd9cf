using System.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace FhirEmr.Architecture.Tests.Deploy;

/// <summary>What compose.yaml promises: closed to the network, durable, each server behind a healthy database.</summary>
public sealed class ComposeTests
{
    private const string File = "deploy/compose.yaml";
    private static readonly Dictionary<object, object> Compose = Parse();

    public static TheoryData<string> Servers => ["server", "server-sqlserver"];

    [Fact]
    public void Without_a_profile_it_is_the_server_and_PostgreSQL() =>
        Assert.Equal(["postgres", "server"], Services.Where(s => !s.Value.ContainsKey("profiles")).Select(s => s.Key).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_port_is_published_on_loopback_only_and_none_twice()
    {
        var ports = Services.SelectMany(s => Strings(s.Value, "ports")).ToArray();
        Assert.NotEmpty(ports);
        Assert.All(ports, port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
        Assert.Distinct(ports.Select(port => port.Split(':')[1]));
    }

    [Fact]
    public void Databases_are_not_published() =>
        Assert.All(Services.Where(s => !Servers.Select(row => row.Data).Contains(s.Key)), s => Assert.Empty(Strings(s.Value, "ports")));

    [Theory]
    [MemberData(nameof(Servers))]
    public void A_server_waits_for_a_healthy_database_of_its_kind(string server)
    {
        var (database, condition) = Map(Services[server], "depends_on").Single();
        Assert.Equal("service_healthy", ((Dictionary<object, object>)condition)["condition"]);
        Assert.True(Services[(string)database].ContainsKey("healthcheck"), $"{database} never becomes healthy");
        Assert.Equal(database, Setting(server, "Storage__Provider") == "postgres" ? "postgres" : Setting(server, "Storage__Provider"));
        Assert.Contains($"={database};", Setting(server, "Storage__ConnectionString"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public void A_server_keeps_its_files_in_a_volume_and_holds_no_privileges(string server)
    {
        Assert.Contains(Strings(Services[server], "volumes"), v => v.EndsWith(":/data", StringComparison.Ordinal));
        Assert.Equal("true", Services[server]["read_only"]);
        Assert.Equal(["ALL"], Strings(Services[server], "cap_drop"));
    }

    /// <summary>Behind a proxy it is production, and the server refuses to start without these (security S-102).</summary>
    [Theory]
    [MemberData(nameof(Servers))]
    public void A_server_is_told_what_it_does_not_start_without(string server)
    {
        Assert.StartsWith("${FHIREMR_BASE_URL:?", Setting(server, "Server__BaseUrl"), StringComparison.Ordinal);
        Assert.StartsWith("${FHIREMR_BACKUP_TARGET:?", Setting(server, "Backup__Target"), StringComparison.Ordinal);
        Assert.Equal("true", Setting(server, "Storage__TrustedNetwork"));
        Assert.NotEmpty(Setting(server, "Proxy__Trusted"));
    }

    [Fact]
    public void PostgreSQL_writes_checksums_and_keeps_its_durable_defaults()
    {
        var postgres = Services["postgres"];
        Assert.Contains("--data-checksums", (string)Map(postgres, "environment")["POSTGRES_INITDB_ARGS"], StringComparison.Ordinal);
        Assert.DoesNotContain("command", postgres.Keys);
    }

    [Fact]
    public void No_password_is_written_down() =>
        Assert.All(Services.SelectMany(s => Map(s.Value, "environment")).Where(e => ((string)e.Key).EndsWith("PASSWORD", StringComparison.Ordinal)
            || ((string)e.Value).Contains("Password", StringComparison.Ordinal)), e => Assert.Contains("${FHIREMR_DB_PASSWORD:?", (string)e.Value, StringComparison.Ordinal));

    [Fact]
    public void Every_named_volume_is_declared() =>
        Assert.Equal(Map(Compose, "volumes").Keys.Cast<string>().Order(StringComparer.Ordinal),
            Services.SelectMany(s => Strings(s.Value, "volumes")).Select(v => v.Split(':')[0]).Order(StringComparer.Ordinal));

    [Fact]
    public async Task Docker_compose_accepts_it()
    {
        if (await RunAsync("compose", "version") is not (0, _))
            Assert.Skip("docker compose is not installed");
        var (exit, error) = await RunAsync("compose", "--file", Repository.PathOf(File), "--profile", "sqlserver", "config", "--quiet");
        Assert.True(exit == 0, error);
    }

    private static Dictionary<string, Dictionary<object, object>> Services =>
        Map(Compose, "services").ToDictionary(s => (string)s.Key, s => (Dictionary<object, object>)s.Value);

    private static Dictionary<object, object> Parse() =>
        new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(new MergingParser(new Parser(new StringReader(Repository.Read(File)))));

    private static string Setting(string server, string name) => (string)Map(Services[server], "environment")["FHIREMR__" + name];

    private static Dictionary<object, object> Map(Dictionary<object, object> map, string key) =>
        map.TryGetValue(key, out var value) ? (Dictionary<object, object>)value : [];

    private static IEnumerable<string> Strings(Dictionary<object, object> map, string key) =>
        map.TryGetValue(key, out var value) ? ((List<object>)value).Cast<string>() : [];

    private static async Task<(int Exit, string Error)> RunAsync(params string[] arguments)
    {
        var ct = TestContext.Current.CancellationToken;
        try
        {
            var start = new ProcessStartInfo("docker", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["FHIREMR_DB_PASSWORD"] = "for-the-check-only";
            start.Environment["FHIREMR_BACKUP_TARGET"] = "declined";
            start.Environment["FHIREMR_BASE_URL"] = "https://emr.example.org/fhir";
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(ct);
            var error = await process.StandardError.ReadToEndAsync(ct);
            await output;
            await process.WaitForExitAsync(ct);
            return (process.ExitCode, error);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (127, "docker is not installed");
        }
    }
}
