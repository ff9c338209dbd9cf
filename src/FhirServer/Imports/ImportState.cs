using System.Globalization;
using FhirEmr.FhirServer.Imports.Kinds;
using FhirEmr.FhirServer.Imports.Mapping;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Imports;

/// <summary>How far an import is. All of it stands in its Task, which each chunk of rows is committed with (reliability ).</summary>
internal sealed record ImportState(string Id, int Version)
{
    private const int MostKept = 500;

    public required string Kind { get; init; }

    public required string FileName { get; init; }

    public required string FileHash { get; init; }

    /// <summary>The DocumentReference of the source file.</summary>
    public required string Source { get; init; }

    public required OnDuplicate OnDuplicate { get; init; }

    public required string IdentifierSystem { get; init; }

    public string? Organization { get; init; }

    public required TableMap Map { get; init; }

    public required string Stage { get; init; }

    public DateTimeOffset Begun { get; init; }

    /// <summary>Rows of the file; those before <see cref="At"/> are done.</summary>
    public int Rows { get; init; }

    public int At { get; init; }

    public int Stored { get; init; }

    public int Updated { get; init; }

    /// <summary>Those that wait for a person among them.</summary>
    public int Skipped { get; init; }

    public int Review { get; init; }

    public int Rejected { get; init; }

    /// <summary>Why rows were rejected, by line; at most 500 of them.</summary>
    public IReadOnlyList<string> Rejections { get; init; } = [];

    public int Removed { get; init; }

    public int Restored { get; init; }

    public int TakenBack { get; init; }

    /// <summary>What undo left alone, and why.</summary>
    public IReadOnlyList<string> Kept { get; init; } = [];

    /// <summary>With what became of one more row.</summary>
    public ImportState With(int line, RowPlan plan, IEnumerable<RowFault> faults)
    {
        var next = this with { At = At + 1 };
        return plan.Outcome switch
        {
            RowOutcome.Stored => next with { Stored = Stored + 1 },
            RowOutcome.Updated => next with { Updated = Updated + 1 },
            RowOutcome.Skipped => next with { Skipped = Skipped + 1 },
            RowOutcome.Review => next with { Skipped = Skipped + 1, Review = Review + 1 },
            _ => next with
            {
                Rejected = Rejected + 1,
                Rejections = Rejections.Count >= MostKept ? Rejections
                    : [.. Rejections, .. faults.Select(f => f.ToString()).DefaultIfEmpty($"line {line}: {plan.Reason}").Take(5)],
            },
        };
    }

    public ImportState Keep(string why) => Kept.Count >= MostKept ? this : this with { Kept = [.. Kept, why] };

    public FhirTask ToTask()
    {
        var task = new FhirTask
        {
            Id = Id,
            Status = Stage switch
            {
                ImportStage.Staged => FhirTask.TaskStatus.Draft,
                ImportStage.Mapped => FhirTask.TaskStatus.Ready,
                ImportStage.Committed => FhirTask.TaskStatus.Completed,
                ImportStage.Undone => FhirTask.TaskStatus.Cancelled,
                _ => FhirTask.TaskStatus.InProgress,
            },
            Intent = FhirTask.TaskIntent.Order,
            Code = new CodeableConcept(ImportUrls.TaskCode, ImportUrls.Import, "Import of a table"),
            BusinessStatus = new CodeableConcept(ImportUrls.Part, Stage),
            Focus = new ResourceReference(Source),
            AuthoredOnElement = new FhirDateTime(Begun),
            Description = $"{Kind} from {FileName}",
        };
        In("kind", new Code(Kind));
        In("file", new FhirString(FileName));
        In("hash", new FhirString(FileHash));
        In("on-duplicate", new Code(OnDuplicate.ToString().ToLowerInvariant()));
        In("identifier-system", new FhirUri(IdentifierSystem));
        if (Organization is not null)
            In("organization", new ResourceReference(Organization));
        In("map", new FhirString(Map.Write()));
        Out("rows", Rows);
        Out("at", At);
        Out("stored", Stored);
        Out("updated", Updated);
        Out("skipped", Skipped);
        Out("review", Review);
        Out("rejected", Rejected);
        if (Stage is ImportStage.Undoing or ImportStage.Undone)
        {
            Out("removed", Removed);
            Out("restored", Restored);
            Out("taken-back", TakenBack);
        }

        foreach (var text in Rejections)
            task.Output.Add(new() { Type = Word("rejection"), Value = new FhirString(text) });
        foreach (var text in Kept)
            task.Output.Add(new() { Type = Word("kept"), Value = new FhirString(text) });
        return task;

        void In(string name, DataType value) => task.Input.Add(new() { Type = Word(name), Value = value });
        void Out(string name, int value) => task.Output.Add(new() { Type = Word(name), Value = new Integer(value) });
        static CodeableConcept Word(string name) => new(ImportUrls.Part, name);
    }

    /// <summary>Null when the Task is that of something else.</summary>
    public static ImportState? Of(FhirTask task)
    {
        if (task.Code?.Coding.Exists(c => c is { System: ImportUrls.TaskCode, Code: ImportUrls.Import }) != true
            || In("kind") is not { } kind || In("map") is not { } map || In("file") is not { } file || In("hash") is not { } hash || In("identifier-system") is not { } system
            || task.Focus?.Reference is not { } source || !Enum.TryParse<OnDuplicate>(In("on-duplicate"), ignoreCase: true, out var onDuplicate)
            || task.BusinessStatus?.Coding.Find(c => c.System == ImportUrls.Part)?.Code is not { } stage)
            return null;
        try
        {
            return new(task.Id!, int.Parse(task.Meta!.VersionId!, CultureInfo.InvariantCulture))
            {
                Kind = kind,
                FileName = file,
                FileHash = hash,
                Source = source,
                OnDuplicate = onDuplicate,
                IdentifierSystem = system,
                Organization = In("organization"),
                Map = TableMap.Read(map),
                Stage = stage,
                Begun = DateTimeOffset.TryParse(task.AuthoredOn, CultureInfo.InvariantCulture, out var begun) ? begun : default,
                Rows = Out("rows"),
                At = Out("at"),
                Stored = Out("stored"),
                Updated = Out("updated"),
                Skipped = Out("skipped"),
                Review = Out("review"),
                Rejected = Out("rejected"),
                Removed = Out("removed"),
                Restored = Out("restored"),
                TakenBack = Out("taken-back"),
                Rejections = Texts("rejection"),
                Kept = Texts("kept"),
            };
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }

        string? In(string name) => task.Input.Find(i => Is(i.Type, name))?.Value switch
        {
            ResourceReference reference => reference.Reference,
            PrimitiveType primitive => primitive.ToString(),
            _ => null,
        };
        int Out(string name) => (task.Output.Find(o => Is(o.Type, name))?.Value as Integer)?.Value ?? 0;
        List<string> Texts(string name) => [.. task.Output.Where(o => Is(o.Type, name)).Select(o => (o.Value as FhirString)?.Value).OfType<string>()];
        static bool Is(CodeableConcept? type, string name) => type?.Coding.Exists(c => c is { System: ImportUrls.Part } && c.Code == name) == true;
    }
}

/// <summary>Task.businessStatus of an import.</summary>
internal static class ImportStage
{
    /// <summary>The file is there, and columns that are needed are mapped to nothing.</summary>
    public const string Staged = "staged";
    public const string Mapped = "mapped";
    public const string Committing = "committing";
    public const string Committed = "committed";
    public const string Undoing = "undoing";
    public const string Undone = "undone";
}
