using FhirEmr.Terminology.Import;

namespace FhirEmr.FhirServer.Hosting.Admin;

/// <summary>One release on its way into force: what a person watches, and a program asks for.</summary>
internal sealed class ReleaseImport(string id, string kind, string file, TimeProvider clock) : IProgress<ImportProgress>
{
    private readonly Lock gate = new();
    private readonly DateTimeOffset accepted = clock.GetUtcNow();
    private long began;
    private TimeSpan? took;
    private ImportProgress progress;
    private ImportReport? report;
    private string? failure;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Id => id;

    public bool HasEnded
    {
        get
        {
            lock (gate)
                return took is not null;
        }
    }

    public void Begin() => Change(() => began = clock.GetTimestamp());

    public void Report(ImportProgress value) => Change(() => progress = value);

    public void End(ImportReport made) => Change(() => (report, took) = (made, clock.GetElapsedTime(began)));

    public void Fail(string why) => Change(() => (failure, took) = (why, clock.GetElapsedTime(began)));

    /// <summary>How it stands, and what ends when that is no longer so.</summary>
    public (ImportStanding Standing, Task Changed) Look()
    {
        lock (gate)
            return (Standing(), changed.Task);
    }

    private ImportStanding Standing()
    {
        var state = failure is not null ? "failed"
            : report is null ? began == 0 ? "waiting" : "running"
            : report.Outcome switch { ImportOutcome.Loaded => "loaded", ImportOutcome.AlreadyLoaded => "already-loaded", _ => "refused" };
        var seconds = took?.TotalSeconds ?? (began == 0 ? 0 : clock.GetElapsedTime(began).TotalSeconds);
        var isRunning = state == "running";
        return new(id, kind, file, state, accepted, Math.Round(seconds, 3), report?.RowCount ?? progress.Rows, report is null ? progress.Share : 1,
            isRunning && seconds > 0 ? (int)(progress.Rows / seconds) : null,
            isRunning && progress.Share > 0 ? Math.Round(seconds / progress.Share * (1 - progress.Share), 1) : null,
            report?.Edition?.Id, failure ?? report?.Message, report?.Warnings ?? [], report?.BadRowCount ?? 0, report?.BadRows ?? []);
    }

    private void Change(Action change)
    {
        TaskCompletionSource told;
        lock (gate)
        {
            change();
            (told, changed) = (changed, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        told.SetResult();
    }
}

/// <summary>How an import of a release stands.</summary>
/// <param name="Kind">As <c>fhir-emr terminology import</c> names it.</param>
/// <param name="State"><c>waiting</c>, <c>running</c>; then <c>loaded</c>, <c>already-loaded</c>, <c>refused</c> or <c>failed</c>.</param>
/// <param name="Seconds">Since it began to read.</param>
/// <param name="Share">Part of the file that has been read, 0 to 1.</param>
/// <param name="RowsPerSecond">While it runs.</param>
/// <param name="SecondsLeft">While it runs.</param>
/// <param name="Edition">What is in force now by it.</param>
internal sealed record ImportStanding(
    string Id, string Kind, string File, string State, DateTimeOffset Accepted, double Seconds, int Rows, double Share, int? RowsPerSecond, double? SecondsLeft,
    string? Edition, string? Message, IReadOnlyList<string> Warnings, int BadRowCount, IReadOnlyList<BadRow> BadRows);
