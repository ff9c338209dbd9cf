using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace FhirEmr.Conformance.Tests.Durability;

/// <summary>A running PostgreSQL of our own, to be stopped, started, and held still.</summary>
internal sealed class DatabaseServer
{
    private readonly string address;
    private readonly string data;
    private readonly string tool;

    private DatabaseServer(string address, string data, string tool) => (this.address, this.data, this.tool) = (address, data, tool);

    /// <param name="address">Connection string without a database.</param>
    public static async Task<DatabaseServer> OfAsync(string address)
    {
        await using var connection = await ConnectAsync(address);
        await using var ask = new NpgsqlCommand("SELECT current_setting('data_directory'), (SELECT setting FROM pg_config WHERE name = 'BINDIR')", connection);
        await using var reader = await ask.ExecuteReaderAsync();
        await reader.ReadAsync();
        return new(address, reader.GetString(0), Path.Combine(reader.GetString(1), "pg_ctl"));
    }

    /// <summary>A connection of its own, outside every pool.</summary>
    public static async Task<NpgsqlConnection> ConnectAsync(string address, string database = "postgres")
    {
        var connection = new NpgsqlConnection($"{address};Database={database};Pooling=false;Timeout=30");
        await connection.OpenAsync();
        return connection;
    }

    public Task<NpgsqlConnection> ConnectAsync() => ConnectAsync(address);

    /// <summary>Stops at once, as a power cut would, and starts again with the options it had.</summary>
    public Task RestartAsync() => RunAsync("restart", "-m", "immediate", "-l", Path.Combine(Path.GetDirectoryName(data)!, "log"));

    public Task StopAsync() => RunAsync("stop", "-m", "immediate");

    /// <summary>A restart of what does not run knows the options, a start would not.</summary>
    public Task StartAsync() => RestartAsync();

    /// <summary>Every process of the server stands still: connections open, and nothing answers.</summary>
    public async Task<IAsyncDisposable> PauseAsync()
    {
        var processes = new List<string> { (await File.ReadAllLinesAsync(Path.Combine(data, "postmaster.pid")))[0] };
        await using (var connection = await ConnectAsync())
        {
            await using var ask = new NpgsqlCommand("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()", connection);
            await using var reader = await ask.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                processes.Add(reader.GetInt32(0).ToString(CultureInfo.InvariantCulture));
        }

        await SignalAsync("-STOP", processes);
        return new Pause(processes);
    }

    private async Task RunAsync(string verb, params string[] options)
    {
        string[] command = [tool, verb, "-D", data, "-w", .. options];
        string[] all = Environment.UserName == "root" ? ["runuser", "-u", "postgres", "--", .. command] : command;
        using var process = Process.Start(new ProcessStartInfo(all[0], all[1..]) { WorkingDirectory = "/" })!;
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private static async Task SignalAsync(string signal, IEnumerable<string> processes)
    {
        foreach (var id in processes) // one that has ended meanwhile is no fault
        {
            using var kill = Process.Start(new ProcessStartInfo("kill", [signal, id]) { RedirectStandardError = true })!;
            await kill.WaitForExitAsync();
        }
    }

    private sealed class Pause(IReadOnlyList<string> processes) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await SignalAsync("-CONT", processes);
    }
}
