using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Storage.Commit;

/// <summary>Everything one request will change, decided beforehand: the writer only executes it, whole or not at all.</summary>
internal sealed class CommitPlan
{
    public List<ResourceWrite> Writes { get; } = [];

    /// <summary>Searches whose answer the plan was built on; they must give the same answer inside the transaction.</summary>
    public List<Precondition> Preconditions { get; } = [];

    /// <summary>
    /// Resources referred to but not here yet: their keys are reserved as anchors (version 0), invisible until someone writes them.
    /// One that exists with the same surrogate key is left alone; another surrogate key makes the plan stale.
    /// </summary>
    public List<(long Sid, ResourceKey Key)> Anchors { get; } = [];

    /// <summary>What happens to the contents of Binary resources, in order.</summary>
    public List<ContentWrite> Contents { get; } = [];

    /// <summary>Token texts not known to be stored yet.</summary>
    public List<KeyValuePair<long, string>> Texts { get; } = [];

    /// <summary>Parameter sets not known to be stored yet: type number, hash, comma-separated parameter numbers.</summary>
    public List<(int Type, long Hash, string Params)> Shapes { get; } = [];
}

/// <summary>One new version of one resource.</summary>
internal sealed class ResourceWrite
{
    public required long Sid { get; init; }

    public required ResourceKey Key { get; init; }

    /// <summary>Version the plan was built on; 0 when the resource must not exist. The writer refuses when it differs.</summary>
    public required int ExpectedVersion { get; init; }

    public int Version => ExpectedVersion + 1;

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public required long LastUpdated { get; init; }

    public required bool IsDeleted { get; init; }

    /// <summary>POST, PUT, PATCH or DELETE.</summary>
    public required string Method { get; init; }

    /// <summary>Compressed body as stored (codec in the first byte); empty for a deletion.</summary>
    public required byte[] Body { get; init; }

    /// <summary>First owner (patient) of the resource; 0 for none.</summary>
    public required long Owner { get; init; }

    /// <summary>Index rows of the new version; empty for a deletion.</summary>
    public required IndexRows Add { get; init; }

    /// <summary>Index rows of the version it replaces, extracted again from its body; null for a new resource.</summary>
    public required IndexRows? Remove { get; init; }
}

/// <summary>A search that must still match exactly these resources when the transaction runs (conditional create, update, delete).</summary>
/// <param name="Access">The plan of the caller on whose view the decision was made.</param>
internal sealed record Precondition(SearchQuery Query, AccessPlan Access, IReadOnlyList<long> ExpectedSids);

/// <summary>How a commit ended.</summary>
internal abstract record CommitResult
{
    private CommitResult()
    {
    }

    /// <summary>Durable on disk.</summary>
    public sealed record Committed : CommitResult;

    /// <summary>Someone else wrote first: a version, a new id or a precondition no longer holds. Decide again on fresh data.</summary>
    public sealed record Stale(string What) : CommitResult;
}
