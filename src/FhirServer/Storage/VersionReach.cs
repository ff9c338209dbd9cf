using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage;

/// <summary>The index rows that versions had, extracted again from their bodies, in their order.</summary>
/// <param name="known">What they refer to is asked for in the snapshot they were read in, over the connection that is open already.</param>
internal delegate Task<IReadOnlyList<IndexRows>> VersionRows(IReadOnlyList<StoredResource> versions, KnownKeys known, CancellationToken ct);

/// <summary>The surrogate keys of those that are known, written or only referred to.</summary>
internal delegate Task<IReadOnlyDictionary<ResourceKey, long>> KnownKeys(IReadOnlyList<ResourceKey> keys, CancellationToken ct);

/// <summary>Which versions a caller may reach, in one snapshot: current ones are asked of the index, others are looked at as they were.</summary>
internal sealed class VersionReach(SqlDialect dialect, BodyCodec codec, IReadSession session, AccessPlan access, VersionRows? rows)
{
    private const int VersionsAtOnce = 100;

    /// <summary>Those within reach, in their order.</summary>
    public async Task<List<StoredResource>> OfAsync(IReadOnlyList<StoredResource> versions, Interaction interaction, CancellationToken ct)
    {
        bool IsAsked(ResourceKey key) => key.Type == AccessPlan.Binary || access.Of(key.Type).Where(interaction) is not null;
        var asked = versions.Where(v => access.Of(v.Key.Type).Allows(interaction) && IsAsked(v.Key)).ToList();
        if (access.IsEverything || asked.Count == 0)
            return [.. versions.Where(v => access.Of(v.Key.Type).Allows(interaction))];

        var now = (await session.QueryAsync(ReachSql.Standing(dialect, asked.Select(v => v.Sid).Distinct()), r => (Sid: r.Int64(0), Version: (int)r.Int64(1), IsDeleted: r.Int64(2) != 0), ct))
            .ToDictionary(s => s.Sid, s => (s.Version, s.IsDeleted));
        var standing = new HashSet<long>();
        foreach (var type in asked.Where(v => now.TryGetValue(v.Sid, out var s) && !s.IsDeleted).GroupBy(v => v.Key.Type))
            standing.UnionWith(await session.QueryAsync(
                ReachSql.Within(dialect, type.Key, type.Select(v => v.Sid).Distinct(), new AccessSql(dialect, access, interaction)), r => r.Int64(0), ct));

        // Of a deletion, the content before it; of anything but the current version, its own.
        var wanted = new HashSet<(long Sid, int Version)>();
        foreach (var version in asked)
        {
            if (!now.TryGetValue(version.Sid, out var stands) || !(stands.IsDeleted || standing.Contains(version.Sid)))
                continue;
            if (stands.IsDeleted)
                wanted.Add((version.Sid, stands.Version - 1));
            if (ContentOf(version) is var content && (stands.IsDeleted || content != stands.Version))
                wanted.Add((version.Sid, content));
        }

        var fits = await FittingAsync(wanted, asked, interaction, ct);
        var binaries = new Dictionary<long, bool>();
        foreach (var binary in asked.Where(v => v.Key.Type == AccessPlan.Binary).DistinctBy(v => v.Sid))
            binaries[binary.Sid] = now.TryGetValue(binary.Sid, out var s) && !s.IsDeleted && await BelongsAsync(binary, ct);

        return
        [
            .. versions.Where(v => access.Of(v.Key.Type).Allows(interaction) && (!IsAsked(v.Key) || (now.TryGetValue(v.Sid, out var s)
                && (s.IsDeleted ? fits.Contains((v.Sid, s.Version - 1)) : standing.Contains(v.Sid))
                && ((!s.IsDeleted && ContentOf(v) == s.Version) || fits.Contains((v.Sid, ContentOf(v))))
                && binaries.GetValueOrDefault(v.Sid, true)))),
        ];
    }

