using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace FhirEmr.FhirServer.Tests.Storage;

/// <summary>A throw-away PostgreSQL on a free local port, started when the first test asks and stopped with the test run.</summary>
/// <remarks>
/// The binaries are found where Debian puts them, or in <c>FHIREMR_PG_BIN</c>. The server refuses to run as root, so then everything runs
/// as the user <c>postgres</c>. fsync stays on: the store refuses a server that does not keep what it acknowledges.
/// </remarks>
public sealed class PostgresCluster : IAsyncDisposable
{
    private const string User = "postgres";

    private readonly SemaphoreSlim gate = new(1, 1);
    private string? folder;
    private int port;
    private string? refusal;

    /// <summary>Host and port without a database; null with the reason when there is no PostgreSQL on this machine.</summary>
    public async Task<(string? ConnectionString, string? WhyNot)> StartAsync()
    {
        await gate.WaitAsync();
        try
        {
            if (folder is null && refusal is null)
                await LaunchAsync();
            return refusal is null ? ($"Host=127.0.0.1;Port={port};Username={User}", null) : (null, refusal);
        }
        finally
        {
            gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (folder is null)
            return;

        await RunAsync("pg_ctl", "-D", Path.Combine(folder, "data"), "-m", "immediate", "-w", "stop");
        Directory.Delete(folder, recursive: true);
        folder = null;
    }

    private async Task LaunchAsync()
    {
        if (Binaries() is null)
        {
            refusal = "PostgreSQL is not installed here (looked in FHIREMR_PG_BIN and /usr/lib/postgresql/*/bin).";
            return;
        }

        var root = Directory.CreateTempSubdirectory("fhir-emr-pg-").FullName;
        if (IsRoot)
            await CheckAsync(Process.Start("chown", [User, root]));
        var data = Path.Combine(root, "data");
        await CheckAsync("initdb", "-D", data, "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync");
        port = FreePort();
        await CheckAsync(
            "pg_ctl", "-D", data, "-w", "-t", "60", "-l", Path.Combine(root, "log"),
            "-o", $"-p {port} -k {root} -c listen_addresses=127.0.0.1 -c max_connections=300 -c shared_buffers=256MB -c max_wal_size=2GB", "start");
        folder = root;
    }

    private static bool IsRoot => Environment.UserName == "root";

    private static string? Binaries() => Environment.GetEnvironmentVariable("FHIREMR_PG_BIN") is { Length: > 0 } named
        ? named
        : Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Select(d => Path.Combine(d, "bin"))
                .LastOrDefault(d => File.Exists(Path.Combine(d, "initdb")))
            : null;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task CheckAsync(string tool, params string[] arguments)
    {
        var (code, output) = await RunAsync(tool, arguments);
        if (code != 0)
            throw new InvalidOperationException($"{tool} failed: {output}");
    }

    private static async Task CheckAsync(Process process)
    {
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{process.StartInfo.FileName} failed.");
    }

    private static async Task<(int Code, string Output)> RunAsync(string tool, params string[] arguments)
    {
        var path = Path.Combine(Binaries()!, tool);
        string[] all = IsRoot ? ["-u", User, "--", path, .. arguments] : arguments;

        // The server inherits its standard streams from pg_ctl: they go to its log, not to a pipe that nobody would close.
        using var process = Process.Start(new ProcessStartInfo(IsRoot ? "runuser" : path, all)
        {
            RedirectStandardError = tool == "initdb",
            RedirectStandardOutput = tool == "initdb",
            WorkingDirectory = "/",
        })!;
        var output = tool == "initdb" ? await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync() : "see the log";
        await process.WaitForExitAsync();
        return (process.ExitCode, output);
    }
}
