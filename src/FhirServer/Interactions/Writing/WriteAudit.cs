using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Audit;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>The audit rows of what one commit writes, in that commit (reliability R-2, security.md S-51).</summary>
internal sealed class WriteAudit
{
    private readonly AuditTrail trail;
    private readonly IReadOnlyList<AuditEntry> entries;
    private readonly IReadOnlyList<int?> covers;

    private WriteAudit(AuditTrail trail, IReadOnlyList<AuditEntry> entries, IReadOnlyList<int?> covers) =>
        (this.trail, this.entries, this.covers) = (trail, entries, covers);

    /// <summary>Adds a row for each resource, and for a transaction one for itself; null where nothing is audited.</summary>
    public static WriteAudit? AddTo(CommitPlan plan, Caller caller, IReadOnlyList<Draft> drafts)
    {
        if (caller.Trail is not AuditTrail trail)
            return null;

        var records = new List<AuditRecord>(drafts.Count + 1);
        var covers = new List<int?>();
        foreach (var draft in drafts)
        {
            records.Add(Of(draft, trail));
            covers.Add(draft.Intent.Entry);
        }

        if (drafts.Any(d => d.Intent.Entry is not null) && trail.Request is { Subtype: "transaction" } bundle) // a batch has its own trail above
        {
            records.Add(bundle with { Status = 200, Results = drafts.Count });
            covers.Add(null);
        }

        if (records.Count == 0)
            return null;
        var entries = trail.Enter(records);
        AuditLog.AddTo(plan, entries);
        return new(trail, entries, covers);
    }

    /// <summary>An entry of a transaction that needed no write, such as a conditional create that found its resource.</summary>
    public static AuditRecord Of(int entry, string method, ResourceKey? key, WriteOutcome outcome)
    {
        var patients = new PatientSet();
        if (outcome.Resource is { } resource)
            Find(resource.Key, resource.Json.Span, patients);
        return Of(method, key ?? outcome.Resource?.Key, outcome, patients) with { Entry = entry };
    }

    /// <summary>Adds the row of an operation that writes in several commits to its first: whatever becomes of the others, somebody is named.</summary>
    public static WriteAudit? AddBegin(CommitPlan plan, Caller caller, ResourceKey key, IReadOnlyList<StoredResource> first)
    {
        if (caller.Trail is not AuditTrail { Request: { } request } trail)
            return null;

        var patients = new PatientSet();
        Find(key, default, patients);
        foreach (var resource in first)
            Find(resource.Key, resource.Json.Span, patients);
        var entries = trail.Enter([request with { Reason = "begun", Patients = patients.Listed, MorePatients = patients.More }]);
        AuditLog.AddTo(plan, entries);
        return new(trail, entries, []);
    }

    /// <summary>Commits, and tells the log what became of the rows. A client that leaves, or whose time is over, takes the plan along until the store has begun with it; from then on it runs to its end.</summary>
    public static async Task<CommitResult> CommitAsync(IResourceStore store, CommitPlan plan, WriteAudit? audit, CancellationToken ct)
    {
        CommitResult result;
        try
        {
            result = await store.CommitAsync(plan, ct);
        }
        catch (OperationCanceledException)
        {
            audit?.Dropped();
            throw;
        }
        catch
        {
            audit?.Doubtful();
            throw;
        }

        if (result is CommitResult.Committed)
            audit?.Committed();
        else
            audit?.Dropped();
        return result;
    }

    public void Committed()
    {
        trail.Committed(entries);
        foreach (var entry in covers)
            trail.Cover(entry);
    }

    public void Dropped() => trail.Dropped(entries);

    public void Doubtful() => trail.Doubtful(entries);

    private static AuditRecord Of(Draft draft, AuditTrail trail)
    {
        var (intent, outcome) = (draft.Intent, draft.Outcome!);
        var patients = new PatientSet();
        Find(intent.Key, intent.IsDelete ? draft.Current.Json.Span : outcome.Resource!.Json.Span, patients);
        return Of(intent.Method, intent.Key, outcome, patients) with { Entry = intent.Entry ?? trail.Request?.Entry, Query = intent.Entry is null ? trail.Request?.Query : null, Text = ChangesLabels(draft) ? "security labels changed" : null };
    }

    private static bool ChangesLabels(Draft draft)
    {
        if (draft.Intent.IsDelete)
            return false;
        var (had, has) = (SecurityLabels.Of(draft.Current.Exists ? draft.Current.Json : default), SecurityLabels.Of(draft.Outcome!.Resource!.Json));
        return !(had.IsEmpty && has.IsEmpty) && !had.IsSameAs(has);
    }

    private static AuditRecord Of(string method, ResourceKey? key, WriteOutcome outcome, PatientSet patients) => new()
    {
        Type = "rest",
        Subtype = method switch { "POST" => "create", "PUT" => "update", "PATCH" => "patch", _ => "delete" },
        Action = outcome.Kind switch { WriteKind.Created => 'C', WriteKind.Deleted or WriteKind.AlreadyGone => 'D', _ => 'U' },
        Status = outcome.Status,
        Reason = outcome.Kind switch { WriteKind.Unchanged => "unchanged", WriteKind.AlreadyGone => "nothing-to-delete", _ => null },
        Entity = key?.ToString(),
        Version = outcome.Resource?.Version,
        Patients = patients.Listed,
        MorePatients = patients.More,
    };

    private static void Find(ResourceKey key, ReadOnlySpan<byte> json, PatientSet patients)
    {
        if (key.Type == "Patient")
            patients.Add(key.Id);
        PatientReferences.Find(json, patients);
    }
}
