using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Billing;

/// <summary>Billing works for the practice and reads the whole chart; what it is set to work on, and what it shows, must be within the caller's reach.</summary>
internal static class Reach
{
    private const int AtOnce = 500;

    /// <summary>Whether the caller may see a resource. Whoever may see everything is not asked twice, so for them it need not be there.</summary>
    public static async ValueTask<bool> ShowsAsync(this IResourceStore store, ResourceKey key, AccessPlan access, CancellationToken ct) =>
        access.IsEverything || await store.ReadAsync(key, access, ct) is { IsDeleted: false };

    /// <summary>404 for what the caller may not see, as for what is not there; null when the operation may go on.</summary>
    public static async Task<FhirFault?> ClosedAsync(this IResourceStore store, FhirRequest request, ResourceKey key, CancellationToken ct) =>
        await store.ShowsAsync(key, request.Caller.Access, ct) ? null : FhirFault.NotFound(key);

    /// <summary>403 for an interaction that the caller has no right to, where the operation does it for them.</summary>
    public static FhirFault? MayNot(this FhirRequest request, Interaction interaction, string type) => request.Caller.Access.Of(type).Allows(interaction)
        ? null
        : FhirFault.Of(FaultKind.Forbidden, $"You may not {interaction.ToString().ToLowerInvariant()} {type}.");

    /// <summary>Those of the resources that the caller may read, in their order; asked for in bulk.</summary>
    public static async Task<IReadOnlyList<T>> ReadableAsync<T>(this IResourceStore store, IReadOnlyList<T> resources, Func<T, ResourceKey> keyOf, AccessPlan access, CancellationToken ct)
    {
        // Where nothing of a type is closed to the caller there is nothing to look up, however many records stand behind a figure.
        if (access.IsEverything || resources.Select(r => keyOf(r).Type).Distinct().All(t => access.SeesAll(t, Interaction.Read)))
            return resources;
        var readable = new List<T>();
        foreach (var some in resources.Chunk(AtOnce))
            readable.AddRange(some.Zip(await store.LookUpAsync([.. some.Select(keyOf)], withBodies: false, access, ct)).Where(s => s.Second.Exists).Select(s => s.First));
        return readable;
    }

    /// <summary>Those of the references that the caller may not read: words and values that come from them are not shown.</summary>
    public static async Task<IReadOnlySet<string>> WithheldAsync(this IResourceStore store, IEnumerable<string> references, FhirRequest request, CancellationToken ct)
    {
        var withheld = new HashSet<string>(StringComparer.Ordinal);
        if (request.Caller.Access.IsEverything)
            return withheld;
        foreach (var reference in references.Distinct())
            if (!ResourceKey.TryParseRelative(reference, out var key, out _) || !await store.ShowsAsync(key, request.Caller.Access, ct))
                withheld.Add(reference);
        return withheld;
    }
}
