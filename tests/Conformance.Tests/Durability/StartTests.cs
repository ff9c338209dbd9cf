using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Durability;

/// <summary>When the program refuses to start, it says why in one sentence with the fix.</summary>
public sealed class StartTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("fhir-emr-start-").FullName;

    [Fact]
    public async Task A_second_server_on_the_same_folder_is_refused_and_the_first_goes_on()
    {
        await using var first = await ServerProcess.ServeAsync("--Storage:DataFolder", folder);

        var (code, output) = await ServerProcess.RunAsync("serve", "--urls", "http://127.0.0.1:0", "--Storage:DataFolder", folder);
        var (importCode, importOutput) = await ServerProcess.RunAsync("bill", "--Storage:DataFolder", folder);

        Assert.NotEqual(0, code);
        Assert.Contains($"{folder} is in use by another FhirEmr process", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.NotEqual(0, importCode);
        Assert.Contains("in use by another FhirEmr process", importOutput, StringComparison.Ordinal);
        Assert.Equal(0, await first.CountAsync("Patient"));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_left_alone_and_named()
    {
        var file = Path.Combine(folder, "fhir-emr.db");
        var bytes = Enumerable.Repeat((byte)'x', 20_000).ToArray();
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);

        var (code, output) = await ServerProcess.RunAsync("serve", "--urls", "http://127.0.0.1:0", "--Storage:DataFolder", folder);

        Assert.Equal(1, code);
        Assert.Contains("cannot be read or written reliably", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://*:0")]
    [InlineData("http://127.0.0.1:0;http://[::]:0")]
    public async Task It_does_not_listen_in_the_clear_beyond_this_machine(string urls)
    {
        var (code, output) = await ServerProcess.RunAsync("serve", "--urls", urls, "--Storage:DataFolder", folder);

        Assert.NotEqual(0, code);
        Assert.Contains("Refusing to listen on", output, StringComparison.Ordinal);
        Assert.Contains("Proxy:Trusted", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("oracle", "", "it must be sqlite")]
    [InlineData("postgres", "", "Storage:ConnectionString is empty")]
    [InlineData("postgres", "Host=127.0.0.1;Port=1;Username=nobody;Database=none", "The database does not answer")]
    public async Task Settings_that_cannot_work_are_named(string provider, string connectionString, string expected)
    {
        var (code, output) = await ServerProcess.RunAsync(
            "serve", "--urls", "http://127.0.0.1:0", "--Storage:DataFolder", folder, "--Storage:Provider", provider, "--Storage:ConnectionString", connectionString);

        Assert.NotEqual(0, code);
        Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
