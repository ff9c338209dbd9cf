using System.Diagnostics;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Tests.Storage;
using Npgsql;

namespace FhirEmr.Conformance.Tests.Durability;

/// <summary>PostgreSQL falls over under a running server and comes back: what was acknowledged is there, and the server goes on by itself.</summary>
public sealed class DatabaseCrashTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_server_outlives_its_database_and_keeps_what_it_acknowledged()
    {
        await using var cluster = new PostgresCluster(); // of our own: the others must not feel it
        var (address, whyNot) = await cluster.StartAsync();
        Assert.SkipWhen(address is null, whyNot ?? "");
        var folder = Directory.CreateTempSubdirectory("fhir-emr-crash-").FullName;
        var clients = new BundleClients();
        try
        {
            await using var server = await ServerProcess.ServeAsync(
                "--Storage:Provider", "postgres", "--Storage:DataFolder", folder, "--Storage:ConnectionString", await ServerFixture.NewDatabaseAsync(address!));
            using var stop = new CancellationTokenSource();
            var posting = clients.RunAsync(server, stop.Token);
            while (clients.Acknowledged == 0 && !posting.IsCompleted)
                await Task.Delay(5, Ct);
            await Task.Delay(Random.Shared.Next(100, 800), Ct);
            await RestartAsync(address!);

            var watch = Stopwatch.StartNew();
            while ((await server.Http.GetAsync(server.BaseUrl.Replace("/fhir", "/health/ready", StringComparison.Ordinal), Ct)).StatusCode != System.Net.HttpStatusCode.OK)
            {
                Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), "Not ready 10 s after the database came back: " + server.Output);
                await Task.Delay(50, Ct);
            }

            var before = clients.Acknowledged;
            while (clients.Acknowledged == before && watch.Elapsed < TimeSpan.FromSeconds(20))
                await Task.Delay(20, Ct);
            await stop.CancelAsync();
            await posting;

            Assert.True(clients.Acknowledged > before, "Nothing is stored any more: " + server.Output);
            await clients.CheckAsync(server);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Stops at once, as a power cut would, and starts again with the options it had.</summary>
    private static async Task RestartAsync(string address)
    {
        await using var connection = new NpgsqlConnection(address + ";Database=postgres;Pooling=false");
        await connection.OpenAsync();
        await using var ask = new NpgsqlCommand("SELECT current_setting('data_directory'), (SELECT setting FROM pg_config WHERE name = 'BINDIR')", connection);
        string data, tool;
        await using (var reader = await ask.ExecuteReaderAsync())
        {
            await reader.ReadAsync();
            (data, tool) = (reader.GetString(0), Path.Combine(reader.GetString(1), "pg_ctl"));
        }

        await connection.CloseAsync();
        string[] command = [tool, "restart", "-D", data, "-m", "immediate", "-w", "-l", Path.Combine(Path.GetDirectoryName(data)!, "log")];
        string[] all = Environment.UserName == "root" ? ["runuser", "-u", "postgres", "--", .. command] : command;
        using var process = Process.Start(new ProcessStartInfo(all[0], all[1..]) { WorkingDirectory = "/" })!;
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
