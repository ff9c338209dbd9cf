using FhirEmr.FhirServer.Imports.Kinds;
using FhirEmr.FhirServer.Imports.Mapping;
using FhirEmr.FhirServer.Imports.Tables;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Validation;

namespace FhirEmr.FhirServer.Imports;

/// <summary>Rows → what becomes of them. Preview and commit take the same way, so that one shows what the other does.</summary>
internal sealed class RowPlanner(ImportKind kind, TableMap map, SourceTable table, ImportScope scope, IResourceValidator validator, ValidationOptions validation)
{
    private readonly ValueReader reader = new(map.Dates, scope.Today);
    private readonly Dictionary<string, ImportField> fields = kind.Fields.ToDictionary(f => f.Name);
    private readonly Dictionary<string, (int Line, string Content)> seen = new(StringComparer.Ordinal);
    private int noted;

    public async Task<IReadOnlyList<(MappedRow Row, RowPlan Plan)>> PlanAsync(int from, int count, CancellationToken ct)
    {
        scope.Forget();
        for (; noted < from; noted++)
            _ = SeenBefore(Mapped(noted)); // stored by an earlier run, or by another

        var rows = Enumerable.Range(from, count).Select(Mapped).ToList();
        await kind.PrepareAsync([.. rows.Where(r => r.Faults.Count == 0)], scope, ct);
        var plans = new List<(MappedRow, RowPlan)>(count);
        foreach (var row in rows)
        {
            ct.ThrowIfCancellationRequested();
            var plan = SeenBefore(row) ?? (row.Faults.Count > 0 ? RowPlan.Reject("") : await kind.PlanAsync(row, scope, ct));
            if (row.Faults.Count == 0)
                Validate(row, plan, ct);
            plans.Add((row, row.Faults.Count > 0 ? RowPlan.Reject("") : plan));
        }

        noted = Math.Max(noted, from + count);
        return plans;
    }

    private MappedRow Mapped(int index)
    {
        var row = MappedRow.Of(table.Rows[index], map, fields, reader);
        if (row.Faults.Count == 0)
            kind.Check(row);
        return row;
    }

    /// <summary>A file that says a thing twice says it once; one that says two things of the same is asked which.</summary>
    private RowPlan? SeenBefore(MappedRow row)
    {
        if (row.Faults.Count > 0)
            return null;
        RowPlan? plan = null;
        foreach (var key in kind.Keys(row))
            if (!seen.TryAdd(key, (row.Line, row.Content)) && seen[key] is var before && before.Line != row.Line)
                plan ??= before.Content == row.Content ? RowPlan.Skip($"It repeats line {before.Line}.") : RowPlan.Reject($"Line {before.Line} is about the same {key.Split(' ')[0]}, and says otherwise: leave one of the two.");
        return plan;
    }

    /// <summary>Where the server refuses what is not valid, the preview says so before.</summary>
    private void Validate(MappedRow row, RowPlan plan, CancellationToken ct)
    {
        foreach (var write in plan.Writes)
        {
            if ((validation.Write.Types.TryGetValue(write.Resource.TypeName, out var mode) ? mode : validation.Write.Default) != WriteMode.Strict)
                continue;
            foreach (var issue in validator.Validate(new(FhirFormats.ToJson(write.Resource), []), validation, ct).Issues.Where(i => i.Severity == Severity.Error).Take(5))
                row.Fault("", $"{issue.Path}: {issue.Text}");
        }
    }
}
