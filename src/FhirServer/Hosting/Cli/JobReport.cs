using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary>How far a long command is: a bar with rate and time left on a terminal, one JSON line every 5 seconds elsewhere. All on stderr: stdout is for what comes out.</summary>
internal sealed class JobReport(TextWriter output, bool isTerminal, string unit)
{
    private const int Width = 30;
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private long lastShown = long.MinValue / 2;
    private readonly Lock gate = new();
    private long first = -1;
    private long shown;

    /// <param name="done">So many are done.</param>
    /// <param name="all">Of so many; null when nobody knows.</param>
    /// <param name="refused">Of them refused.</param>
    public void Show(long done, long? all, long refused)
    {
        lock (gate)
            ShowNext(done, all, refused, isLast: false);
    }

    private void ShowNext(long done, long? all, long refused, bool isLast)
    {
        var isFirst = shown == 0 && done > 0; // that it has begun is told at once
        if (watch.ElapsedMilliseconds - lastShown < (isTerminal ? 100 : 5000) && !isFirst && !isLast)
            return;
        shown = done;
        if (first < 0)
            first = done; // what an earlier run has done says nothing of this one's speed
        lastShown = watch.ElapsedMilliseconds;
        var rate = (done - first) / Math.Max(watch.Elapsed.TotalSeconds, 0.001);
        double? left = all is { } total && rate >= 1 ? (total - done) / rate : null;
        if (!isTerminal)
        {
            output.WriteLine(JsonSerializer.Serialize(new { unit, done, all, refused, perSecond = Math.Round(rate), secondsLeft = left is { } s ? Math.Round(s) : (double?)null }));
            return;
        }

        var filled = all is > 0 ? (int)(done * Width / all.Value) : 0;
        output.Write("\r" + string.Create(CultureInfo.InvariantCulture,
            $"[{new string('#', filled)}{new string('.', Width - filled)}] {done:N0}{(all is null ? "" : string.Create(CultureInfo.InvariantCulture, $" of {all:N0}"))} {unit}, {rate:N0}/s{(left is null ? "" : string.Create(CultureInfo.InvariantCulture, $", {left:N0} s left"))}{(refused > 0 ? string.Create(CultureInfo.InvariantCulture, $", {refused:N0} refused") : "")}").PadRight(100));
    }

    /// <summary>How it ended, however long ago the last was told.</summary>
    public void Finish(long done, long? all, long refused)
    {
        lock (gate)
            ShowNext(done, all, refused, isLast: true);
        if (isTerminal)
            output.WriteLine();
    }
}
