using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access.Consents;
using FhirEmr.FhirServer.Security.Access.Roles;
using FhirEmr.FhirServer.Security.Access.Scopes;

namespace FhirEmr.FhirServer.Security.Access.Planning;

/// <summary>Scopes ∩ roles ∩ compartment ∩ labels, worked out per type and kept for a few seconds (security.md S-30).</summary>
internal sealed class AccessPlanner(
    IRoleBook roles, PatientReach patients, OwnPatients own, Constraints constraints, LabelRules labels, ConsentRules consents, Func<string, CancellationToken, ValueTask<IReadOnlyList<string>>> emergencies,
    TimeProvider clock) : IAccessPlanner
{
    private const int MostKept = 10_000;
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Principal, (AccessPlan Plan, DateTimeOffset Until)> plans = new();

    public async ValueTask<AccessPlan> PlanAsync(Principal principal, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (plans.TryGetValue(principal, out var kept) && kept.Until > now)
            return kept.Plan;

        var plan = await MakeAsync(principal, ct);
        if (plans.Count >= MostKept)
            plans.Clear();
        plans[principal] = (plan, now + Kept);
        return plan;
    }

    /// <summary>What the user may has changed: the next request is planned anew. Other nodes follow within seconds.</summary>
    public void Forget(string userId)
    {
        foreach (var principal in plans.Keys.Where(p => p.UserId == userId))
            plans.TryRemove(principal, out _);
    }

    /// <summary>
    /// The other side of a plan: opens for searching exactly what labels and consents keep from the user, of types that belong to patients, whatever else their roles leave out (security.md S-45).
    /// </summary>
    public async Task<AccessPlan> WithheldAsync(Principal principal, CancellationToken ct)
    {
        var held = await roles.HeldByAsync(principal, ct);
        var words = RightsOf(held);
        var denied = await consents.AgainstAsync(principal, held, await own.OfAsync(principal, ct), ct);
        var types = new Dictionary<string, TypeAccess>();
        foreach (var type in patients.Types)
            if (await ShownAsync(type, words, denied, ct) is { } shown)
                types[type] = new TypeAccess([new Grant(Interaction.Search, new SearchExpression.Not(shown))]);
        return new AccessPlan("withheld " + KeyOf(principal, held), types, []);
    }

    private async Task<AccessPlan> MakeAsync(Principal principal, CancellationToken ct)
    {
        if (SmartScopes.Parse(principal.Scopes) is not { } scopes || scopes.Resources.Any(s => !IsItsContext(s.Context, principal)))
            return AccessPlan.Nothing;

        var held = await roles.HeldByAsync(principal, ct);
        var words = RightsOf(held);
        var self = await own.OfAsync(principal, ct);
        var denied = await consents.AgainstAsync(principal, held, self, ct);
        var opened = principal is { UserId: { } user, Patient: null } ? await emergencies(user, ct) : [];
        var types = new Dictionary<string, TypeAccess>();
        foreach (var type in ResourceTypes.All)
        {
            var label = await ShownAsync(type, words, denied, ct);
            var grants = new List<Grant>();
            foreach (var scope in scopes.Resources.Where(s => s.Type is null || s.Type == type))
                foreach (var (role, permission) in held.SelectMany(h => h.Role.Permissions.Where(p => p.Type == "*" || p.Type == type).Select(p => (h, p))))
                    if (await MeetAsync(type, scope, role, permission, principal, self, label, ct) is { } grant)
                        grants.Add(grant);
            if (opened.Count > 0 && await InEmergencyAsync(type, scopes, opened, ct) is { } emergency)
                grants.Add(emergency);
            if (grants.Count > 0)
                types[type] = new TypeAccess(Simplest(grants));
        }

        var rights = scopes.HoldsRights ? words : words.Where(w => GoesWithRecords(w, scopes)).ToFrozenSet();
        return new AccessPlan(KeyOf(principal, held), types, rights)
        {
            Creator = CreatorOf(principal),
            LimitsUsd = LimitsOf(held),
            Roles = [.. held.Select(h => h.Role.Name).Distinct(StringComparer.Ordinal)],
        };
    }

    /// <summary>Rights that an app needs no scope of our own for: labels are part of what it reads, and who opened a record is to be read in its AuditEvents (S-55).</summary>
    private static bool GoesWithRecords(string right, SmartScopes scopes) => right.StartsWith("label.read:", StringComparison.Ordinal)
        || (right == "operation:who-accessed" && scopes.Resources.Any(s => s is { Type: null or "AuditEvent", Constraint.Count: 0 } && s.Interactions.HasFlag(Interaction.Read | Interaction.Search)));

    /// <summary>The whole record of the patients, read only, labels and consents notwithstanding (S-47); still within what the app may.</summary>
    private async ValueTask<Grant?> InEmergencyAsync(string type, SmartScopes scopes, IReadOnlyList<string> opened, CancellationToken ct)
    {
        var interactions = scopes.Resources.Where(s => s is { Context: ScopeContext.User, Constraint.Count: 0 } && (s.Type is null || s.Type == type))
            .Aggregate(Interaction.None, (all, s) => all | (s.Interactions & Interaction.Reading));
        return interactions != Interaction.None && await patients.OfAsync(type, opened, ct) is { } theirs ? new Grant(interactions, theirs) : null;
    }

    /// <summary>What labels and consents leave of the type; null for all of it.</summary>
    private async ValueTask<SearchExpression?> ShownAsync(string type, IReadOnlySet<string> rights, IReadOnlyList<ActiveConsent> denied, CancellationToken ct) =>
        And(await labels.ForAsync(type, rights, ct), await consents.WithoutAsync(type, denied, ct));

    private static FrozenSet<string> RightsOf(IReadOnlyList<HeldRole> held) =>
        held.SelectMany(h => h.Role.Permissions).SelectMany(p => p.Interactions).Where(RoleInteractions.IsRight).ToFrozenSet();

    /// <summary>Of each right the most that any holding of it allows: roles add up. A right that one of them gives without limit has none.</summary>
    private static FrozenDictionary<string, decimal> LimitsOf(IReadOnlyList<HeldRole> held) => held
        .SelectMany(h => h.Role.Permissions.SelectMany(p => p.Interactions.Where(RoleInteractions.IsRight).Select(word => (Word: word, Limit: Least(p.LimitUsd, h.LimitUsd)))))
        .GroupBy(x => x.Word)
        .Where(g => g.All(x => x.Limit is not null))
        .ToFrozenDictionary(g => g.Key, g => g.Max(x => x.Limit!.Value), StringComparer.Ordinal);

    private static decimal? Least(decimal? one, decimal? other) => one is null ? other : other is null ? one : Math.Min(one.Value, other.Value);

    private static SearchExpression? And(SearchExpression? one, SearchExpression? other) => one is null ? other : other is null ? one : new SearchExpression.And([one, other]);

    /// <summary>A back-end client speaks for itself only, and a user's app never for the system.</summary>
    private static bool IsItsContext(ScopeContext context, Principal principal) => context switch
    {
        ScopeContext.System => principal.UserId is null,
        ScopeContext.User => principal.UserId is not null,
        _ => principal is { UserId: not null, Patient: not null },
    };

    /// <summary>What <c>system/*.cruds</c> opens: an import finds what is there, and writes over it.</summary>
    private const Interaction Cruds = Interaction.Create | Interaction.Read | Interaction.Update | Interaction.Delete | Interaction.Search;

    /// <summary>What one scope and one permission allow together on one type; null for nothing.</summary>
    private async ValueTask<Grant?> MeetAsync(
        string type, SmartScope scope, HeldRole role, Permission permission, Principal principal, IReadOnlyList<string> self, SearchExpression? label, CancellationToken ct)
    {
        var interactions = scope.Interactions & RoleInteractions.Of(permission.Interactions);
        if (permission.Interactions.Contains("export") && scope is { Context: ScopeContext.System, Constraint.Count: 0 } && scope.Interactions.HasFlag(Interaction.Read | Interaction.Search))
            interactions |= Interaction.Export; // S-39
        if (permission.Interactions.Contains("import") && scope is { Context: ScopeContext.System, Constraint.Count: 0 } && scope.Interactions.HasFlag(Cruds))
            interactions |= Interaction.Import;
        var terms = new List<SearchExpression>();
        var masked = Masked(type, permission);

        if (scope.Context == ScopeContext.Patient && !await WithinAsync([principal.Patient!]))
            return null;
        switch (permission.Compartment)
        {
            case "self" when !await WithinAsync(self):
                return null;
            case "own-panel" when !await ThoseWhoAsync("general-practitioner", principal.FhirUser):
                return null;
            case "organization" when !await ThoseWhoAsync("organization", role.Organization is { } id ? $"Organization/{id}" : null):
                return null;
        }

        if (permission.Compartment is null && role.Organization is { } practice && !PatientReach.Shared.Contains(type) && !await ThoseWhoAsync("organization", $"Organization/{practice}"))
            return null;
        if (scope.Constraint.Count > 0 && !await MustAsync(constraints.ReadAsync(type, scope.Constraint, ct)))
            return null;
        if (permission.Where is { } where && !await MustAsync(constraints.ReadAsync(type, where, ct)))
            return null;
        if (interactions == Interaction.None)
            return null;
        if (label is not null)
            terms.Add(label);
        return new Grant(interactions, terms switch { [] => null, [var only] => only, _ => new SearchExpression.And(terms) }) { Masked = masked };

        // Resources that belong to the patients; of what belongs to nobody and everybody may see, the public part.
        async ValueTask<bool> WithinAsync(IReadOnlyList<string> ids)
        {
            if (PatientReach.Shared.Contains(type))
            {
                interactions &= Interaction.Reading;
                masked = masked.Union(PatientReach.PrivateOf(type)).ToFrozenSet();
                return true;
            }

            return ids.Count > 0 && await MustAsync(patients.OfAsync(type, ids, ct));
        }

        async ValueTask<bool> ThoseWhoAsync(string parameter, string? value)
        {
            if (PatientReach.Shared.Contains(type))
            {
                interactions &= Interaction.Reading;
                return true;
            }

            return value is not null && await constraints.ReadAsync("Patient", [new(parameter, value)], ct) is { } which && Must(patients.OfThoseWho(type, which));
        }

        async ValueTask<bool> MustAsync(ValueTask<SearchExpression?> term) => Must(await term);

        bool Must(SearchExpression? term)
        {
            if (term is not null)
                terms.Add(term);
            return term is not null;
        }
    }

    private static FrozenSet<string> Masked(string type, Permission permission)
    {
        if (permission.Mask is { } mask)
            return mask.ToFrozenSet();
        return permission.Include is not { } include ? []
            : FhirSchema.Resource(type)!.Elements.Except(include).Except(["id", "meta", "implicitRules", "language"]).ToFrozenSet();
    }

    /// <summary>Grants without conditions say all that those with conditions and no more interactions could.</summary>
    private static List<Grant> Simplest(List<Grant> grants)
    {
        var whole = grants.Where(g => g.Where is null && g.Masked.Count == 0).Aggregate(Interaction.None, (all, g) => all | g.Interactions);
        var rest = grants.Where(g => (g.Interactions & ~whole) != Interaction.None && !(g.Where is null && g.Masked.Count == 0));
        return [.. whole == Interaction.None ? Array.Empty<Grant>() : [new Grant(whole)], .. rest];
    }

    /// <summary>A user is one whatever app they use; a client that acts for itself is another than any user.</summary>
    private static long CreatorOf(Principal principal) =>
        BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(principal.UserId is { } user ? "user\n" + user : "client\n" + principal.ClientId)));

    private static string KeyOf(Principal principal, IReadOnlyList<HeldRole> held)
    {
        var text = string.Join('\n', principal.ClientId, principal.UserId, principal.Patient, principal.Encounter, principal.Scopes, string.Join(' ', held.Select(h => $"{h.Role.Name}@{h.Organization}{(h.LimitUsd is { } limit ? FormattableString.Invariant($"<{limit}") : "")}")));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
    }
}
