using System.Diagnostics;
using System.Globalization;
using System.Text;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Hosting.Cli;
using FhirEmr.FhirServer.Storage.Sqlite;

namespace FhirEmr.Conformance.Tests.Durability;

/// <summary>The kernel answers fsync with an I/O error (reliability F5): nothing more is acknowledged, fsync is not tried again, the process ends, the next one recovers.</summary>
public sealed class BrokenDiskTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("fhir-emr-eio-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_process_stops_acknowledging_and_ends_and_the_next_recovers()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace makes the fault, and is not installed here.");
        await using (var server = await ServerProcess.ServeAsync("--Storage:DataFolder", folder))
        {
            for (var n = 0; n < 10; n++)
                Assert.Equal(201, await PostAsync(server, $"kept{n}"));

            var calls = Path.Combine(folder, "calls");
            using var strace = Process.Start(new ProcessStartInfo("strace",
                ["-f", "-y", "-p", server.Id.ToString(CultureInfo.InvariantCulture), "-o", calls, "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO"])
            { RedirectStandardError = true })!;
            Assert.SkipUnless((await strace.StandardError.ReadLineAsync(Ct))?.Contains("attached", StringComparison.Ordinal) == true, "strace may not attach here.");

            Assert.Equal(503, await PostAsync(server, "lost"));
            Assert.True(await server.ExitAsync() == ServeCommand.DiskFailed, server.Output);
            await strace.WaitForExitAsync(Ct);
            Assert.Equal(1, (await File.ReadAllLinesAsync(calls, Ct)).Count(line =>
                line.Contains("INJECTED", StringComparison.Ordinal) && line.Contains(SqliteFile.Name, StringComparison.Ordinal))); // the accounts are a file of their own
        }

        await using var again = await ServerProcess.ServeAsync("--Storage:DataFolder", folder);
        for (var n = 0; n < 10; n++)
            Assert.Equal(1, await again.CountAsync($"Patient?identifier=urn:eio|kept{n}"));
        Assert.Equal(201, await PostAsync(again, "after"));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static async Task<int> PostAsync(ServerProcess server, string name)
    {
        using var content = new StringContent($$"""{"resourceType":"Patient","identifier":[{"system":"urn:eio","value":"{{name}}"}]}""", Encoding.UTF8, "application/fhir+json");
        using var reply = await server.Http.PostAsync(server.BaseUrl + "/Patient", content, Ct);
        return (int)reply.StatusCode;
    }
}
