using System.ComponentModel;
using System.Globalization;
using FhirEmr.Bench.Spawn;

namespace FhirEmr.Bench.Profile;

/// <summary>Samples what a process spends CPU on, with Linux <c>perf</c>, until it is stopped.</summary>
/// <remarks>
/// The runtime's own sampler sees managed frames only and cannot tell a thread that works in SQLite or in the kernel from one that waits there;
/// <c>perf</c> samples CPU time, native frames and the kernel included. The program under test names its compiled methods in a map
/// (<c>DOTNET_PerfMapEnabled</c>).
/// </remarks>
internal sealed class PerfRecording(string file, ChildProcess recorder)
{
    /// <summary>Samples a second of CPU; not a round number, so that nothing periodic falls in step with it.</summary>
    public const int Frequency = 997;

    public static PerfRecording Start(int pid, string folder)
    {
        var file = Path.Combine(folder, $"{Guid.NewGuid():N}.perf");
        try
        {
            return new(file, ChildProcess.Start("perf",
                ["record", "-q", "-e", "cpu-clock", "-F", Frequency.ToString(CultureInfo.InvariantCulture), "-g", "-p", pid.ToString(CultureInfo.InvariantCulture), "-o", file]));
        }
        catch (Win32Exception)
        {
            throw new BenchException("A profile needs Linux perf (Debian: linux-perf).");
        }
    }

    public async Task<IReadOnlyList<Sample>> StopAsync(CancellationToken ct)
    {
        await recorder.DisposeAsync();
        if (!File.Exists(file))
            throw new BenchException($"perf recorded nothing: {recorder.LastLines}");
        var samples = await PerfScript.ReadAsync(file, ct);
        return samples.Count > 0 ? samples : throw new BenchException($"perf has no samples: it may not be allowed to take any (kernel.perf_event_paranoid). {recorder.LastLines}");
    }
}
