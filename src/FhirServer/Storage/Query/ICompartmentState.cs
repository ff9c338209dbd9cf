using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>The record at one moment, as far as the compartment of one resource asks for it: now, or at an instant of the past.</summary>
internal interface ICompartmentState
{
    /// <summary>The resource itself, a deletion marker too; null when there is none.</summary>
    ValueTask<OwnedResource?> AnchorAsync(ResourceKey key, CancellationToken ct);

    /// <summary>A page of the compartment by ascending surrogate key, the anchor left out, as far as it fits.</summary>
    ValueTask<Fitting> MembersAsync(CompartmentQuery query, OwnedResource anchor, long after, int count, PageBudget budget, CancellationToken ct);

    /// <summary>Hands over surrogate key and body of everything in the compartment, whatever type or age is asked for.</summary>
    ValueTask BodiesAsync(CompartmentQuery query, OwnedResource anchor, Action<long, Func<ReadOnlyMemory<byte>>> body, CancellationToken ct);

    /// <summary>Resources of a type by id that belong to nobody, or to that owner.</summary>
    ValueTask<List<OwnedResource>> ReferredAsync(string type, IReadOnlyList<string> ids, long owner, CancellationToken ct);
}

/// <param name="Owner">Surrogate key of the patient it belongs to; 0 when to none.</param>
internal readonly record struct OwnedResource(StoredResource Resource, long Owner);
