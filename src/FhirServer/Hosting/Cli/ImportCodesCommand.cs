using System.CommandLine;
using FhirEmr.FhirServer.Storage;
using FhirEmr.Terminology;
using FhirEmr.Terminology.Import;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary><c>fhir-emr import codes</c>: an official release file into the terminology of this installation.</summary>
internal static class ImportCodesCommand
{
    private static readonly Dictionary<string, ReleaseKind> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["icd10cm"] = ReleaseKind.Icd10Cm,
        ["hcpcs"] = ReleaseKind.Hcpcs,
        ["cpt"] = ReleaseKind.Cpt,
        ["cpt-modifiers"] = ReleaseKind.CptModifiers,
    };

    public static Command Build()
    {
        var kind = new Argument<string>("kind") { Description = string.Join(" | ", Kinds.Keys) };
        var file = new Argument<string>("file") { Description = "The release file as published (CPT: your own licensed copy)." };
        var edition = new Option<string?>("--edition") { Description = "Release name or year, when the file name does not say it." };
        var from = new Option<DateOnly?>("--from") { Description = "First day in force, when the release does not say it." };
        var until = new Option<DateOnly?>("--until") { Description = "Last day in force." };
        var command = new Command("codes", "Load a code release: ICD-10-CM, HCPCS or CPT. A running server sees it within a minute.") { kind, file, edition, from, until };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parse, ct) => Task.FromResult(Run(parse.GetValue(kind)!, parse.GetValue(file)!,
            new ImportOptions(parse.GetValue(edition), parse.GetValue(from), parse.GetValue(until)), [.. parse.UnmatchedTokens], ct)));
        return command;
    }

    private static int Run(string kindName, string file, ImportOptions options, string[] settings, CancellationToken ct)
    {
        if (!Kinds.TryGetValue(kindName, out var kind))
            throw new CliException($"'{kindName}' is no kind of release: {string.Join(", ", Kinds.Keys)}.");
        if (!File.Exists(file))
            throw new CliException($"There is no file {file}.");

        var configuration = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
            .AddEnvironmentVariables("FHIREMR__").AddCommandLine(settings).Build();
        var storage = configuration.GetSection("Storage").Get<StorageOptions>() ?? new();
        var report = new TerminologyService(Path.Combine(storage.DataFolder, "terminology"), TimeProvider.System).Import(kind, file, options, ct);
        Console.WriteLine(report.Message);
        foreach (var warning in report.Warnings)
            Console.WriteLine($"warning  {warning}");
        foreach (var row in report.BadRows.Take(20))
            Console.WriteLine($"line {row.Line}: expected {row.Expected}, found '{row.Found}'");
        return report.Outcome == ImportOutcome.Refused ? 2 : 0;
    }
}