    /// <summary>Whether each state satisfies what its interaction asks. States that refer to each other are taken as if all were stored.</summary>
    public async Task<IReadOnlyList<bool>> CoversAsync(IReadOnlyList<(VersionState State, Interaction Interaction)> states, CancellationToken ct)
    {
        var (covered, all) = (new bool[states.Count], states.Select(s => s.State).ToDictionary(s => s.Sid));
        foreach (var group in states.Select((s, i) => (s.State, s.Interaction, Index: i)).GroupBy(s => (s.State.Key.Type, s.Interaction)))
        {
            if (!access.Of(group.Key.Type).Allows(group.Key.Interaction))
                continue;
            var satisfies = await TestAsync(group.Key.Type, group.Key.Interaction, [.. group.Select(s => s.State)], all, ct);
            foreach (var state in group)
                covered[state.Index] = satisfies(state.State);
        }

        return covered;
    }

    private static int ContentOf(StoredResource version) => version.IsDeleted ? version.Version - 1 : version.Version;

    private async Task<HashSet<(long Sid, int Version)>> FittingAsync(
        HashSet<(long Sid, int Version)> wanted, List<StoredResource> known, Interaction interaction, CancellationToken ct)
    {
        var fits = new HashSet<(long, int)>();
        if (wanted.Count == 0)
            return fits;

        var contents = known.Where(v => !v.IsDeleted && wanted.Contains((v.Sid, v.Version))).DistinctBy(v => (v.Sid, v.Version)).ToList();
        foreach (var some in wanted.Except(contents.Select(c => (c.Sid, c.Version))).Where(w => w.Version > 0).Chunk(VersionsAtOnce))
            contents.AddRange((await session.QueryAsync(ReachSql.Older(dialect, some), r => ResourceRow.Read(r, codec), ct)).Where(v => !v.IsDeleted));
        if (contents.Count == 0)
            return fits;

        var extracted = await (rows ?? throw new InvalidOperationException("The store was made without a way to extract older versions."))(contents, KnownAsync, ct);
        var states = contents.Zip(extracted, (c, r) => (Content: c, State: new VersionState(c.Key, c.Sid, c.LastUpdated.ToUnixTimeMilliseconds(), r))).ToList();
        foreach (var type in states.GroupBy(s => s.State.Key.Type))
        {
            var satisfies = await TestAsync(type.Key, interaction, [.. type.Select(s => s.State)], new Dictionary<long, VersionState>(), ct);
            foreach (var (content, state) in type)
                if (satisfies(state))
                    fits.Add((content.Sid, content.Version));
        }

        return fits;
    }

    private async Task<IReadOnlyDictionary<ResourceKey, long>> KnownAsync(IReadOnlyList<ResourceKey> keys, CancellationToken ct) => keys.Count == 0
        ? new Dictionary<ResourceKey, long>()
        : (await session.QueryAsync(ReachSql.Keys(dialect, keys), r => (Key: new ResourceKey(ResourceTypes.NameOf((int)r.Int64(1)), r.Text(2)), Sid: r.Int64(0)), ct))
            .ToDictionary(k => k.Key, k => k.Sid);

    /// <summary>The plan's filter for these states, chains resolved.</summary>
    private async Task<Func<VersionState, bool>> TestAsync(
        string type, Interaction interaction, IReadOnlyList<VersionState> states, IReadOnlyDictionary<long, VersionState> pending, CancellationToken ct)
    {
        if (access.Of(type).Where(interaction) is not { } where)
            return static _ => true;
        if (!VersionState.CanTell(where))
            return static _ => false;
        var resolved = await ResolveAsync(where, states, pending, ct);
        return state => state.Satisfies(resolved);
    }

