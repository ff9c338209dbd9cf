using System.Globalization;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Imports;

/// <summary>Takes back what an import made and nobody has changed since: what it created is deleted, what it updated gets its content of before, a balance its opposite entry.</summary>
/// <remarks>
/// Provenance says which versions the import made; one that is still the current version is untouched. What is undone leaves the Provenance in the same transaction, so a run that was
/// killed goes on with the rest. What stays is named with its reason: it was changed since, or other records refer to it.
/// </remarks>
internal sealed class ImportUndo(ImportDoor door, IResourceStore store, TimeProvider clock, TimeZoneInfo zone)
{
    public async Task<(ImportState State, FhirFault? Fault)> RunAsync(FhirRequest asked, ImportState state, CancellationToken ct)
    {
        state = state with { Stage = ImportStage.Undoing };

        // What refers goes before what it refers to; since that is not known from the order alone, there is another turn as long as a turn helped.
        while (true)
        {
            var before = state.Removed;
            state = state with { Kept = [] };
            var (provenances, unread) = await door.SearchAsync<Provenance>(asked, "Provenance", ct, ("entity", state.Source));
            if (unread is not null)
                return (state, unread);
            var all = provenances.OrderByDescending(p => p.Recorded).ToList();
            foreach (var provenance in all)
            {
                (state, var fault) = await ChunkAsync(asked, state, provenance, all, ct);
                if (fault is not null)
                    return (state, fault);
            }

            if (state.Removed == before || state.Kept.Count == 0)
                break;
        }

        var done = state with { Stage = ImportStage.Undone, Version = state.Version + 1 };
        var last = await door.CommitAsync(asked, [ImportDoor.Put(done.ToTask(), state.Version)], ct);
        return last is null ? (done, null) : (state, last);
    }

    private async Task<(ImportState State, FhirFault? Fault)> ChunkAsync(FhirRequest asked, ImportState state, Provenance provenance, List<Provenance> all, CancellationToken ct)
    {
        var (steps, kept) = (new List<Step>(), new List<string>());
        var targets = all.SelectMany(p => p.Target).Select(t => t.Reference).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var target in provenance.Target.Select(t => t.Reference).OfType<string>())
        {
            if (Beside(target, 1) is { } later && targets.Contains(later))
                continue; // the import went on with the record: taken back with the last of its versions
            var step = await StepAsync(asked, target, targets, ct);
            if (step.Kept is { } why)
                kept.Add(why);
            else
                steps.Add(step);
        }

        foreach (var why in kept)
            state = state.Keep(why);
        if (steps.Count == 0)
            return (state, null);

        var (next, fault) = await CommitAsync(asked, state, all, steps, ct);
        if (fault is null)
            return (next, null);
        if (!ImportDoor.IsRefusal(fault))
            return (state, fault);
        foreach (var step in steps)
        {
            (next, fault) = await CommitAsync(asked, state, all, [step], ct);
            if (fault is not null && !ImportDoor.IsRefusal(fault))
                return (state, fault);
            state = fault is null ? next : state.Keep($"{step.Targets[0].Split("/_history")[0]}: {fault.Issues[0].Text}");
        }

