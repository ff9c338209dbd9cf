using System.CommandLine;
using System.Globalization;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary><c>fhir-emr import ccda</c>: C-CDA documents and XDM packages from files into this installation, one transaction a document.</summary>
internal static class ImportCcdaCommand
{
    public static Command Build()
    {
        var path = new Argument<string>("path") { Description = "A file or folder: C-CDA documents (*.xml) and XDM packages (*.zip)." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Tell what would be done, and write nothing." };
        var patient = new Option<string?>("--patient") { Description = "The id of the patient that the documents are about; otherwise it is found by the documents' own words." };
        var confirmed = new Option<bool>("--confirmed") { Description = "With --patient: somebody has compared both, take it although the document describes another person." };
        var details = new Option<bool>("--details") { Description = "Name every statement that is not stored, with its reason." };
        var command = new Command("ccda", "Load C-CDA documents. A second run of the same files changes nothing.") { path, dryRun, patient, confirmed, details };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parse, ct) => RunAsync(parse.GetValue(path)!, parse.GetValue(dryRun), parse.GetValue(patient), parse.GetValue(confirmed), parse.GetValue(details), [.. parse.UnmatchedTokens], ct));
        return command;
    }

    private static async Task<int> RunAsync(string path, bool isDryRun, string? patient, bool isConfirmed, bool withDetails, string[] settings, CancellationToken ct)
    {
        var files = InputFiles.Of(path, ".xml", ".zip");
        if (files.Count == 0)
            throw new CliException($"{path} has no *.xml or *.zip file.");
        if (FhirTarget.Parse(patient is null ? "$import-ccda" : $"Patient/{patient}/$import-ccda", out _) is not { } target)
            throw new CliException($"'{patient}' is no id of a patient.");

        await using var store = await LocalStore.OpenAsync(settings, ct);
        var interactions = store.Services.GetRequiredService<FhirInteractions>();
        var (totals, refused) = (new int[6], 0);
        foreach (var file in files)
        {
            var request = new FhirRequest("POST", target, Caller.System)
            {
                Content = await File.ReadAllBytesAsync(file, ct),
                ContentType = file.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) ? "application/zip" : "application/cda+xml",
                Query = [new("dryRun", isDryRun ? "true" : "false"), new("confirmed", isConfirmed ? "true" : "false")],
                BaseUrl = "",
            };
            var reply = await interactions.HandleAsync(request, ct);
            if (reply.Fault is { } fault)
            {
                refused++;
                Console.WriteLine($"refused  {file}: {string.Join(" | ", fault.Issues.Take(3).Select(i => i.Text))}");
                continue;
            }

            foreach (var result in FhirFormats.Parse<Parameters>(reply.Json.Span).Parameter.Where(p => p.Name == "result"))
                if (result.Part.Find(p => p.Name == "refused")?.Resource is OperationOutcome outcome)
                {
                    refused++;
                    Console.WriteLine($"refused  {file}, {Text(result, "name")}: {outcome.Issue.FirstOrDefault()?.Diagnostics}");
                }
                else
                {
                    Report(file, result, totals, withDetails);
                }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{files.Count} files: {totals[0]} statements in = {totals[1]} stored + {totals[2]} skipped + {totals[3]} rejected; {totals[4]} resources created, {totals[5]} updated{(refused > 0 ? $"; {refused} documents refused" : "")}{(isDryRun ? " (dry run: nothing is written)" : "")}"));
        return totals[3] > 0 || refused > 0 ? CommandLine.SomeRefused : 0;
    }

    private static void Report(string file, Parameters.ParameterComponent result, int[] totals, bool withDetails)
    {
        string[] names = ["in", "stored", "skipped", "rejected", "created", "updated"];
        for (var i = 0; i < names.Length; i++)
            totals[i] += Number(result, names[i]);
        var review = (result.Part.Find(p => p.Name == "review")?.Value as ResourceReference)?.Reference;
        Console.WriteLine($"{(review is null ? "done    " : "held    ")} {file}: {(result.Part.Find(p => p.Name == "patient")?.Value as ResourceReference)?.Reference ?? $"whose it is has to be said, see {review}"}, "
            + string.Join(", ", names.Select(n => $"{Number(result, n).ToString(CultureInfo.InvariantCulture)} {n}")));
        foreach (var detail in result.Part.Where(p => p.Name == "detail" && (withDetails || Text(p, "outcome") == "rejected")))
            Console.WriteLine($"         {Text(detail, "outcome")}  {Text(detail, "place")}: {Text(detail, "reason")}");
    }

    private static int Number(Parameters.ParameterComponent of, string part) => (of.Part.Find(p => p.Name == part)?.Value as Integer)?.Value ?? 0;

    private static string? Text(Parameters.ParameterComponent of, string part) => of.Part.Find(p => p.Name == part)?.Value?.ToString();
}
