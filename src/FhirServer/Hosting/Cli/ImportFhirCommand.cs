using System.CommandLine;
using System.Globalization;
using FhirEmr.FhirServer.Hosting.Import;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Operations.Import;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Encryption;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary><c>fhir-emr import fhir</c>: Bundles and NDJSON from files, into this installation or a running server.</summary>
internal static class ImportFhirCommand
{
    public static Command Build()
    {
        var path = new Argument<string>("path") { Description = "A file or folder: Bundles (*.json), NDJSON (*.ndjson, *.ndjson.gz), or an export with its manifest.json." };
        var demo = new Option<bool>("--as-demo-practice") { Description = "Give providers, practices and payers of synthetic records made-up valid identities, and make Coverage of the insurance they name." };
        var to = new Option<Uri?>("--to")
        {
            Description = "FHIR base of a running server, instead of this installation's store.",
            CustomParser = given =>
            {
                if (Uri.TryCreate(given.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
                    return url;
                given.AddError($"'{given.Tokens[0].Value}' is no address of a FHIR server: give its base, as in http://127.0.0.1:8080/fhir.");
                return null;
            },
        };
        var token = new Option<string?>("--token-file") { Description = "File with the access token for --to." };
        var duplicates = new Option<OnDuplicate>("--on-duplicate") { Description = "Of NDJSON files, what becomes of a record that is here already: update, skip or fail.", DefaultValueFactory = _ => OnDuplicate.Update };
        var versions = new Option<bool>("--keep-versions") { Description = "Of NDJSON files, what is not here yet keeps number and time of its version: to restore an export." };
        var dry = new Option<bool>("--dry-run") { Description = "Of NDJSON files, check everything and write nothing." };
        var report = new Option<string?>("--report") { Description = "Where to put what was refused, as NDJSON of OperationOutcomes." };
        var json = new Option<bool>("--json") { Description = "Progress as JSON lines." };
        var command = new Command("fhir", "Load Bundles and NDJSON files. A second run of the same files changes nothing; one that was stopped is gone on with.") { path, demo, to, token, duplicates, versions, dry, report, json };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parse, ct) =>
        {
            var (from, terms) = (parse.GetValue(path)!, new ImportTerms(null, KeepsIds: true, parse.GetValue(versions), parse.GetValue(duplicates), parse.GetValue(dry)));
            if (parse.GetValue(to) is null && !parse.GetValue(demo) && ImportFilesCommand.Read(from) is var (folder, manifest))
                return ImportFilesCommand.RunAsync(folder, manifest, terms, parse.GetValue(report), parse.GetValue(json), [.. parse.UnmatchedTokens], ct);
            if (terms is not { KeepsVersions: false, OnDuplicate: OnDuplicate.Update, IsRehearsal: false })
                throw new CliException("--on-duplicate, --keep-versions and --dry-run are for NDJSON files and manifests, into this installation.");
            return RunAsync(from, parse.GetValue(demo), parse.GetValue(to), parse.GetValue(token), parse.GetValue(report), parse.GetValue(json), [.. parse.UnmatchedTokens], ct);
        });
        return command;
    }

    private static async Task<int> RunAsync(string path, bool asDemoPractice, Uri? to, string? tokenFile, string? reportPath, bool asJson, string[] settings, CancellationToken ct)
    {
        var files = ImportSource.Files(path);
        if (files.Count == 0)
            throw new CliException($"{path} has no *.json, *.ndjson or *.ndjson.gz file.");

        var progress = new JobReport(Console.Error, !asJson && !Console.IsErrorRedirected, "resources");
        ImportSummary summary;
        if (to is not null)
        {
            using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };
            if (tokenFile is not null)
                http.DefaultRequestHeaders.Authorization = new("Bearer", (await File.ReadAllTextAsync(tokenFile, ct)).Trim());
            summary = await new Import.ImportRun(new HttpTarget(http, to), progress, asDemoPractice).RunAsync(files, ct);
        }
        else
        {
            await using var store = await LocalStore.OpenAsync(settings, ct);
            summary = await new Import.ImportRun(new LocalTarget(store.Services.GetRequiredService<FhirInteractions>()), progress, asDemoPractice).RunAsync(files, ct);
        }

        if (reportPath is not null)
            OwnerOnly.WriteFile(reportPath, [.. summary.Faults.SelectMany(f => (byte[])[.. FhirFormats.ToJson(FhirFault.Of(FaultKind.Unprocessable, $"{f.Place}: {f.Text}").ToOutcome()), (byte)'\n'])]);
        foreach (var fault in summary.Faults.Take(50))
            Console.WriteLine($"refused  {fault.Place}: {fault.Text}");
        if (summary.Faults.Count > 50)
            Console.WriteLine($"... and {summary.Faults.Count - 50} more");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{summary.Resources:N0} resources from {summary.Files} files in {summary.Elapsed.TotalSeconds:F1} s ({summary.Resources / Math.Max(summary.Elapsed.TotalSeconds, 0.001):N0}/s), {summary.Faults.Count} refused"));
        return summary.Faults.Count == 0 ? 0 : CommandLine.SomeRefused;
    }
}
