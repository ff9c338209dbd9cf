using System.Diagnostics;
using System.Globalization;

namespace FhirEmr.FhirServer.Hosting.Import;

/// <summary>A bar on a terminal, a line now and then elsewhere.</summary>
internal sealed class ImportProgress(TextWriter output, bool isTerminal)
{
    private const int Width = 30;
    private readonly Stopwatch watch = new();
    private readonly Lock gate = new();
    private int files;
    private int done;
    private long lastShown = long.MinValue / 2;

    public void Start(int count)
    {
        files = count;
        watch.Start();
    }

    public void FileDone(long resources, int faults)
    {
        lock (gate)
        {
            done++;
            var every = isTerminal ? 100 : 5000;
            if (watch.ElapsedMilliseconds - lastShown < every && done < files)
                return;
            lastShown = watch.ElapsedMilliseconds;
            var filled = files == 0 ? Width : done * Width / files;
            var rate = resources / Math.Max(watch.Elapsed.TotalSeconds, 0.001);
            var line = string.Create(CultureInfo.InvariantCulture,
                $"[{new string('#', filled)}{new string('.', Width - filled)}] {done}/{files} files, {resources:N0} resources, {rate:N0}/s{(faults > 0 ? $", {faults} refused" : "")}");
            if (isTerminal)
                output.Write("\r" + line.PadRight(100));
            else
                output.WriteLine(line);
        }
    }

    public void Finish()
    {
        if (isTerminal)
            output.WriteLine();
    }
}
