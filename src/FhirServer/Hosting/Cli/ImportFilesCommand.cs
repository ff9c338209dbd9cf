using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Hosting.Import;
using FhirEmr.FhirServer.Operations.Export;
using FhirEmr.FhirServer.Operations.Import;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Encryption;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary><c>fhir-emr import fhir</c> of NDJSON files or a manifest into this installation: the same job as <c>$import</c>, gone on with when the command is run again.</summary>
internal static class ImportFilesCommand
{
    private const int MostShown = 50;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>The folder, and the manifest of what is in it; null when the path is one of Bundles.</summary>
    public static (string Folder, JsonObject Manifest)? Read(string path)
    {
        var full = Path.GetFullPath(path);
        if (File.Exists(Path.Combine(full, ExportCommand.ManifestName)))
            full = Path.Combine(full, ExportCommand.ManifestName);
        if (File.Exists(full) && !ImportSource.IsLines(full))
            return ManifestIn(full) is { } manifest ? (Path.GetDirectoryName(full)!, manifest) : null;
        if (File.Exists(full))
            return (Path.GetDirectoryName(full)!, Of([full]));
        var files = Directory.Exists(full) ? InputFiles.Of(full, [.. ImportSource.LineEndings, ".json"]) : [];
        return files.Count > 0 && files.All(ImportSource.IsLines) ? (full, Of(files)) : null;

        JsonObject Of(IReadOnlyList<string> lines) => new() { ["input"] = new JsonArray([.. lines.Select(f => new JsonObject { ["url"] = ImportSources.FileScheme + Path.GetRelativePath(Directory.Exists(full) ? full : Path.GetDirectoryName(full)!, f) })]) };
    }

    public static async Task<int> RunAsync(string folder, JsonObject manifest, ImportTerms terms, string? reportPath, bool asJson, string[] settings, CancellationToken ct)
    {
        manifest["onDuplicate"] = terms.OnDuplicate.ToString().ToLowerInvariant();
        manifest["versions"] = terms.KeepsVersions ? "keep" : "new";
        manifest["dryRun"] = terms.IsRehearsal ? "true" : "false";
        await using var store = await LocalStore.OpenAsync([.. settings, "--Import:Folder=" + folder], ct);
        var (records, worker) = (store.Services.GetRequiredService<IResourceStore>(), store.Services.GetRequiredService<ImportWorker>());
        var id = IdOf(folder, manifest);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var working = Task.CompletedTask;
        try
        {
            await BeginAsync(store, records, worker, manifest, id, ct);
            working = worker.RunOnlyAsync(id, Caller.System.Name, stopping.Token);
            var report = new JobReport(Console.Error, !asJson && !Console.IsErrorRedirected, "lines");
            JobRow? job;
            while ((job = await records.JobAsync(id, Caller.System.Name, ct)) is { State: JobState.Queued or JobState.Running })
            {
                var at = ImportProgress.Read(job.Progress);
                report.Show(at.Lines, at.IsStaged ? at.Inputs.Sum(i => i.File!.Count) : null, at.Refused);
                await Task.Delay(Poll, ct);
            }

            var last = job is null ? null : ImportProgress.Read(job.Progress);
            if (last is not null)
                report.Finish(last.Lines, last.IsStaged ? last.Inputs.Sum(i => i.File!.Count) : null, last.Refused);
            if (job is not { State: JobState.Done })
                throw new CliException("The import was given up by somebody else: what was written until then stays.");
            return await TellAsync(store, last!, folder, reportPath ?? $"import-{id[^8..]}-refused.ndjson", reportPath is not null, TimeSpan.FromMilliseconds(job.Updated - job.Created), ct);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped between two commits. Run the same command again to go on from there.");
            return 130;
        }
        finally
        {
            await stopping.CancelAsync();
            await working;
        }
    }

