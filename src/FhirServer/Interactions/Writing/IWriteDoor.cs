using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>A slice's own say about what clients write, after it is known to be valid.</summary>
internal interface IWriteDoor
{
    /// <summary>Whether anything of this type is looked at; asked once a resource, so it has to be cheap.</summary>
    bool Watches(string type);

    /// <summary>Whether it has a say about what the server itself writes, too.</summary>
    bool WatchesServer => false;

    /// <summary>Why what is stored may not be changed or deleted; null when it may.</summary>
    FhirFault? CheckChange(ReadOnlyMemory<byte> stored) => null;

    /// <summary>Why it may not be stored; null when it may.</summary>
    /// <param name="at">Where something may stand already; null for a fresh id of ours.</param>
    /// <param name="json">The resource as it would be stored.</param>
    /// <param name="caller">Who writes it.</param>
    /// <param name="ct">Stops it.</param>
    Task<FhirFault?> CheckAsync(ResourceKey? at, ReadOnlyMemory<byte> json, Caller caller, CancellationToken ct);

    /// <summary>Rows of the slice's own that come and go with what is written, whoever writes it.</summary>
    /// <param name="key">The resource.</param>
    /// <param name="sid">Its surrogate key.</param>
    /// <param name="version">The version it becomes.</param>
    /// <param name="json">Its content; empty for a deletion.</param>
    /// <param name="caller">Who writes it.</param>
    /// <param name="isBrought">It is a record of elsewhere that an import brings: nobody here has asked for what it asks for.</param>
    /// <param name="ct">Stops it.</param>
    ValueTask<IEnumerable<PlanStatement>> BesideAsync(ResourceKey key, long sid, int version, ReadOnlyMemory<byte> json, Caller caller, bool isBrought, CancellationToken ct) => new([]);

    /// <summary>Something of a type it watches is durable.</summary>
    void Stored()
    {
    }
}
