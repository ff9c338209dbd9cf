using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using FhirEmr.FhirServer.Imports.Kinds;
using FhirEmr.FhirServer.Imports.Mapping;
using FhirEmr.FhirServer.Imports.Tables;
using FhirEmr.FhirServer.Operations.Matching;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Validation;
using Hl7.Fhir.Model;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Imports;

/// <summary>The steps of an import of a table: staged, mapped, previewed, committed, undone. Over HTTP and at the command line alike.</summary>
/// <remarks>Docs/import.md. Whatever is read or written, it is as whoever asks. The state is the Task of the import; the file is a Binary that its DocumentReference points to.</remarks>
internal sealed class TableImports(
    ImportDoor door, IResourceStore store, SearchParser parser, CandidateSearch candidates, IResourceValidator validator, IOptions<ValidationOptions> validation, TimeZoneInfo zone, TimeProvider clock)
{
    public const string Right = "operation:import-table";

    private const int Previewed = 100;

    /// <summary>Faults that a preview keeps; it counts all.</summary>
    private const int MostFaults = 1000;

    private readonly ImportKind[] kinds = [new PatientRows(candidates), new CoverageRows(), new AppointmentRows(), new BalanceRows(), new FeeRows()];

    public IEnumerable<string> Kinds => kinds.Select(k => k.Name);

    public ImportKind? Kind(string name) => kinds.FirstOrDefault(k => k.Name == name);

    /// <summary>What an import would begin with; nothing is kept.</summary>
    public (ImportState? State, SourceTable? Table, FhirFault? Fault) Draft(ImportOrder order)
    {
        if (!Uri.TryCreate(order.IdentifierSystem, UriKind.Absolute, out _))
            return (null, null, FhirFault.Of(FaultKind.Invalid, "identifierSystem has to be an absolute URI, as in urn:example:mrn.", code: "value"));
        var (kind, table, unreadable) = Open(order.Kind, order.File);
        if (unreadable is not null)
            return (null, null, unreadable);
        var map = TableMap.Guess(table!, kind!.Fields);
        if (order.Map is { } given)
        {
            var (fitted, faults) = TableMap.Fit(given, table!, kind.Fields, isAbout: false);
            if (fitted is null)
                return (null, null, new FhirFault(FaultKind.Unprocessable, [.. faults.Select(f => new FaultIssue("value", f))]));
            map = fitted;
        }

        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now).ToString();
        return (new ImportState(id, 1)
        {
            Kind = kind.Name,
            FileName = order.FileName,
            FileHash = Convert.ToHexStringLower(SHA256.HashData(order.File)),
            Source = $"DocumentReference/{id}-source",
            OnDuplicate = order.OnDuplicate,
            IdentifierSystem = order.IdentifierSystem,
            Organization = order.Organization,
            Map = map,
            Stage = kind.Missing(map) is null ? ImportStage.Mapped : ImportStage.Staged,
            Begun = now,
            Rows = table!.Rows.Count,
        }, table, null);
    }

    /// <summary>Keeps the file and proposes a map, or takes the one given.</summary>
    public async Task<(ImportState? State, SourceTable? Table, FhirFault? Fault)> StageAsync(FhirRequest asked, ImportOrder order, CancellationToken ct)
    {
        var (state, table, unreadable) = Draft(order);
        if (state is null)
            return (null, null, unreadable);
        var contentType = table!.Form.StartsWith("workbook", StringComparison.Ordinal) ? "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" : "text/csv";
        var binary = new Binary { Id = $"{state.Id}-file", ContentType = contentType, Data = order.File };
        var document = new DocumentReference
        {
            Id = $"{state.Id}-source",
            Status = DocumentReferenceStatus.Current,
            Type = new CodeableConcept { Text = "Source file of an import" },
            Category = [new CodeableConcept(ImportUrls.Category, "import")],
            Date = state.Begun,
            Description = order.FileName,
            Custodian = order.Organization is { } custodian ? new ResourceReference(custodian) : null,
            Content = [new() { Attachment = new Attachment { ContentType = contentType, Url = $"Binary/{binary.Id}", Title = order.FileName } }],
        };
        var fault = await door.CommitAsync(asked, [ImportDoor.Put(binary), ImportDoor.Put(document), ImportDoor.Put(state.ToTask())], ct);
        return fault is null ? (state, table, null) : (null, null, fault);
    }

    /// <summary>The import of a Task.</summary>
    public async Task<(ImportState? State, FhirFault? Fault)> StateAsync(FhirRequest asked, string id, CancellationToken ct)
    {
        var (task, fault) = await door.ReadAsync<FhirTask>(asked, $"Task/{id}", ct);
        if (task is null)
            return (null, fault);
        return ImportState.Of(task) is { } state ? (state, null) : (null, FhirFault.Of(FaultKind.Unprocessable, $"Task/{id} is no import of a table."));
    }

    /// <summary>The import of a Task, with its table read anew.</summary>
    public async Task<(ImportState? State, SourceTable? Table, FhirFault? Fault)> FindAsync(FhirRequest asked, string id, CancellationToken ct)
    {
        var (state, fault) = await StateAsync(asked, id, ct);
        if (state is null)
            return (null, null, fault);
        var (file, unread) = await door.ContentAsync(asked, $"Binary/{id}-file", ct);
        if (file is null)
            return (null, null, unread);
        if (Convert.ToHexStringLower(SHA256.HashData(file)) != state.FileHash)
            return (null, null, FhirFault.Of(FaultKind.Conflict, "The source file is not the one that was staged: stage it anew."));
        var (kind, table, unreadable) = Open(state.Kind, file);
        if (unreadable is not null)
            return (null, null, unreadable);

        // The Task may have been changed by hand.
        var (map, faults) = TableMap.Fit(state.Map, table!, kind!.Fields, isAbout: true);
        return map is null ? (null, null, new FhirFault(FaultKind.Unprocessable, [.. faults.Select(f => new FaultIssue("value", f))])) : (state with { Map = map }, table, null);
    }

    /// <summary>Takes another map, and keeps it under a name when one is given.</summary>
    public async Task<(ImportState? State, FhirFault? Fault)> MapAsync(FhirRequest asked, ImportState state, SourceTable table, TableMap given, bool isAbout, OnDuplicate? onDuplicate, string? saveAs, CancellationToken ct)
    {
        if (state.Stage is not (ImportStage.Staged or ImportStage.Mapped))
            return (null, FhirFault.Of(FaultKind.Conflict, $"The import is {state.Stage}: its map does not change any more. Stage the file anew."));
        var kind = Kind(state.Kind)!;
        var (map, faults) = TableMap.Fit(given, table, kind.Fields, isAbout);
        if (map is null)
            return (null, new FhirFault(FaultKind.Unprocessable, [.. faults.Select(f => new FaultIssue("value", f))]));
        var next = state with { Map = map, OnDuplicate = onDuplicate ?? state.OnDuplicate, Version = state.Version + 1, Stage = kind.Missing(map) is null ? ImportStage.Mapped : ImportStage.Staged };
        var entries = new List<Bundle.EntryComponent> { ImportDoor.Put(next.ToTask(), state.Version) };
        if (saveAs is not null)
            entries.Add(SavedMap(state, map, saveAs));
        if (await door.CommitAsync(asked, entries, ct) is { } fault)
            return (null, fault);
        return (next, null);
    }

    /// <summary>A map kept under a name, of the organization's or of nobody's.</summary>
    public async Task<(TableMap? Map, FhirFault? Fault)> SavedAsync(FhirRequest asked, string kind, string? organization, string name, CancellationToken ct)
    {
        var (found, fault) = await door.SearchAsync<Basic>(asked, "Basic", ct, ("identifier", $"{ImportUrls.MapName}|{SearchText.Escape(NameOf(kind, organization, name))}"));
        if (fault is not null)
            return (null, fault);
        if (found.Count != 1 || found[0].GetExtensionValue<FhirString>(ImportUrls.MapContent)?.Value is not { } json)
            return (null, FhirFault.Of(FaultKind.NotFound, $"There is no map '{name}' for {kind}{(organization is null ? "" : $" of {organization}")}."));
        try
        {
            return (TableMap.Read(json), null);
        }
        catch (JsonException)
        {
            return (null, FhirFault.Of(FaultKind.Unprocessable, $"Basic/{found[0].Id} holds no map that can be read: save it anew."));
        }
    }

    /// <summary>What a commit would do: every row takes the same way, and nothing is stored.</summary>
    public async Task<(ImportPreview? Preview, FhirFault? Fault)> PreviewAsync(FhirRequest asked, ImportState state, SourceTable table, CancellationToken ct)
    {
        if (Kind(state.Kind)!.Missing(state.Map) is { } missing)
            return (null, FhirFault.Of(FaultKind.Unprocessable, missing));
        var planner = Planner(asked, state, table);
        var (faults, first, figures) = (new List<RowFault>(), new List<(int, RowPlan)>(), state with { At = 0, Stored = 0, Updated = 0, Skipped = 0, Review = 0, Rejected = 0, Rejections = [] });
        var (total, count) = (0m, 0);
        for (var at = 0; at < table.Rows.Count; at += Previewed)
        {
            foreach (var (row, plan) in await planner.PlanAsync(at, Math.Min(Previewed, table.Rows.Count - at), ct))
            {
                figures = figures.With(row.Line, plan, row.Faults);
                IReadOnlyList<RowFault> wrong = row.Faults.Count > 0 ? row.Faults : plan.Outcome == RowOutcome.Rejected ? [new(row.Line, 0, null, plan.Reason!)] : [];
                count += wrong.Count;
                faults.AddRange(wrong.Take(MostFaults - faults.Count));
                if (first.Count < Previewed)
                    first.Add((row.Line, plan));
                total += UsdOf(plan);
            }
        }

        return (new(figures, first, faults, count, total), null);
    }

    /// <summary>Commits the rows that are left. It may be asked again whatever happened to it before.</summary>
    public async Task<(ImportState? State, FhirFault? Fault)> CommitAsync(FhirRequest asked, ImportState state, SourceTable table, Action<ImportState>? progress, CancellationToken ct)
    {
        if (state.Stage is ImportStage.Undoing or ImportStage.Undone)
            return (null, FhirFault.Of(FaultKind.Conflict, "The import was undone: stage the file anew."));
        if (Kind(state.Kind)!.Missing(state.Map) is { } missing)
            return (null, FhirFault.Of(FaultKind.Unprocessable, missing));
        if (asked.Caller.Access.LimitUsd(Right) is { } limit && state.Kind == "balances")
        {
            var (preview, fault) = await PreviewAsync(asked, state, table, ct);
            if (preview is null || preview.TotalUsd > limit)
                return (null, fault ?? FhirFault.Of(FaultKind.Forbidden, string.Create(CultureInfo.InvariantCulture, $"The balances come to {preview!.TotalUsd:0.00} US dollars; you may import up to {limit:0.00} at once.")));
        }

        if (state.Stage == ImportStage.Committed)
            return (state, null);
        if (state.Rows == 0)
        {
            var done = state with { Stage = ImportStage.Committed, Version = state.Version + 1 };
            return await door.CommitAsync(asked, [ImportDoor.Put(done.ToTask(), state.Version)], ct) is { } refused ? (null, refused) : (done, null);
        }

        var (after, stopped) = await new TableRun(door, clock).RunAsync(asked, state, Planner(asked, state, table), progress, ct);
        return stopped is null ? (after, null) : (null, stopped);
    }

    public async Task<(ImportState? State, FhirFault? Fault)> UndoAsync(FhirRequest asked, ImportState state, CancellationToken ct)
    {
        if (state.Stage is ImportStage.Staged or ImportStage.Mapped)
            return (null, FhirFault.Of(FaultKind.Conflict, "Nothing of the import is committed, so there is nothing to undo."));
        var (after, fault) = await new ImportUndo(door, store, clock, zone).RunAsync(asked, state, ct);
        return fault is null ? (after, null) : (null, fault);
    }

    private static decimal UsdOf(RowPlan plan) => plan.Writes.Select(w => w.Resource).OfType<Basic>().Select(BillingBridge.Ledger.JournalBasic.Find)
        .Sum(e => e?.Lines.Where(l => l.Account != BillingBridge.Ledger.LedgerAccount.OpeningBalance).Sum(l => Math.Abs(l.AmountUsd)) ?? 0m);

    private RowPlanner Planner(FhirRequest asked, ImportState state, SourceTable table) => new(Kind(state.Kind)!, state.Map, table,
        new ImportScope(store, parser, state.Id, state.FileHash, state.OnDuplicate, state.IdentifierSystem, asked.Caller, zone, clock.GetUtcNow()), validator, validation.Value);

    private (ImportKind? Kind, SourceTable? Table, FhirFault? Fault) Open(string name, byte[] file)
    {
        if (Kind(name) is not { } kind)
            return (null, null, FhirFault.Of(FaultKind.Invalid, $"There is no import of '{name}'; there are {string.Join(", ", Kinds)}.", code: "value"));
        try
        {
            return (kind, TableReader.Read(file), null);
        }
        catch (SourceTableException e)
        {
            return (null, null, FhirFault.Of(FaultKind.Unprocessable, e.Message, code: "structure"));
        }
    }

    private static string NameOf(string kind, string? organization, string name) => $"{kind}/{organization?["Organization/".Length..] ?? "-"}/{name}";

    private static Bundle.EntryComponent SavedMap(ImportState state, TableMap map, string name)
    {
        var basic = new Basic
        {
            Identifier = [new Identifier(ImportUrls.MapName, NameOf(state.Kind, state.Organization, name))],
            Code = new CodeableConcept(ImportUrls.Part, ImportUrls.Map, name),
        };
        basic.AddExtension(ImportUrls.MapContent, new FhirString(map.Write()));
        if (state.Organization is { } organization)
            basic.AddExtension(ImportUrls.MapOwner, new ResourceReference(organization));
        return new()
        {
            Resource = basic,
            Request = new() { Method = Bundle.HTTPVerb.PUT, Url = $"Basic?identifier={Uri.EscapeDataString($"{ImportUrls.MapName}|{SearchText.Escape(NameOf(state.Kind, state.Organization, name))}")}" },
        };
    }
}

/// <summary>What is to be imported, and how.</summary>
internal sealed record ImportOrder(string Kind, string FileName, byte[] File)
{
    public OnDuplicate OnDuplicate { get; init; } = OnDuplicate.Skip;

    public string IdentifierSystem { get; init; } = ImportUrls.DefaultIdentifiers;

    /// <summary><c>Organization/id</c> whose table it is.</summary>
    public string? Organization { get; init; }

    /// <summary>Null to have one proposed.</summary>
    public TableMap? Map { get; init; }
}

/// <param name="Figures">As the import's Task would have them.</param>
/// <param name="First">What becomes of the first rows, by line.</param>
/// <param name="Faults">The first of them.</param>
/// <param name="FaultCount">How many there are.</param>
/// <param name="TotalUsd">Of balances, what is moved.</param>
internal sealed record ImportPreview(ImportState Figures, IReadOnlyList<(int Line, RowPlan Plan)> First, IReadOnlyList<RowFault> Faults, int FaultCount, decimal TotalUsd);
