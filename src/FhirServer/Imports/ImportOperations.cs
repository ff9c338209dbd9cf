using FhirEmr.FhirServer.Imports.Kinds;
using FhirEmr.FhirServer.Imports.Mapping;
using FhirEmr.FhirServer.Imports.Tables;
using FhirEmr.FhirServer.Operations;
using FhirEmr.FhirServer.Rest;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Imports;

/// <summary>
/// <c>POST $import-table</c> stages a file; <c>Task/[id]/$import-map</c>, <c>$import-preview</c>, <c>$import-commit</c> and <c>$import-undo</c> go on with it. Each needs the right
/// <c>operation:import-table</c> beside the rights on what is read and written (docs/import.md). Answers 200 with Parameters; 400, 403, 404, 409, 422.
/// </summary>
internal sealed class ImportOperations(TableImports imports, ImportDoor door)
{
    private const string Definitions = "urn:fhiremr:OperationDefinition:";

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        ImportOperations Imports() => services.GetRequiredService<ImportOperations>();
        yield return new("import-table", Definitions + "import-table", [], false, false, true, (r, ct) => Imports().StageAsync(r, ct));
        yield return new("import-map", Definitions + "Task-import-map", ["Task"], false, true, true, (r, ct) => Imports().MapAsync(r, ct)) { Right = TableImports.Right };
        yield return new("import-preview", Definitions + "Task-import-preview", ["Task"], false, true, false, (r, ct) => Imports().PreviewAsync(r, ct)) { Right = TableImports.Right };
        yield return new("import-commit", Definitions + "Task-import-commit", ["Task"], false, true, true, (r, ct) => Imports().CommitAsync(r, ct)) { Right = TableImports.Right };
        yield return new("import-undo", Definitions + "Task-import-undo", ["Task"], false, true, true, (r, ct) => Imports().UndoAsync(r, ct)) { Right = TableImports.Right };
    }

    private async Task<FhirReply> StageAsync(FhirRequest request, CancellationToken ct)
    {
        var input = ImportInput.Read(request, "kind", "content", "binary", "name", "onDuplicate", "map", "organization", "identifierSystem");
        var (kind, content, binary, organization) = (input.Text("kind"), input.Bytes("content"), input.Id("binary", "Binary"), input.Id("organization", "Organization"));
        var (name, onDuplicate, mapName, system) = (input.Text("name"), input.Word<OnDuplicate>("onDuplicate"), input.Text("map"), input.Text("identifierSystem"));
        if (kind is null || imports.Kind(kind) is null)
            input.Refuse($"The parameter kind is needed: {string.Join(", ", imports.Kinds)}.", "required");
        if ((content is null) == (binary is null))
            input.Refuse("Send the file as content (valueBase64Binary), or store it and name it as binary (valueReference).", "required");
        if (name is { Length: > 200 } || name?.Any(char.IsControl) == true)
            input.Refuse("name has to be a file's name of at most 200 characters.");
        if (input.Fault is { } fault)
            return FhirReply.Refuse(fault);
        if (binary is not null)
        {
            (content, var unread) = await door.ContentAsync(request, $"Binary/{binary}", ct);
            if (content is null)
                return FhirReply.Refuse(unread!);
        }

        TableMap? map = null;
        var owner = organization is null ? null : "Organization/" + organization;
        if (mapName is not null)
        {
            (map, var unknown) = await imports.SavedAsync(request, kind!, owner, mapName, ct);
            if (map is null)
                return FhirReply.Refuse(unknown!);
        }

        var order = new ImportOrder(kind!, name ?? $"{kind}.csv", content!) { OnDuplicate = onDuplicate ?? OnDuplicate.Skip, IdentifierSystem = system ?? ImportUrls.DefaultIdentifiers, Organization = owner, Map = map };
        var (state, table, refused) = await imports.StageAsync(request, order, ct);
        return state is null ? FhirReply.Refuse(refused!) : FhirReply.Of(Map(state, table!));
    }

    private async Task<FhirReply> MapAsync(FhirRequest request, CancellationToken ct)
    {
        var input = ImportInput.Read(request, "column", "dates", "onDuplicate", "map", "save");
        var (columns, dates, onDuplicate, named, save) = (input.Columns(), input.Word<DateOrder>("dates"), input.Word<OnDuplicate>("onDuplicate"), input.Text("map"), input.Text("save"));
        if (save is { Length: > 100 } || save?.IndexOf('/', StringComparison.Ordinal) >= 0)
            input.Refuse("save has to be a name of at most 100 characters without a slash.");
        if (input.Fault is { } fault)
            return FhirReply.Refuse(fault);
        var (state, table, unknown) = await imports.FindAsync(request, request.Target.Id!, ct);
        if (state is null)
            return FhirReply.Refuse(unknown!);
        var map = columns.Count > 0 ? state.Map with { Columns = Over(state.Map, columns) } : state.Map;
        if (named is not null)
        {
            var (saved, missing) = await imports.SavedAsync(request, state.Kind, state.Organization, named, ct);
            if (saved is null)
                return FhirReply.Refuse(missing!);
            map = saved;
        }

        var (next, refused) = await imports.MapAsync(request, state, table!, map with { Dates = dates ?? map.Dates }, named is null, onDuplicate, save, ct);
        return next is null ? FhirReply.Refuse(refused!) : FhirReply.Of(Map(next, table!));
    }

    /// <summary>The columns named are as named; a field that moves leaves the column it was at, and the others stay.</summary>
    private static IReadOnlyList<MappedColumn> Over(TableMap map, IReadOnlyList<MappedColumn> given) =>
    [
        .. given,
        .. map.Columns.Where(c => given.All(g => ValueReader.Plain(g.Header) != ValueReader.Plain(c.Header)))
            .Select(c => c.Field is not null && given.Any(g => g.Field == c.Field) ? c with { Field = null } : c),
    ];

    private async Task<FhirReply> PreviewAsync(FhirRequest request, CancellationToken ct)
    {
        var input = ImportInput.Read(request, "rows");
        var shown = input.Number("rows", 100) ?? 5;
        if (input.Fault is { } fault)
            return FhirReply.Refuse(fault);
        var (state, table, unknown) = await imports.FindAsync(request, request.Target.Id!, ct);
        if (state is null)
            return FhirReply.Refuse(unknown!);
        var (preview, refused) = await imports.PreviewAsync(request, state, table!, ct);
        if (preview is null)
            return FhirReply.Refuse(refused!);

        var answer = Map(state, table!);
        Figures(answer, preview.Figures);
        if (state.Kind == "balances")
            answer.Add("total", new Money { Value = preview.TotalUsd, Currency = Money.Currencies.USD });
        foreach (var (line, plan) in preview.First.Take(shown))
        {
            var part = new Parameters.ParameterComponent { Name = "row", Part = [new() { Name = "line", Value = new PositiveInt(line) }, new() { Name = "outcome", Value = new Code(plan.Outcome.ToString().ToLowerInvariant()) }] };
            if (plan.Reason is { Length: > 0 } reason)
                part.Part.Add(new() { Name = "reason", Value = new FhirString(reason) });
            part.Part.AddRange(plan.Writes.Select(w => new Parameters.ParameterComponent { Name = "resource", Resource = w.Resource }));
            answer.Parameter.Add(part);
        }

        foreach (var one in preview.Faults)
        {
            var part = new Parameters.ParameterComponent { Name = "fault", Part = [new() { Name = "line", Value = new PositiveInt(one.Line) }] };
            if (one.Column > 0)
                part.Part.Add(new() { Name = "column", Value = new PositiveInt(one.Column) });
            if (one.Header is { Length: > 0 } header)
                part.Part.Add(new() { Name = "header", Value = new FhirString(header) });
            part.Part.Add(new() { Name = "text", Value = new FhirString(one.Text) });
            answer.Parameter.Add(part);
        }

        answer.Add("faults", new Integer(preview.FaultCount));
        return FhirReply.Of(answer);
    }

    private async Task<FhirReply> CommitAsync(FhirRequest request, CancellationToken ct)
    {
        if (ImportInput.Read(request).Fault is { } fault)
            return FhirReply.Refuse(fault);
        var (state, table, unknown) = await imports.FindAsync(request, request.Target.Id!, ct);
        if (state is null)
            return FhirReply.Refuse(unknown!);
        var (after, refused) = await imports.CommitAsync(request, state, table!, null, ct);
        return after is null ? FhirReply.Refuse(refused!) : FhirReply.Of(Report(after));
    }

    private async Task<FhirReply> UndoAsync(FhirRequest request, CancellationToken ct)
    {
        if (ImportInput.Read(request).Fault is { } fault)
            return FhirReply.Refuse(fault);
        var (state, unknown) = await imports.StateAsync(request, request.Target.Id!, ct);
        if (state is null)
            return FhirReply.Refuse(unknown!);
        var (after, refused) = await imports.UndoAsync(request, state, ct);
        return after is null ? FhirReply.Refuse(refused!) : FhirReply.Of(Report(after));
    }

    private Parameters Map(ImportState state, SourceTable table)
    {
        var answer = Head(state);
        answer.Add("form", new FhirString(table.Form));
        answer.Add("rows", new Integer(table.Rows.Count));
        answer.Add("dates", new Code(System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(state.Map.Dates.ToString())));
        foreach (var column in state.Map.Columns)
        {
            var part = new Parameters.ParameterComponent { Name = "column", Part = [new() { Name = "header", Value = new FhirString(column.Header.Length == 0 ? "(no header)" : column.Header) }] };
            if (column.Field is not null)
                part.Part.Add(new() { Name = "field", Value = new Code(column.Field) });
            answer.Parameter.Add(part);
        }

        if (imports.Kind(state.Kind)!.Missing(state.Map) is { } missing)
            answer.Add("missing", new FhirString(missing));
        return answer;
    }

    private static Parameters Report(ImportState state)
    {
        var answer = Head(state);
        answer.Add("rows", new Integer(state.Rows));
        Figures(answer, state);
        if (state.Stage is ImportStage.Undoing or ImportStage.Undone)
        {
            answer.Add("removed", new Integer(state.Removed));
            answer.Add("restored", new Integer(state.Restored));
            answer.Add("takenBack", new Integer(state.TakenBack));
        }

        foreach (var why in state.Rejections)
            answer.Add("rejection", new FhirString(why));
        foreach (var why in state.Kept)
            answer.Add("kept", new FhirString(why));
        return answer;
    }

    private static Parameters Head(ImportState state)
    {
        var answer = new Parameters();
        answer.Add("import", new ResourceReference($"Task/{state.Id}"));
        answer.Add("source", new ResourceReference(state.Source));
        answer.Add("stage", new Code(state.Stage));
        return answer;
    }

    private static void Figures(Parameters answer, ImportState state)
    {
        answer.Add("stored", new Integer(state.Stored));
        answer.Add("updated", new Integer(state.Updated));
        answer.Add("skipped", new Integer(state.Skipped));
        answer.Add("review", new Integer(state.Review));
        answer.Add("rejected", new Integer(state.Rejected));
    }
}
