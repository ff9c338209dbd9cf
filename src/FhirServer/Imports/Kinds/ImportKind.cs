using FhirEmr.FhirServer.Imports.Mapping;

namespace FhirEmr.FhirServer.Imports.Kinds;

/// <summary>A sort of table: what its columns can say, and what a row becomes.</summary>
internal abstract class ImportKind(string name, IReadOnlyList<ImportField> fields)
{
    public string Name { get; } = name;

    public IReadOnlyList<ImportField> Fields { get; } = fields;

    /// <summary>Of each list at least one has to be mapped.</summary>
    public abstract IReadOnlyList<string[]> Needs { get; }

    /// <summary>What the row itself lacks, before anything is looked up.</summary>
    public abstract void Check(MappedRow row);

    /// <summary>What two rows of a file cannot both say.</summary>
    public abstract IEnumerable<string> Keys(MappedRow row);

    /// <summary>What becomes of a row that <see cref="Check"/> found nothing against. It may still find faults, by what is in the record.</summary>
    public abstract Task<RowPlan> PlanAsync(MappedRow row, ImportScope scope, CancellationToken ct);

    /// <summary>Looks up at once what the rows to come will ask for.</summary>
    public virtual Task PrepareAsync(IReadOnlyList<MappedRow> rows, ImportScope scope, CancellationToken ct) => Task.CompletedTask;

    /// <summary>What is missing before the map can be used; null when nothing is.</summary>
    public string? Missing(TableMap map)
    {
        var missing = Needs.Where(any => !any.Any(f => map.Columns.Any(c => c.Field == f))).Select(any => string.Join(" or ", any)).ToList();
        return missing.Count == 0 ? null : $"No column is mapped to {string.Join(", nor to ", missing)}.";
    }
}
