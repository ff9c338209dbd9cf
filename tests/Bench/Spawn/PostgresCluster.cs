using System.Diagnostics;
using System.Globalization;

namespace FhirEmr.Bench.Spawn;

/// <summary>A throw-away PostgreSQL cluster: a temporary folder, a loopback port, durable settings, gone afterwards.</summary>
/// <remarks>PostgreSQL refuses to run as root; then its own tools run as the user <c>postgres</c>.</remarks>
internal sealed class PostgresCluster : IAsyncDisposable
{
    private const string Settings = "-c listen_addresses=127.0.0.1 -c shared_buffers=512MB -c max_wal_size=4GB";

    private readonly string _folder;

    private PostgresCluster(string folder, int port)
    {
        _folder = folder;
        ConnectionString = $"Host=127.0.0.1;Port={port};Username=bench;Database=bench";
    }

    public string ConnectionString { get; }

    /// <summary>The postmaster; its backends are its children.</summary>
    public int Pid { get; private set; }

    private string Data => Path.Combine(_folder, "data");

    public static async Task<PostgresCluster> StartAsync(CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("fhir-bench-pg-").FullName;
        if (Environment.IsPrivilegedProcess)
            await RunAsync("chown", ["postgres", folder], ct);
        var port = FreePort.Next();
        var cluster = new PostgresCluster(folder, port);
        try
        {
            await ToolAsync("initdb", ["-D", cluster.Data, "-A", "trust", "-U", "bench", "-E", "UTF8", "--locale=C"], ct);
            await ToolAsync("pg_ctl",
                ["-D", cluster.Data, "-w", "-t", "60", "-l", Path.Combine(folder, "log"), "-o", $"-p {port} -c unix_socket_directories={folder} {Settings}", "start"], ct);
            cluster.Pid = int.Parse((await File.ReadAllLinesAsync(Path.Combine(cluster.Data, "postmaster.pid"), ct))[0], CultureInfo.InvariantCulture);
            await ToolAsync("createdb", ["-h", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "-U", "bench", "bench"], ct);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path.Combine(Data, "postmaster.pid")))
            await ToolAsync("pg_ctl", ["-D", Data, "-m", "immediate", "-w", "-t", "30", "stop"], CancellationToken.None);
        Directory.Delete(_folder, recursive: true);
    }

    private static Task ToolAsync(string name, IEnumerable<string> arguments, CancellationToken ct)
    {
        var program = Path.Combine(Binaries(), name);
        return Environment.IsPrivilegedProcess
            ? RunAsync("runuser", ["-u", "postgres", "--", program, .. arguments], ct)
            : RunAsync(program, arguments, ct);
    }

    /// <summary>The newest installed version, as Debian and Ubuntu lay them out; else whatever the path offers.</summary>
    private static string Binaries()
    {
        const string root = "/usr/lib/postgresql";
        if (!Directory.Exists(root))
            return "";
        return Directory.EnumerateDirectories(root)
            .Where(version => File.Exists(Path.Combine(version, "bin", "initdb")))
            .OrderByDescending(version => int.TryParse(Path.GetFileName(version), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .Select(version => Path.Combine(version, "bin"))
            .FirstOrDefault("");
    }

    // Output is not redirected: pg_ctl's server would inherit the pipe and keep it open for ever.
    private static async Task RunAsync(string file, IEnumerable<string> arguments, CancellationToken ct)
    {
        string[] command = [file, .. arguments];
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >/dev/null", "sh", .. command]) { WorkingDirectory = "/" };
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(ct);
        if (process.ExitCode != 0)
            throw new BenchException($"{Path.GetFileName(file)} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }
}
