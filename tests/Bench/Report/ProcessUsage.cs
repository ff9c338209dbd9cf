using System.Globalization;

namespace FhirEmr.Bench.Report;

/// <summary>CPU and memory of another process, from <c>/proc</c>.</summary>
internal static class ProcessUsage
{
    /// <summary>CPU seconds used so far; with <paramref name="withChildren"/> those of its children too, living and gone (PostgreSQL's backends).</summary>
    /// <returns>Null when there is no such process to look at.</returns>
    public static double? CpuSeconds(int? pid, bool withChildren = false)
    {
        if (pid is not { } id || Stat(id) is not { } stat)
            return null;
        var ticks = Ticks(stat, 11, 12); // utime, stime
        if (withChildren)
            ticks += Ticks(stat, 13, 14) + Children(id).Sum(child => Ticks(child, 11, 12)); // cutime, cstime
        return ticks / Native.TicksPerSecond;
    }

    /// <summary>Resident memory now and at its highest, in MB.</summary>
    public static (double Now, double Peak)? MemoryMb(int? pid)
    {
        if (pid is not { } id || !File.Exists($"/proc/{id}/status"))
            return null;
        var lines = File.ReadAllLines($"/proc/{id}/status");
        return (Kilobytes(lines, "VmRSS:") / 1024, Kilobytes(lines, "VmHWM:") / 1024);
    }

    private static double Kilobytes(string[] lines, string name) =>
        double.Parse(lines.First(l => l.StartsWith(name, StringComparison.Ordinal))[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);

    private static IEnumerable<string[]> Children(int parent)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && Stat(pid) is { } stat && Ticks(stat, 1) == parent)
                yield return stat;
    }

    // Fields after the command name, which may itself hold blanks and parentheses: [0] is the state, [1] the parent.
    private static string[]? Stat(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null; // it ended between being listed and being read
        }
    }

    private static double Ticks(string[] stat, params ReadOnlySpan<int> fields)
    {
        var sum = 0.0;
        foreach (var field in fields)
            sum += double.Parse(stat[field], CultureInfo.InvariantCulture);
        return sum;
    }
}