        return (state, null);
    }

    private async Task<(ImportState Next, FhirFault? Fault)> CommitAsync(FhirRequest asked, ImportState state, List<Provenance> all, IReadOnlyList<Step> steps, CancellationToken ct)
    {
        var next = state with
        {
            Version = state.Version + 1,
            Removed = state.Removed + steps.Count(s => s.Does == Undo.Remove),
            Restored = state.Restored + steps.Count(s => s.Does == Undo.Restore),
            TakenBack = state.TakenBack + steps.Count(s => s.Does == Undo.TakeBack),
        };
        var undone = steps.SelectMany(s => s.Targets).ToHashSet(StringComparer.Ordinal);
        var entries = steps.Select(s => s.Entry).OfType<Bundle.EntryComponent>().ToList();
        var rests = new List<(Provenance Provenance, List<ResourceReference> Left, int Version)>();
        foreach (var provenance in all.Where(p => p.Target.Exists(IsUndone)))
        {
            var left = provenance.Target.Where(t => !IsUndone(t)).ToList();
            var version = int.Parse(provenance.Meta!.VersionId!, CultureInfo.InvariantCulture);
            var rest = (Provenance)provenance.DeepCopy();
            rest.Target = left;
            entries.Add(left.Count == 0 ? ImportDoor.Delete($"Provenance/{provenance.Id}", version) : ImportDoor.Put(rest, version));
            rests.Add((provenance, left, version + 1));
        }

        entries.Add(ImportDoor.Put(next.ToTask(), state.Version));
        var fault = await door.CommitAsync(asked, entries, ct);
        if (fault is null)
            foreach (var (provenance, left, version) in rests)
            {
                provenance.Target = left;
                provenance.Meta!.VersionId = version.ToString(CultureInfo.InvariantCulture);
            }

        return (next, fault);

        bool IsUndone(ResourceReference target) => target.Reference is { } version && undone.Contains(version);
    }

    /// <summary>The version that comes so many after the one a target names; null when it names none.</summary>
    private static string? Beside(string target, int versions) => target.LastIndexOf('/') is > 0 and var at && int.TryParse(target.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
        ? string.Create(CultureInfo.InvariantCulture, $"{target.AsSpan(0, at)}/{version + versions}") : null;

    /// <param name="target">The last version that the import made of it.</param>
    /// <param name="all">All that the import made.</param>
    private async Task<Step> StepAsync(FhirRequest asked, string target, HashSet<string> all, CancellationToken ct)
    {
        var parts = target.Split('/');
        if (parts.Length != 4 || !int.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out var made))
            return new([target], Undo.Nothing, null, $"{target}: its Provenance names no version.");
        var key = new ResourceKey(parts[0], parts[1]);
        if (await store.ReadAsync(key, asked.Caller.Access, ct) is not { } now)
            return new([target], Undo.Nothing, null, $"{key} cannot be read by you: somebody who may read it has to undo it.");
        var targets = new List<string> { target };
        while (Beside(target, -targets.Count) is { } earlier && all.Contains(earlier))
            targets.Add(earlier);
        if (now.IsDeleted)
            return new(targets, Undo.Nothing, null, null); // gone already
        if (now.Version != made)
            return new([target], Undo.Nothing, null, $"{key} was changed since.");
        if (key.Type == "Basic" && JournalBasic.Find(FhirFormats.Parse<Basic>(now.Json.Span)) is { } entry)
        {
            var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(clock.GetUtcNow(), zone).DateTime);
            var opposite = JournalBasic.ToBasic(OpeningBalance.Undone(entry, today, asked.Caller.Name));
            opposite.Id = Kinds.ImportScope.IdOf("undone", key.ToString());
            return new([target], Undo.TakeBack, ImportDoor.Put(opposite), null);
        }

        var before = made - targets.Count;
        if (before == 0)
            return new(targets, Undo.Remove, ImportDoor.Delete(key.ToString(), made), null);
        var (past, fault) = await door.ReadAsync<Resource>(asked, $"{key}/_history/{before}", ct);
        return past is null ? new([target], Undo.Nothing, null, $"{key}: {fault!.Issues[0].Text}") : new(targets, Undo.Restore, ImportDoor.Put(past, made), null);
    }

    private enum Undo
    {
        Nothing,
        Remove,
        Restore,
        TakeBack,
    }

    /// <param name="Targets">The versions that it takes back, one upon the other.</param>
    /// <param name="Kept">Why it is left alone; null when it is not.</param>
    private sealed record Step(IReadOnlyList<string> Targets, Undo Does, Bundle.EntryComponent? Entry, string? Kept);
}
