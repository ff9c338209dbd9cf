using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Operations.Export;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Encryption;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary><c>fhir-emr export</c>: this installation's records as NDJSON files with a manifest that names their hashes; <c>import fhir</c> takes it back.</summary>
/// <remarks>It is a bulk export like any other, as of one instant, whose files are fetched as soon as they are written. They are not encrypted: where they lie is up to the operator.</remarks>
internal static class ExportCommand
{
    public const string ManifestName = "manifest.json";

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Build()
    {
        var to = new Option<string>("--to") { Description = "Folder for the files; it must not hold an export already.", Required = true };
        var patient = new Option<string[]>("--patient") { Description = "Ids of patients: only what belongs to them." };
        var type = new Option<string[]>("--type") { Description = "Resource types: only these." };
        var since = new Option<string?>("--since") { Description = "An instant, as in 2026-01-31T08:00:00Z: only what was last updated later, and what was deleted since." };
        var json = new Option<bool>("--json") { Description = "Progress as JSON lines." };
        var command = new Command("export", "Write records to NDJSON files with a manifest.") { to, patient, type, since, json };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parse, ct) => RunAsync(parse.GetValue(to)!, parse.GetValue(patient) ?? [], parse.GetValue(type) ?? [], parse.GetValue(since), parse.GetValue(json), [.. parse.UnmatchedTokens], ct));
        return command;
    }

    private static async Task<int> RunAsync(string to, string[] patients, string[] types, string? since, bool asJson, string[] settings, CancellationToken ct)
    {
        if (Directory.Exists(to) && Directory.EnumerateFileSystemEntries(to).Any())
            throw new CliException($"{to} is not empty: name a new folder.");
        var query = new List<KeyValuePair<string, string>>();
        if (patients.Length > 0)
            query.Add(new("patient", string.Join(',', patients.Select(p => p.Contains('/', StringComparison.Ordinal) ? p : "Patient/" + p))));
        if (types.Length > 0)
            query.Add(new("_type", string.Join(',', types)));
        if (since is not null)
            query.Add(new("_since", since));

        await using var store = await LocalStore.OpenAsync(settings, ct);
        var interactions = store.Services.GetRequiredService<FhirInteractions>();
        var worker = store.Services.GetRequiredService<ExportWorker>();
        var accepted = await interactions.HandleAsync(Request("GET", patients.Length > 0 ? "Patient/$export" : "$export", query), ct);
        if (accepted.Fault is { } fault)
            throw new CliException(fault.Issues[0].Text);
        var status = accepted.Location!;
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var working = worker.RunOnlyAsync(JobOf(status), Caller.System.Name, stopping.Token);
        try
        {
            var manifest = await WrittenAsync(store, interactions, status, new JobReport(Console.Error, !asJson && !Console.IsErrorRedirected, "resources"), ct);
            OwnerOnly.CreateFolder(to);
            var written = await FetchAsync(interactions, manifest, to, ct);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{written:N0} resources as of {manifest["transactionTime"]} in {Path.Combine(to, ManifestName)}"));
            return 0;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped before it was done: nothing there can be used. Run it again.");
            return 130;
        }
        finally
        {
            await stopping.CancelAsync();
            await working;
            await interactions.HandleAsync(Request("DELETE", status, []), CancellationToken.None);
            await worker.ClearAsync(JobOf(status), Caller.System.Name); // what the export had written in the store is gone before the command ends
        }
    }

    private static async Task<JsonObject> WrittenAsync(LocalStore store, FhirInteractions interactions, string status, JobReport report, CancellationToken ct)
    {
        for (var written = 0L; ;)
        {
            var reply = await interactions.HandleAsync(Request("GET", status, []), ct);
            if (reply.Fault is { } fault)
                throw new CliException(fault.Issues[0].Text);
            if (reply.Status != 202)
            {
                report.Finish(written, null, 0);
                return JsonNode.Parse(reply.Json.Span)!.AsObject();
            }

            if (await store.Services.GetRequiredService<IResourceStore>().JobAsync(JobOf(status), Caller.System.Name, ct) is { } job)
                report.Show(written = ExportProgress.Read(job.Progress).Written, null, 0);
            await Task.Delay(Poll, ct);
        }
    }

    /// <summary>Each file under its own name as soon as all of it is on disk, the manifest last: without it there is no export.</summary>
    private static async Task<long> FetchAsync(FhirInteractions interactions, JsonObject manifest, string to, CancellationToken ct)
    {
        var (written, numbers) = (0L, new Dictionary<string, int>(StringComparer.Ordinal));
        foreach (var kind in (string[])["output", "deleted", "error"])
        {
            foreach (var file in manifest[kind]!.AsArray().Select(f => f!.AsObject()))
            {
                var stem = kind == "output" ? file["type"]!.GetValue<string>() : kind;
                var number = numbers[stem] = numbers.GetValueOrDefault(stem) + 1;
                var name = number == 1 ? $"{stem}.ndjson" : string.Create(CultureInfo.InvariantCulture, $"{stem}-{number}.ndjson");
                var reply = await interactions.HandleAsync(Request("GET", file["url"]!.GetValue<string>().TrimStart('/'), []), ct);
                if (reply.Fault is { } fault)
                    throw new CliException(fault.Issues[0].Text);
                (file["size"], file["sha256"]) = await SaveAsync(reply, Path.Combine(to, name), ct);
                file["url"] = name;
                written += kind == "output" ? file["count"]!.GetValue<long>() : 0;
            }
        }

        manifest.Remove("requiresAccessToken");
        OwnerOnly.WriteFile(Path.Combine(to, ManifestName), Encoding.UTF8.GetBytes(manifest.ToJsonString(Indented)));
        return written;
    }

    private static async Task<(long Size, string Sha256)> SaveAsync(FhirReply reply, string path, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var size = 0L;
        await using (var file = OwnerOnly.NewFile(path + ".new"))
        {
            await foreach (var part in reply.More!.WithCancellation(ct))
            {
                var bytes = part.Join();
                hash.AppendData(bytes.Span);
                size += bytes.Length;
                await file.WriteAsync(bytes, ct);
            }

            file.Flush(flushToDisk: true);
        }

        File.Move(path + ".new", path);
        return (size, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static string JobOf(string status) => status.Split('/')[1];

    private static FhirRequest Request(string method, string path, IReadOnlyList<KeyValuePair<string, string>> query) =>
        new(method, FhirTarget.Parse(path, out _)!, Caller.System) { BaseUrl = "", Query = query, Prefer = Preference.None with { Async = true } };
}
