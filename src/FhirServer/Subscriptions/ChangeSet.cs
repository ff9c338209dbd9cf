using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Subscriptions;

namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>Some changes in the order of the feed, with what each version says: what subscriptions' conditions are asked of.</summary>
internal sealed class ChangeSet
{
    private const int ChangesAtOnce = 50;
    private const long MostBytes = 16 * 1024 * 1024;

    private readonly IResourceStore store;
    private readonly Dictionary<(long Sid, int Version), VersionState> states;

    private ChangeSet(IResourceStore store, IReadOnlyList<Change> changes, long end, Dictionary<(long Sid, int Version), VersionState> states) =>
        (this.store, Changes, End, this.states) = (store, changes, end, states);

    public IReadOnlyList<Change> Changes { get; }

    /// <summary>Position up to which the changes are here; the rest, of large versions, is for another set.</summary>
    public long End { get; }

    /// <summary>Reads the versions of the types that somebody is interested in, and those before them.</summary>
    public static async Task<ChangeSet> ReadAsync(
        IResourceStore store, BodyCodec codec, StoredRows rows, IReadOnlyList<Change> changes, IReadOnlySet<string> types, Action<StoredResource, Exception> unreadable, CancellationToken ct,
        long mostBytes = MostBytes)
    {
        var end = changes[^1].Sequence;
        changes = [.. changes.Where(c => types.Contains(c.Key.Type))];
        var versions = new List<StoredResource>();
        if (changes.Count > 0)
        {
            await using var session = await store.SnapshotAsync(SystemPlans.Subscriptions, ct);
            var read = await VersionsAsync(session, store.Dialect, codec, changes, versions, mostBytes, ct);
            if (read < changes.Count)
                (changes, end) = ([.. changes.Take(read)], changes[read - 1].Sequence);
        }

        versions.RemoveAll(v => v.IsDeleted);
        var states = new Dictionary<(long, int), VersionState>();
        try
        {
            foreach (var (version, extracted) in versions.Zip(await rows.OfAsync(versions, KnownAsync, ct)))
                states[(version.Sid, version.Version)] = new(version.Key, version.Sid, version.LastUpdated.ToUnixTimeMilliseconds(), extracted);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or ArgumentException)
        {
            // One that cannot be read must not keep those behind it from being told.
            foreach (var version in versions)
            {
                try
                {
                    states[(version.Sid, version.Version)] = new(version.Key, version.Sid, version.LastUpdated.ToUnixTimeMilliseconds(), (await rows.OfAsync([version], KnownAsync, ct))[0]);
                }
                catch (Exception one) when (one is InvalidDataException or FormatException or ArgumentException)
                {
                    unreadable(version, one);
                }
            }
        }

        return new(store, changes, end, states);

        async Task<IReadOnlyDictionary<ResourceKey, long>> KnownAsync(IReadOnlyList<ResourceKey> keys, CancellationToken c) => keys.Count == 0 ? new Dictionary<ResourceKey, long>()
            : keys.Zip(await store.LookUpAsync(keys, withBodies: false, SystemPlans.Subscriptions, c)).Where(k => k.Second.IsKnown).ToDictionary(k => k.First, k => k.Second.Sid);
    }

    /// <returns>Of how many changes, one at least, the versions are read: as many as memory is given to.</returns>
    private static async Task<int> VersionsAsync(IReadSession session, SqlDialect dialect, BodyCodec codec, IReadOnlyList<Change> changes, List<StoredResource> versions, long mostBytes, CancellationToken ct)
    {
        var (read, atOnce, bytes) = (0, ChangesAtOnce, 0L);
        while (read < changes.Count && bytes < mostBytes)
        {
            var some = changes.Skip(read).Take(atOnce).ToList();
            var wanted = some.SelectMany(c => (IEnumerable<(long, int)>)[(c.Sid, c.Version), (c.Sid, c.Version - 1)]).Where(v => v.Item2 > 0).Distinct();
            var budget = some.Count == 1 ? PageBudget.Unlimited : new PageBudget(mostBytes - bytes);
            var (kept, found) = await budget.QueryAsync(session, SubscriptionSql.Versions(dialect, wanted), r => ResourceRow.Read(r, codec), v => v, ct);
            if (found > kept.Count && read > 0)
                break;
            if (found > kept.Count)
            {
                atOnce = some.Count / 2;
                continue;
            }

            versions.AddRange(kept);
            bytes += kept.Sum(v => (long)v.Json.Length);
            read += some.Count;
        }

        return read;
    }

    /// <summary>Whether the change is an event for the subscription: what it asks for has come about, on something its owner may see.</summary>
    public async ValueTask<bool> IsEventAsync(Change change, Interest interest, AccessPlan access, CancellationToken ct)
    {
        foreach (var trigger in interest.Triggers)
            if (trigger.Trigger.Type == change.Key.Type && await IsEventAsync(change, trigger, access, ct))
                return true;
        return false;
    }

    private async ValueTask<bool> IsEventAsync(Change change, InterestedTrigger trigger, AccessPlan access, CancellationToken ct)
    {
        var now = states.GetValueOrDefault((change.Sid, change.Version));
        var before = states.GetValueOrDefault((change.Sid, change.Version - 1));
        if (change.Method == "DELETE")
            return trigger.Trigger.OnDelete && before is not null && await FitsAsync(before, trigger.Current, ct) && await MaySeeAsync(before, access, ct);
        if (now is null || !(before is null ? trigger.Trigger.OnCreate : trigger.Trigger.OnUpdate))
            return false;
        if (trigger.Changed is { } param && (Tokens(now, param.Number) is not { Count: > 0 } values || (before is not null && values.SetEquals(Tokens(before, param.Number)))))
            return false;
        return (before is null || await FitsAsync(before, trigger.Previous, ct)) && await FitsAsync(now, trigger.Current, ct) && await MaySeeAsync(now, access, ct);
    }

    /// <summary>Both to find it and to read it.</summary>
    private async ValueTask<bool> MaySeeAsync(VersionState state, AccessPlan access, CancellationToken ct)
    {
        if (access.IsEverything)
            return true;
        var of = access.Of(state.Key.Type);
        return of.Allows(Interaction.Search) && of.Allows(Interaction.Read) && await FitsAsync(state, of.Where(Interaction.Search), ct) && await FitsAsync(state, of.Where(Interaction.Read), ct);
    }

    /// <summary>What a version says decides; what its references lead to is asked of the store as it stands.</summary>
    private async ValueTask<bool> FitsAsync(VersionState state, SearchExpression? where, CancellationToken ct)
    {
        if (where is null)
            return true;
        if (!VersionState.CanTell(where))
            return false;
        if (!Leads(where))
            return state.Satisfies(where);
        var plan = new AccessPlan("subscription", new Dictionary<string, TypeAccess> { [state.Key.Type] = new([new Grant(Interaction.Read, where)]) }, []);
        return (await store.CoversAsync([(state, Interaction.Read)], plan, ct))[0];
    }

    private static bool Leads(SearchExpression where) => where switch
    {
        SearchExpression.And and => and.Terms.Any(Leads),
        SearchExpression.Or or => or.Terms.Any(Leads),
        SearchExpression.Not not => Leads(not.Term),
        _ => where is SearchExpression.Chain or SearchExpression.ReverseChain,
    };

    private static HashSet<(long, long)> Tokens(VersionState state, int param) =>
        [.. state.Rows.Tokens.Where(t => t.Param == param).Select(t => ((long)t.System, t.Hash)), .. state.Rows.References.Where(r => r.Param == param).Select(r => (0L, r.Target))];
}
