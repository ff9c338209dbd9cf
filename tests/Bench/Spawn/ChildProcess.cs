using System.Diagnostics;
using FhirEmr.Bench.Report;

namespace FhirEmr.Bench.Spawn;

/// <summary>A process of ours that never outlives the bench: asked to end, then made to.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly Queue<string> _lastLines = new();

    private ChildProcess(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = Process.Start(start) ?? throw new BenchException($"{start.FileName} cannot be started.");
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Pid => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>The last lines it wrote, for the error message.</summary>
    public string LastLines
    {
        get
        {
            lock (_lastLines)
                return string.Join(Environment.NewLine, _lastLines);
        }
    }

    public static ChildProcess Start(string file, IEnumerable<string> arguments, string? workingFolder = null) =>
        new(new ProcessStartInfo(file, arguments) { WorkingDirectory = workingFolder ?? "" });

    /// <summary>This program again, with another command.</summary>
    public static ChildProcess StartSelf(IEnumerable<string> arguments)
    {
        var own = Environment.ProcessPath!;
        var isHost = Path.GetFileNameWithoutExtension(own) == "dotnet";
        return Start(own, isHost ? [typeof(ChildProcess).Assembly.Location, .. arguments] : arguments);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Native.Terminate(_process.Id);
            using var patience = new CancellationTokenSource(Patience);
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_lastLines)
        {
            _lastLines.Enqueue(line);
            if (_lastLines.Count > 30)
                _lastLines.Dequeue();
        }
    }
}
