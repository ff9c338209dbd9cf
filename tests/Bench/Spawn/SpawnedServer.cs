using System.Diagnostics;

namespace FhirEmr.Bench.Spawn;

/// <summary>The server under test, started by us on loopback and stopped by its pid.</summary>
internal sealed class SpawnedServer : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;

    private SpawnedServer(ChildProcess process, Uri address, TimeSpan startToReady) =>
        (_process, Address, StartToReady) = (process, address, startToReady);

    public Uri Address { get; }

    public Uri FhirBase => new(Address, "fhir");

    public int Pid => _process.Pid;

    public TimeSpan StartToReady { get; }

    /// <param name="program">A <c>.dll</c> to run with dotnet, or an executable.</param>
    public static async Task<SpawnedServer> StartAsync(string program, IEnumerable<string> arguments, CancellationToken ct)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var path = Path.GetFullPath(program);
        string[] serve = ["serve", "--urls", address.AbsoluteUri.TrimEnd('/'), .. arguments];
        var folder = Path.GetDirectoryName(path);
        var start = Stopwatch.GetTimestamp();
        var process = path.EndsWith(".dll", StringComparison.Ordinal)
            ? ChildProcess.Start("dotnet", [path, .. serve], folder)
            : ChildProcess.Start(path, serve, folder);
        try
        {
            await WaitReadyAsync(process, new Uri(address, "health/ready"), start, ct);
            return new SpawnedServer(process, address, Stopwatch.GetElapsedTime(start));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task WaitReadyAsync(ChildProcess process, Uri ready, long start, CancellationToken ct)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        while (Stopwatch.GetElapsedTime(start) < LongestStart)
        {
            if (process.HasEnded)
                throw new BenchException($"The server ended before it was ready:{Environment.NewLine}{process.LastLines}");
            try
            {
                using var answer = await client.GetAsync(ready, ct);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // not listening yet
            }

            await Task.Delay(20, ct);
        }

        throw new BenchException($"The server was not ready after {LongestStart.TotalSeconds:0} s:{Environment.NewLine}{process.LastLines}");
    }
}