    /// <summary>Chains and reverse chains become the keys at their ends, as the record stands now, what is about to be written included.</summary>
    private async Task<SearchExpression> ResolveAsync(
        SearchExpression where, IReadOnlyList<VersionState> states, IReadOnlyDictionary<long, VersionState> pending, CancellationToken ct)
    {
        switch (where)
        {
            case SearchExpression.And and:
                return new SearchExpression.And(await ResolveAsync(and.Terms, states, pending, ct));
            case SearchExpression.Or or:
                return new SearchExpression.Or(await ResolveAsync(or.Terms, states, pending, ct));
            case SearchExpression.Not not:
                return new SearchExpression.Not(await ResolveAsync(not.Term, states, pending, ct));
            case SearchExpression.Chain chain:
                var targets = states.SelectMany(s => s.Rows.References).Where(r => r.Param == chain.Param.Number && r.Target > 0).Select(r => r.Target).Distinct().ToList();
                return new SearchExpression.Reference(chain.Param, await MatchingAsync(chain.TargetType, chain.Target, targets, pending, ct));
            case SearchExpression.ReverseChain:
                return new SearchExpression.Sids(await StoredAsync(states[0].Key.Type, where, [.. states.Select(s => s.Sid)], ct));
            default:
                return where;
        }
    }

    private async Task<List<SearchExpression>> ResolveAsync(
        IReadOnlyList<SearchExpression> terms, IReadOnlyList<VersionState> states, IReadOnlyDictionary<long, VersionState> pending, CancellationToken ct)
    {
        var resolved = new List<SearchExpression>(terms.Count);
        foreach (var term in terms)
            resolved.Add(await ResolveAsync(term, states, pending, ct));
        return resolved;
    }

    private async Task<List<long>> MatchingAsync(
        string type, SearchExpression where, List<long> among, IReadOnlyDictionary<long, VersionState> pending, CancellationToken ct)
    {
        var found = await StoredAsync(type, where, [.. among.Where(sid => !pending.ContainsKey(sid))], ct);
        var ahead = among.Where(pending.ContainsKey).Select(sid => pending[sid]).Where(s => s.Key.Type == type).ToList();
        if (ahead.Count == 0 || !VersionState.CanTell(where))
            return found;
        var resolved = await ResolveAsync(where, ahead, pending, ct);
        found.AddRange(ahead.Where(s => s.Satisfies(resolved)).Select(s => s.Sid));
        return found;
    }

    private async Task<List<long>> StoredAsync(string type, SearchExpression where, IReadOnlyList<long> among, CancellationToken ct) => among.Count == 0 ? []
        : await session.QueryAsync(SearchSql.Sids(dialect, new SearchQuery(type, new SearchExpression.And([new SearchExpression.Sids(among), where])), among.Count), r => r.Int64(0), ct);

    /// <summary>A Binary goes with what its securityContext names; without one, with who stored it and with anything that refers to it (security.md S-38).</summary>
    private async Task<bool> BelongsAsync(StoredResource binary, CancellationToken ct)
    {
        var reach = new AccessSql(dialect, access, Interaction.Read);
        var current = await session.QueryAsync(ReachSql.Current(dialect, [binary.Sid]), r => ResourceRow.Read(r, codec), ct);
        if (current is not [{ IsDeleted: false } stored] || FhirJsonReader.Read(stored.Json, out _) is not { } tree)
            return false;
        if (tree.Root.Child("securityContext") is not { Exists: true } context)
            return (access.Creator != 0 && (await session.QueryAsync(ReachSql.CreatedBy(dialect, stored.Sid, access.Creator), r => r.Int64(0), ct)).Count > 0)
                || (await session.QueryAsync(ReachSql.Referrer(dialect, stored.Sid, stored.Key.Id, reach), r => r.Int64(0), ct)).Count > 0;
        return context.TextOf("reference") is { } reference && ResourceKey.TryParseRelative(reference, out var key, out _) && key.Type != AccessPlan.Binary
            && access.Of(key.Type).Allows(Interaction.Read)
            && (await session.QueryAsync(PointSql.Current(dialect, key, reach), r => r.Int64(5), ct)) is [0];
    }
}
