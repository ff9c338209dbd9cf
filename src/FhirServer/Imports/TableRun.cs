using System.Globalization;
using FhirEmr.FhirServer.Imports.Kinds;
using FhirEmr.FhirServer.Imports.Mapping;
using FhirEmr.FhirServer.Rest;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Imports;

/// <summary>Commits rows, a chunk a transaction, each with its Provenance and with how far the import is: a run that was killed goes on behind the last chunk and repeats nothing.</summary>
internal sealed class TableRun(ImportDoor door, TimeProvider clock)
{
    /// <summary>Rows of one transaction.</summary>
    private const int Chunk = 100;

    private const int Attempts = 10;

    private const string DataOperation = "http://terminology.hl7.org/CodeSystem/v3-DataOperation";

    /// <returns>How far it came, and what stopped it before the end; null when nothing did.</returns>
    public async Task<(ImportState State, FhirFault? Fault)> RunAsync(FhirRequest asked, ImportState state, RowPlanner planner, Action<ImportState>? progress, CancellationToken ct)
    {
        var (size, attempts) = (Chunk, 0);
        while (state.At < state.Rows)
        {
            var rows = UpToRepeat(await planner.PlanAsync(state.At, Math.Min(size, state.Rows - state.At), ct));
            var (next, fault) = await CommitAsync(asked, state, rows, ct);
            if (fault is null)
            {
                (state, attempts, size) = (next, 0, Math.Min(Chunk, size * 2));
                progress?.Invoke(state);
            }
            else if (fault.IsConflict && attempts < Attempts)
            {
                if (await AgainAsync(fault) is { } over)
                    return over;
            }
            else if (!ImportDoor.IsRefusal(fault))
            {
                return (state, fault);
            }
            else if (rows.Count > 1)
            {
                size = Math.Max(1, rows.Count / 2); // find the row that is refused, and let the others through
            }
            else
            {
                var (row, _) = rows[0];
                var why = RowPlan.Reject(string.Join(" | ", fault.Issues.Take(3).Select(i => i.Expression is null ? i.Text : $"{i.Expression}: {i.Text}")));
                (next, var again) = await CommitAsync(asked, state, [(row, why)], ct);
                if (again is null)
                    (state, attempts) = (next, 0);
                else if (!again.IsConflict)
                    return (state, again);
                else if (await AgainAsync(again) is { } over)
                    return over;
            }
        }

        return (state, null);

        // Somebody else wrote one of these, or goes on with this import too. As long as they do, it comes forward; what is in the way for good is found and rejected like any row.
        async Task<(ImportState, FhirFault?)?> AgainAsync(FhirFault fault)
        {
            var (task, gone) = await door.ReadAsync<FhirTask>(asked, $"Task/{state.Id}", ct);
            if (task is null || ImportState.Of(task) is not { } now)
                return (state, gone ?? fault);
            if (now.Stage != ImportStage.Committing && now.Stage != ImportStage.Mapped)
                return (now, now.Stage == ImportStage.Committed ? null : fault);
            if (now.Version == state.Version && attempts >= Attempts)
                return (state, fault);
            (state, attempts) = (now, now.Version == state.Version ? attempts + 1 : 0);
            return null;
        }
    }

    /// <summary>Rows before the first that writes what one before it writes, too: it has to be laid over what that one leaves.</summary>
    internal static IReadOnlyList<(MappedRow Row, RowPlan Plan)> UpToRepeat(IReadOnlyList<(MappedRow Row, RowPlan Plan)> rows)
    {
        var written = new Dictionary<string, PlannedWrite>(StringComparer.Ordinal);
        for (var at = 0; at < rows.Count; at++)
            foreach (var write in rows[at].Plan.Writes)
                if (!written.TryAdd(write.Url, write) && !ReferenceEquals(written[write.Url], write) && at > 0) // a payer made for several rows is one write
                    return [.. rows.Take(at)];
        return rows;
    }

    private async Task<(ImportState Next, FhirFault? Fault)> CommitAsync(FhirRequest asked, ImportState state, IReadOnlyList<(MappedRow Row, RowPlan Plan)> rows, CancellationToken ct)
    {
        var next = state with { Version = state.Version + 1 };
        foreach (var (row, plan) in rows)
            next = next.With(row.Line, plan, row.Faults);
        next = next with { Stage = next.At == next.Rows ? ImportStage.Committed : ImportStage.Committing };

        var writes = rows.SelectMany(r => r.Plan.Writes).DistinctBy(w => w.Url).ToList();
        var entries = writes.Select(w => ImportDoor.Put(w.Resource, w.Base)).ToList();
        if (writes.Count > 0)
            entries.Add(ImportDoor.Put(ProvenanceOf(asked, state, writes)));
        entries.Add(ImportDoor.Put(next.ToTask(), state.Version));
        return (next, await door.CommitAsync(asked, entries, ct));
    }

    /// <summary>Of a chunk: each version it made, from which file, by whom.</summary>
    private Provenance ProvenanceOf(FhirRequest asked, ImportState state, List<PlannedWrite> writes) => new()
    {
        Id = ProvenanceId(state),
        Target = [.. writes.Select(w => new ResourceReference(w.Version))],
        Recorded = clock.GetUtcNow(),
        Activity = new CodeableConcept
        {
            Coding = writes.TrueForAll(w => w.Base == 0) ? [new Coding(DataOperation, "CREATE")] : writes.TrueForAll(w => w.Base > 0) ? [new Coding(DataOperation, "UPDATE")] : [],
            Text = "Import of a table",
        },
        Agent = [new() { Who = Who(asked) }],
        Entity = [new() { Role = Provenance.ProvenanceEntityRole.Source, What = new ResourceReference(state.Source) }],
    };

    public static ResourceReference Who(FhirRequest asked) => asked.Caller.Principal?.FhirUser is { } user
        ? new ResourceReference(user, asked.Caller.Name) : new ResourceReference { Display = asked.Caller.Name };

    /// <summary>The same for the same rows of the same import.</summary>
    private static string ProvenanceId(ImportState state) => ImportScope.IdOf(state.Id, "Provenance", state.At.ToString(CultureInfo.InvariantCulture));
}
