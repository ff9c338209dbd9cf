using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Audit;
using FhirEmr.FhirServer.Security.Smart;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Subscriptions;

namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>What is kept of subscriptions and their events, and what of it may be told to whom.</summary>
internal sealed class SubscriptionBook(IResourceStore store, Interests interests, ISubscriptionOwners owners, AuditLog audit, BodyCodec codec, IServerIdentity server, SearchLimits limits)
{
    /// <summary>What a version's reader is shown of some events, by what they may see now.</summary>
    public async Task<IReadOnlyList<SubscriptionEvent>> ShownAsync(IReadOnlyList<SubscriptionEvent> found, AccessPlan access, CancellationToken ct)
    {
        var versions = found.Select(e => e.Version).OfType<StoredResource>().ToList();
        if (access.IsEverything || versions.Count == 0)
            return found;
        await using var session = await store.OpenAsync(access, ct);
        var visible = (await store.ReachableAsync(session, versions, Interaction.Read, access, ct)).Select(v => (v.Sid, v.Version)).ToHashSet();
        return [.. found.Select(e => e with { Version = e.Version is { } version && visible.Contains((version.Sid, version.Version)) ? access.Shown(version, Interaction.Read) : null })];
    }

    /// <summary>Events in order; fewer than there are when they are as large as a page may be.</summary>
    public async Task<IReadOnlyList<SubscriptionEvent>> EventsAsync(long sid, long after, long until, int limit, CancellationToken ct)
    {
        await using var session = await store.SnapshotAsync(SystemPlans.Subscriptions, ct);
        return (await new PageBudget(limits.MaxPageBytes).QueryAsync(
            session, SubscriptionSql.Events(store.Dialect, sid, after, until, limit), r => SubscriptionSql.ReadEvent(r, codec), e => e.Version, ct)).Kept;
    }

    public async Task<long> LastNumberAsync(long sid, CancellationToken ct)
    {
        await using var session = await store.SnapshotAsync(SystemPlans.Subscriptions, ct);
        return await session.QueryAsync(SubscriptionSql.LastNumber(store.Dialect, sid), r => r.IsNull(0) ? 0 : r.Int64(0), ct) is [var last] ? last : 0;
    }

    public async Task<SubscriptionRow?> FindAsync(long sid, CancellationToken ct)
    {
        await using var session = await store.SnapshotAsync(SystemPlans.Subscriptions, ct);
        return await session.QueryAsync(SubscriptionSql.One(store.Dialect, sid), SubscriptionRow.Read, ct) is [var row] ? row : null;
    }

    public async Task<SubscriptionRow?> FindAsync(string id, CancellationToken ct)
    {
        await using var session = await store.SnapshotAsync(SystemPlans.Subscriptions, ct);
        return await session.QueryAsync(SubscriptionSql.ById(store.Dialect, id), SubscriptionRow.Read, ct) is [var row] ? row : null;
    }

    /// <summary>Why its owner is told nothing more; null while they may be.</summary>
    public async Task<(Caller? Owner, string? Fault)> OwnerAsync(SubscriptionRow row, SubscriptionRequest request, CancellationToken ct)
    {
        if (await SubscriptionOwner.Read(row.Owner).CallerAsync(owners, ct) is not { } owner)
            return (null, "The user or the client that it belongs to was disabled.");
        var (_, fault) = await interests.ReadAsync(request, owner.Access, server.FhirBase, ct);
        return fault is null ? (owner, null) : (null, $"Its owner's rights no longer cover it: {fault.Issues[0].Text}");
    }

    /// <summary>What was told to whom is audited like an answer (security.md S-50).</summary>
    public Task AuditAsync(SubscriptionRow row, Caller owner, IReadOnlyList<SubscriptionEvent> told, string? fault)
    {
        var patients = new PatientSet();
        foreach (var version in told.Select(e => e.Version).OfType<StoredResource>())
        {
            if (version.Key.Type == "Patient")
                patients.Add(version.Key.Id);
            PatientReferences.Find(version.Json.Span, patients);
        }

        return audit.RecordAsync(new()
        {
            Type = "rest",
            Subtype = "subscription-notification",
            Action = 'R',
            Outcome = fault is null ? 0 : 4,
            Reason = fault is null ? null : "not-delivered",
            Agent = AuditTrail.AgentOf(owner),
            Entity = $"Subscription/{row.Id}",
            Patients = patients.Listed,
            MorePatients = patients.More,
            Results = told.Count,
        });
    }

    public async Task<bool> CommitAsync(params PlanStatement[] statements)
    {
        var plan = new CommitPlan();
        plan.Statements.AddRange(statements);
        return await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Committed;
    }
}
