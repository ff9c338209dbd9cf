using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace FhirEmr.Bench.Report;

/// <summary>What the numbers were measured on.</summary>
/// <param name="FdatasyncMicroseconds">Median of writing one 8 KB page and syncing it, in the folder the databases go to.</param>
internal sealed record Machine(
    int Cores, string Cpu, double MemoryGb, double FdatasyncMicroseconds, double LoadAverage, string Runtime, string OperatingSystem)
{
    private const int Syncs = 200;

    public static Machine Measure(string folder) => new(
        Environment.ProcessorCount,
        Field("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9, 1),
        Math.Round(MedianFdatasync(folder).TotalMicroseconds),
        LoadNow(),
        RuntimeInformation.FrameworkDescription,
        RuntimeInformation.OSDescription);

    /// <summary>Processes that wanted a core, on average over the last minute.</summary>
    public static double LoadNow() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    private static TimeSpan MedianFdatasync(string folder)
    {
        var path = Path.Combine(folder, $"fdatasync-{Guid.NewGuid():N}");
        var page = new byte[8192];
        var times = new TimeSpan[Syncs];
        try
        {
            using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
            for (var i = 0; i < Syncs; i++)
            {
                var start = Stopwatch.GetTimestamp();
                RandomAccess.Write(file, page, (long)i * page.Length);
                Native.Fdatasync(file);
                times[i] = Stopwatch.GetElapsedTime(start);
            }
        }
        finally
        {
            File.Delete(path);
        }

        return times.Order().ElementAt(Syncs / 2);
    }

    private static string? Field(string path, string name) =>
        File.ReadLines(path).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim();
}