    /// <summary>The same files in the same way are the same job: one that was stopped or killed is gone on with.</summary>
    private static async Task BeginAsync(LocalStore store, IResourceStore records, ImportWorker worker, JsonObject manifest, string id, CancellationToken ct)
    {
        var known = await records.JobAsync(id, Caller.System.Name, ct);
        if (known is { State: JobState.Queued or JobState.Running })
        {
            await Console.Error.WriteLineAsync("Going on with the import of these files that was begun before.");
            return;
        }

        if (known is not null)
        {
            var plan = new CommitPlan();
            plan.Statements.Add(JobSql.Cancel(id, Caller.System.Name));
            await records.CommitAsync(plan, ct);
            await worker.ClearAsync(id, Caller.System.Name);
        }

        var request = new FhirRequest("POST", FhirTarget.Parse("$import", out _)!, Caller.System)
        {
            BaseUrl = "",
            Prefer = Preference.None with { Async = true },
            Content = Encoding.UTF8.GetBytes(manifest.ToJsonString()),
            ContentType = "application/json",
        };
        var begun = await store.Services.GetRequiredService<ImportOperation>().BeginAsync(request, id, isTaken: true, ct);
        if (begun.Fault is { } fault)
            throw new CliException(fault.Issues[0].Text);
    }

    private static async Task<int> TellAsync(LocalStore store, ImportProgress progress, string folder, string reportPath, bool isWanted, TimeSpan time, CancellationToken ct)
    {
        if (isWanted || File.Exists(reportPath))
            await OwnerOnly.NewFile(reportPath).DisposeAsync(); // one of an earlier run says nothing of this one
        if (progress.Fault is { } fault)
        {
            Console.WriteLine(fault + (progress.Lines > 0 ? $" {progress.Lines} lines had been done by then." : " Nothing was written."));
            return 1;
        }

        var shown = 0;
        if (progress.Errors is { } errors)
        {
            await using var report = new StreamWriter(OwnerOnly.NewFile(reportPath));
            await foreach (var part in store.Services.GetRequiredService<ExportFileReader>().ReadAsync(errors, Caller.System.Access, ct))
            {
                var text = Encoding.UTF8.GetString(part.Join().Span);
                await report.WriteAsync(text);
                foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                    if (shown++ < MostShown)
                        Console.WriteLine(Line(line, folder));
            }
        }

        if (shown > MostShown)
            Console.WriteLine($"... and {shown - MostShown} more");
        long Sum(Func<ImportInput, long> of) => progress.Inputs.Sum(of);
        var stored = Sum(i => i.Created + i.Updated + i.Unchanged);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{stored:N0} resources from {progress.Inputs.Count} files in {time.TotalSeconds:F1} s ({stored / Math.Max(time.TotalSeconds, 0.001):N0}/s): {Sum(i => i.Created)} created, {Sum(i => i.Updated)} updated, {Sum(i => i.Unchanged)} unchanged, {Sum(i => i.Skipped)} skipped, {progress.Refused} refused{(progress.Terms.IsRehearsal ? "; a dry run: nothing was written" : "")}"));
        if (progress.Missing > 0)
            Console.WriteLine($"{progress.Missing} resources are referred to and not here.");
        if (progress.Errors is not null)
            Console.WriteLine($"All of it is in {Path.GetFullPath(reportPath)}");
        return progress.Refused > 0 ? CommandLine.SomeRefused : 0;
    }

    private static string Line(string outcome, string folder)
    {
        var issues = JsonNode.Parse(outcome)!["issue"]!.AsArray();
        var text = string.Join(" | ", issues.Take(3).Select(i => i!["diagnostics"]!.GetValue<string>()));
        return (issues[0]!["severity"]!.GetValue<string>() == "warning" ? "missing  " : "refused  ") + text.Replace(ImportSources.FileScheme, folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }

    private static string IdOf(string folder, JsonObject manifest)
    {
        var text = new StringBuilder(manifest.ToJsonString());
        foreach (var input in (manifest["input"] ?? manifest["output"])!.AsArray())
            if (input?["url"]?.ToString() is { } url && url.StartsWith(ImportSources.FileScheme, StringComparison.Ordinal) && new FileInfo(Path.Combine(folder, url[ImportSources.FileScheme.Length..])) is { Exists: true } file)
                text.Append(CultureInfo.InvariantCulture, $"\n{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}");
        return "files-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16));
    }

    /// <summary>A manifest whose files lie beside it; null when the document is something else.</summary>
    private static JsonObject? ManifestIn(string path)
    {
        try
        {
            if (JsonNode.Parse(File.ReadAllBytes(path)) is not JsonObject manifest || manifest["resourceType"] is not null || (manifest["input"] ?? manifest["output"]) is not JsonArray files)
                return null;
            foreach (var file in files.OfType<JsonObject>())
                if (file["url"]?.ToString() is { } url && !Uri.TryCreate(url, UriKind.Absolute, out _))
                    file["url"] = ImportSources.FileScheme + url;
            return manifest;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
