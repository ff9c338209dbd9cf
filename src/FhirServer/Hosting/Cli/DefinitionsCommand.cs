using System.CommandLine;
using System.Diagnostics;
using FhirEmr.FhirServer.Validation.Definitions;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary><c>fhir-emr definitions</c>: FHIR packages, and what the server keeps of them.</summary>
internal static class DefinitionsCommand
{
    private static readonly string[] Standard = ["hl7.fhir.r4.examples@4.0.1", "hl7.terminology.r4@7.0.1"];

    public static Command Build() => new("definitions", "FHIR packages: R4's own definitions and implementation guides, for validation and terminology.")
    {
        Restore(),
        Of("build", "Work the packages of the folder into definitions.bin. A running server does so itself.", (folder, _, ct) => Task.FromResult(Build(folder, ct))),
        Of("list", "What is in use, what is wrong with it, and what is missing.", (folder, _, _) => Task.FromResult(List(folder))),
    };

    private static Command Restore()
    {
        var packages = new Argument<string[]>("packages") { Description = $"id@version of further packages; always: {string.Join(", ", Standard)}.", Arity = ArgumentArity.ZeroOrMore };
        var command = Of("restore", "Fetch the standard packages with npm, then build.", async (folder, parse, ct) =>
        {
            Directory.CreateDirectory(folder);
            var failed = false;
            foreach (var package in Standard.Concat(parse.GetValue(packages) ?? []).Distinct(StringComparer.Ordinal))
                failed |= !await FetchAsync(folder, package, ct);
            var built = Build(folder, ct);
            return failed ? 2 : built;
        });
        command.Arguments.Add(packages);
        return command;
    }

    private static Command Of(string name, string description, Func<string, ParseResult, CancellationToken, Task<int>> run)
    {
        var command = new Command(name, description) { TreatUnmatchedTokensAsErrors = false };
        command.SetAction((parse, ct) =>
            run((LocalStore.Configuration([.. parse.UnmatchedTokens]).GetSection("Definitions").Get<DefinitionsOptions>() ?? new()).Folder, parse, ct));
        return command;
    }

    private static async Task<bool> FetchAsync(string folder, string package, CancellationToken ct)
    {
        if (!package.Contains('@', StringComparison.Ordinal) || package.StartsWith('-'))
            throw new CliException($"'{package}' names no package: write id@version.");
        if (File.Exists(Path.Combine(folder, package.Replace('@', '-') + ".tgz")))
        {
            Console.WriteLine($"{package}  is here already");
            return true;
        }

        try
        {
            var start = new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["pack", "--silent", "--pack-destination", folder, package]) { RedirectStandardOutput = true };
            using var npm = Process.Start(start)!;
            await npm.StandardOutput.ReadToEndAsync(ct);
            await npm.WaitForExitAsync(ct);
            Console.WriteLine($"{package}  {(npm.ExitCode == 0 ? "fetched" : "could not be fetched")}");
            return npm.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Console.WriteLine($"{package}  npm is not installed: put {package.Replace('@', '-')}.tgz into {folder} yourself");
            return false;
        }
    }

    private static int Build(string folder, CancellationToken ct)
    {
        if (DefinitionBuild.Packages(folder).Count == 0)
        {
            Console.WriteLine($"There are no packages (*.tgz) in {folder}.");
            return 2;
        }

        var reports = DefinitionBuild.Run(folder, ct);
        Print(reports);
        return reports.Any(r => r.Problems.Count > 0) ? 2 : 0;
    }

    private static int List(string folder)
    {
        using var store = new DefinitionStore(folder, new StoredConformance());
        Print(store.Packages);
        if (store.IsStale)
            Console.WriteLine("The packages in the folder have changed since: 'fhir-emr definitions build' works them in.");
        else if (store.Packages.Count == 0)
            Console.WriteLine($"There are no packages in {folder}: 'fhir-emr definitions restore' fetches R4's own.");
        return 0;
    }

    private static void Print(IReadOnlyList<PackageReport> reports)
    {
        foreach (var report in reports)
        {
            Console.WriteLine($"{report.File}  {report.Id}#{report.Version}  {report.Definitions} definitions{(report.IsKept ? ", kept from before" : "")}");
            foreach (var problem in report.Problems)
                Console.WriteLine($"  problem  {problem}");
        }

        foreach (var (package, dependency) in PackageReport.Missing(reports))
            Console.WriteLine($"missing  {dependency}, which {package} builds on: what it defines stays unknown");
    }
}
