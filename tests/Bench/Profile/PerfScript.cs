using System.Diagnostics;

namespace FhirEmr.Bench.Profile;

/// <summary>Reads a recording through <c>perf script</c>.</summary>
internal static class PerfScript
{
    public static async Task<IReadOnlyList<Sample>> ReadAsync(string file, CancellationToken ct)
    {
        using var process = Process.Start(new ProcessStartInfo("perf", ["script", "-i", file, "-F", "comm,tid,ip,sym,dso"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.ErrorDataReceived += static (_, _) => { }; // its complaints about modules without symbols
        process.BeginErrorReadLine();
        var samples = await ParseAsync(process.StandardOutput, ct);
        await process.WaitForExitAsync(ct);
        return samples;
    }

    /// <summary>A line with the thread's name and number, a line for each frame, an empty line.</summary>
    internal static async Task<IReadOnlyList<Sample>> ParseAsync(TextReader text, CancellationToken ct)
    {
        var samples = new List<Sample>();
        string? thread = null;
        var frames = new List<Frame>();
        while (await text.ReadLineAsync(ct) is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                if (thread is not null)
                    samples.Add(new(thread, [.. frames]));
                thread = null;
                frames.Clear();
            }
            else if (thread is null)
            {
                thread = line.Trim();
                thread = thread[..thread.LastIndexOf(' ')].TrimEnd();
            }
            else
            {
                frames.Add(ReadFrame(line.AsSpan().Trim()));
            }
        }

        return samples;
    }

    // address, name, (module); names of methods hold blanks and parentheses themselves.
    private static Frame ReadFrame(ReadOnlySpan<char> line)
    {
        line = line[(line.IndexOf(' ') + 1)..];
        var open = line.LastIndexOf(" (/") is var path and >= 0 ? path + 1 : line.LastIndexOf('('); // "(/memfd:doublemapper (deleted))" has two
        var (name, module) = open < 0 ? (line.ToString(), "") : (line[..open].Trim().ToString(), line[(open + 1)..].TrimEnd(')').ToString());
        if (name == "[unknown]")
            name = "";
        if (module.StartsWith("[kernel", StringComparison.Ordinal) || module is "[vdso]" || module.EndsWith(".ko", StringComparison.Ordinal))
            return new(name, Frame.Kernel);
        if (module.StartsWith("/tmp/perf-", StringComparison.Ordinal) || module.StartsWith("[JIT]", StringComparison.Ordinal) || module.StartsWith("//anon", StringComparison.Ordinal)
            || module.Contains("doublemapper", StringComparison.Ordinal))
            return new(FrameNames.Short(name), "");
        return new(name, Path.GetFileName(module));
    }
}
