using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FhirEmr.FhirServer.Imports;
using FhirEmr.FhirServer.Imports.Kinds;
using FhirEmr.FhirServer.Imports.Mapping;
using FhirEmr.FhirServer.Imports.Tables;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary><c>fhir-emr import csv</c>: a table of another system into this installation (docs/import.md). What could be stored is; 5 says that rows were rejected.</summary>
internal static class ImportCsvCommand
{
    private const int MostShown = 50;

    public static Command Build()
    {
        var path = new Argument<string>("file") { Description = "A CSV file or an Excel workbook (.xlsx); with --resume or --undo the id of an import." };
        var kind = new Option<string?>("--kind") { Description = "What its rows are: patients, coverages, appointments, balances or fees." };
        var map = new Option<string?>("--map") { Description = "File with the map of its columns; --dry-run prints one to begin with." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Tell what would become of each row, and store nothing." };
        var onDuplicate = new Option<OnDuplicate>("--on-duplicate") { Description = "What to do with a row that is in the record already: skip, update or task (a person decides).", DefaultValueFactory = _ => OnDuplicate.Skip };
        var system = new Option<string>("--identifier-system") { Description = "System of the patients' numbers in the file.", DefaultValueFactory = _ => ImportUrls.DefaultIdentifiers };
        var resume = new Option<bool>("--resume") { Description = "Go on with an import that was stopped." };
        var undo = new Option<bool>("--undo") { Description = "Take back what an import made and nobody has changed since." };
        var command = new Command("csv", "Load a table: patients, coverages, appointments, opening balances or fees.") { path, kind, map, dryRun, onDuplicate, system, resume, undo };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parse, ct) => RunAsync(
            parse.GetValue(path)!, parse.GetValue(kind), parse.GetValue(map), parse.GetValue(dryRun), parse.GetValue(onDuplicate), parse.GetValue(system)!, parse.GetValue(resume), parse.GetValue(undo),
            [.. parse.UnmatchedTokens], ct));
        return command;
    }

    private static async Task<int> RunAsync(
        string path, string? kind, string? mapFile, bool isDryRun, OnDuplicate onDuplicate, string system, bool isResumed, bool isUndone, string[] settings, CancellationToken ct)
    {
        if (isResumed && isUndone)
            throw new CliException("Either --resume or --undo.");
        if (!isResumed && !isUndone && kind is null)
            throw new CliException("--kind is needed: patients, coverages, appointments, balances or fees.");
        if (!isResumed && !isUndone && !File.Exists(path))
            throw new CliException($"There is no file {path}.");
        await using var store = await LocalStore.OpenAsync(settings, ct);
        var imports = store.Services.GetRequiredService<TableImports>();
        var asked = new FhirRequest("POST", FhirTarget.Parse("", out _)!, Caller.System with { Name = $"{Environment.UserName} at the command line" }) { BaseUrl = "" };
        if (isUndone)
            return await UndoAsync(imports, asked, path, ct);

        ImportState state;
        SourceTable table;
        if (isResumed)
        {
            var found = await imports.FindAsync(asked, path, ct);
            (state, table) = (found.State ?? throw Refused(found.Fault!), found.Table!);
        }
        else
        {
            var order = new ImportOrder(kind!, Path.GetFileName(path), await File.ReadAllBytesAsync(path, ct)) { OnDuplicate = onDuplicate, IdentifierSystem = system, Map = mapFile is null ? null : await MapAsync(mapFile, ct) };
            var begun = isDryRun ? imports.Draft(order) : await imports.StageAsync(asked, order, ct);
            (state, table) = (begun.State ?? throw Refused(begun.Fault!), begun.Table!);
        }

        if (isDryRun)
            return await PreviewAsync(imports, asked, state, table, ct);
        Console.Error.WriteLine($"import {state.Id}: {table.Form}, {table.Rows.Count} rows; if it is stopped, go on with: import csv {state.Id} --resume");
        var (after, fault) = await imports.CommitAsync(asked, state, table, at => Console.Error.WriteLine($"{at.At} of {at.Rows}"), ct);
        if (after is null)
            throw Refused(fault!);
        foreach (var why in after.Rejections.Take(MostShown))
            Console.WriteLine($"rejected {why}");
        Print(after);
        Console.WriteLine($"import   {after.Id}");
        return after.Rejected == 0 ? 0 : CommandLine.SomeRefused;
    }

    private static async Task<int> PreviewAsync(TableImports imports, FhirRequest asked, ImportState state, SourceTable table, CancellationToken ct)
    {
        Console.WriteLine(table.Form);
        foreach (var column in state.Map.Columns)
            Console.WriteLine($"column   {column.Header} -> {column.Field ?? "(not imported)"}");
        Console.WriteLine($"map      {state.Map.Write()}");
        var (preview, fault) = await imports.PreviewAsync(asked, state, table, ct);
        if (preview is null)
            throw Refused(fault!);
        foreach (var one in preview.Faults.Take(MostShown))
            Console.WriteLine($"fault    {one}");
        if (preview.FaultCount > MostShown)
            Console.WriteLine($"... and {preview.FaultCount - MostShown} more");
        Print(preview.Figures);
        if (state.Kind == "balances")
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"balances {preview.TotalUsd:0.00} US dollars"));
        return preview.Figures.Rejected == 0 ? 0 : CommandLine.SomeRefused;
    }

    private static async Task<int> UndoAsync(TableImports imports, FhirRequest asked, string id, CancellationToken ct)
    {
        var (state, unknown) = await imports.StateAsync(asked, id, ct);
        var (after, fault) = await imports.UndoAsync(asked, state ?? throw Refused(unknown!), ct);
        if (after is null)
            throw Refused(fault!);
        foreach (var why in after.Kept.Take(MostShown))
            Console.WriteLine($"kept     {why}");
        Console.WriteLine($"removed {after.Removed}, restored {after.Restored}, taken back {after.TakenBack}, kept {after.Kept.Count}");
        return after.Kept.Count == 0 ? 0 : CommandLine.SomeRefused;
    }

    private static void Print(ImportState state) =>
        Console.WriteLine($"rows     {state.At} = {state.Stored} stored + {state.Updated} updated + {state.Skipped} skipped ({state.Review} for review) + {state.Rejected} rejected");

    private static async Task<TableMap> MapAsync(string file, CancellationToken ct)
    {
        try
        {
            return TableMap.Read(await File.ReadAllTextAsync(file, ct));
        }
        catch (JsonException e)
        {
            throw new CliException($"--map {file} is no map: {e.Message} --dry-run prints one to begin with.");
        }
    }

    private static CliException Refused(FhirFault fault) => new(string.Join(Environment.NewLine, fault.Issues.Select(i => i.Text)));
}
