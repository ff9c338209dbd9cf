using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Validation.Definitions;
using FhirEmr.Terminology;
using FhirEmr.Terminology.Import;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary><c>fhir-emr terminology</c>: releases of code systems and tables about codes. A running server sees what changed within a minute.</summary>
internal static class TerminologyCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    public static Command Build() => new("terminology", "Code systems and tables about codes: load a release, list, compare and retire editions.")
    {
        Import("import"), List(), Compare(), Retire(),
    };

    /// <summary>The same under its older name, <c>import codes</c>.</summary>
    public static Command Import(string name)
    {
        var kind = new Argument<string>("kind") { Description = string.Join(" | ", ReleaseNames.Kinds.Keys.Append("fhir")) };
        var file = new Argument<string>("file") { Description = "The release as published: a file, for snomed its folder, for fhir a package (.tgz). CPT, LOINC, SNOMED CT: your own licensed copy." };
        var edition = new Option<string?>("--edition") { Description = "Release name or year, when the file name does not say it." };
        var from = new Option<DateOnly?>("--from") { Description = "First day in force, when the release does not say it." };
        var until = new Option<DateOnly?>("--until") { Description = "Last day in force." };
        var notice = new Option<string?>("--notice") { Description = "Licence or copyright line to show with the content." };
        var command = new Command(name, "Load a release. The edition in force stays until the new one is whole; the same file again changes nothing.") { kind, file, edition, from, until, notice };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parse, ct) => Task.FromResult(Run(parse.GetValue(kind)!, parse.GetValue(file)!,
            new ImportOptions(parse.GetValue(edition), parse.GetValue(from), parse.GetValue(until), parse.GetValue(notice)), [.. parse.UnmatchedTokens], ct)));
        return command;
    }

    private static int Run(string kindName, string file, ImportOptions options, string[] settings, CancellationToken ct)
    {
        if (kindName.Equals("fhir", StringComparison.OrdinalIgnoreCase))
            return Package(file, settings, ct);
        if (!ReleaseNames.Kinds.TryGetValue(kindName, out var kind))
            throw new CliException($"'{kindName}' is no kind of release: {string.Join(", ", ReleaseNames.Kinds.Keys)}, fhir.");
        if (!File.Exists(file) && !Directory.Exists(file))
            throw new CliException($"There is no file {file}.");

        var bar = new ImportBar();
        var report = Open(settings).Import(kind, file, options with { Progress = bar }, ct);
        bar.End();
        Console.WriteLine(report.Message);
        foreach (var warning in report.Warnings)
            Console.WriteLine($"warning  {warning}");
        foreach (var row in report.BadRows.Take(20))
            Console.WriteLine($"line {row.Line}{(row.Column is { } column ? $", column {column}" : "")}: expected {row.Expected}, found '{row.Found}'");
        return report.Outcome == ImportOutcome.Refused ? 2 : 0;
    }

    private static int Package(string file, string[] settings, CancellationToken ct)
    {
        if (!File.Exists(file) || !file.EndsWith(".tgz", StringComparison.OrdinalIgnoreCase))
            throw new CliException($"{file} is no FHIR package (.tgz). A single CodeSystem, ValueSet or ConceptMap is stored in the server like any resource: PUT it, or 'fhir-emr import fhir'.");
        var folder = (LocalStore.Configuration(settings).GetSection("Definitions").Get<DefinitionsOptions>() ?? new()).Folder;
        Directory.CreateDirectory(folder);
        var target = Path.Combine(folder, Path.GetFileName(file));
        if (Path.GetFullPath(target) != Path.GetFullPath(file))
            File.Copy(file, target, overwrite: true);
        DefinitionBuild.Run(folder, ct);
        Console.WriteLine($"{Path.GetFileName(file)} is among the packages in {folder}.");
        return 0;
    }

    private static Command List()
    {
        var json = new Option<bool>("--json") { Description = "As JSON." };
        var command = new Command("list", "Every edition, how it stands today, and when its next release is due.") { json };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parse, _) =>
        {
            var terminology = Open([.. parse.UnmatchedTokens]);
            var standing = terminology.Standing(Today);
            Console.WriteLine(parse.GetValue(json) ? JsonSerializer.Serialize(standing, Json) : string.Join('\n', standing.Select(Line)));
            foreach (var file in terminology.UnreadableFiles)
                Console.WriteLine($"{file} cannot be read: delete it and import the release again.");
            return Task.FromResult(0);
        });
        return command;
    }

    private static Command Compare()
    {
        var (from, to) = (new Argument<string>("from") { Description = "Edition as 'list' names it." }, new Argument<string>("to") { Description = "The newer one." });
        var limit = new Option<int>("--limit") { Description = "Most codes of each kind to show.", DefaultValueFactory = _ => 20 };
        var command = new Command("compare", "Codes that came, went and changed between two editions.") { from, to, limit };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parse, _) =>
        {
            var found = Open([.. parse.UnmatchedTokens]).Compare(parse.GetValue(from)!, parse.GetValue(to)!, parse.GetValue(limit))
                ?? throw new CliException($"There is no edition '{parse.GetValue(from)}' or no '{parse.GetValue(to)}': 'fhir-emr terminology list' names those there are.");
            Show("added", found.AddedCount, found.Added);
            Show("removed", found.RemovedCount, found.Removed);
            Show("changed", found.ChangedCount, found.Changed);
            return Task.FromResult(0);
        });
        return command;

        static void Show(string what, int count, IReadOnlyList<FhirEmr.Terminology.CodeSystems.Editions.EditionChange> changes)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} {what}"));
            foreach (var change in changes)
                Console.WriteLine($"  {change.Code,-10} {change.Display}{(change.What is null ? "" : $" ({change.What})")}");
        }
    }

    private static Command Retire()
    {
        var edition = new Argument<string>("edition") { Description = "Edition as 'list' names it." };
        var command = new Command("retire", "Take an edition out of use and delete it. Dates of service in it are judged by what is left.") { edition };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parse, _) =>
        {
            var id = parse.GetValue(edition)!;
            if (!Open([.. parse.UnmatchedTokens]).Retire(id))
                throw new CliException($"There is no imported edition '{id}': 'fhir-emr terminology list' names those there are; our own fragments stay.");
            Console.WriteLine($"{id} is gone.");
            return Task.FromResult(0);
        });
        return command;
    }

    private static DateOnly Today => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

    private static TerminologyService Open(string[] settings) =>
        new(Path.Combine((LocalStore.Configuration(settings).GetSection("Storage").Get<StorageOptions>() ?? new()).DataFolder, "terminology"), TimeProvider.System);

    private static string Line(EditionStanding standing)
    {
        var edition = standing.Edition;
        var range = edition.EffectiveFrom == DateOnly.MinValue ? "always" : $"{edition.EffectiveFrom:yyyy-MM-dd} - {(edition.EffectiveTo is { } last ? last.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "")}";
        var next = standing.DaysToNext switch
        {
            null => "",
            <= 0 and var days => string.Create(CultureInfo.InvariantCulture, $"  STALE: the next release has been in force for {-days} days"),
            var days => string.Create(CultureInfo.InvariantCulture, $"  next release in {days} days"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{edition.Id,-32} {CodeSystemUrls.NameOf(edition.System) ?? edition.System,-34} {(edition.IsComplete ? standing.State.ToString().ToLowerInvariant() : "fragment"),-10} {range,-24} {edition.RowCount,8} rows{next}");
    }

    /// <summary>Rows, rate and time left on one line of a terminal; silent where the output goes to a file.</summary>
    private sealed class ImportBar : IProgress<ImportProgress>
    {
        private readonly long started = TimeProvider.System.GetTimestamp();
        private bool isShown;

        public void Report(ImportProgress value)
        {
            if (Console.IsErrorRedirected)
                return;
            isShown = true;
            var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
            var left = value.Share > 0 ? seconds / value.Share * (1 - value.Share) : 0;
            Console.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{new string('#', (int)(value.Share * 30)),-30} {value.Rows,9} rows, {value.Rows / Math.Max(seconds, 0.001):F0}/s, {left:F0} s left "));
        }

        public void End()
        {
            if (isShown)
                Console.Error.WriteLine();
        }
    }
}
