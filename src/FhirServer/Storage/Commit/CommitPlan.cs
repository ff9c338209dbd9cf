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

    /// <summary>Surrogate keys that must name current resources inside the transaction: what the plan newly refers to.</summary>
    public List<long> Targets { get; } = [];

    /// <summary><see cref="IResourceStore.DeletionMark"/> from before the targets were looked up.</summary>
    public long DeletionMark { get; set; } = -1;

    /// <summary>Nothing may still refer to what the plan deletes when it is done.</summary>
    public bool DeletesOnlyUnreferenced { get; set; }

    /// <summary>
    /// Resources to remove as if they had never been: current version (the one expected), history and index rows. One that others still refer
    /// to leaves a reserved key (version 0), so that what refers to it stays indexed.
    /// </summary>
    public List<ResourceWrite> Purges { get; } = [];

    /// <summary>Index rows to take out and put in although no version changes; their resources must still be at these versions.</summary>
    public List<RowCorrection> Corrections { get; } = [];

    /// <summary>Rows beside the resources that come and go with them: answers kept for repeats, jobs, settings. They run before the writes.</summary>
    public List<PlanStatement> Statements { get; } = [];

    /// <summary>Rows of tables that are only ever added to: the audit of what the plan does.</summary>
    public List<ColumnRows> Records { get; } = [];

    /// <summary>What happens to the contents of Binary resources, in order.</summary>
    public List<ContentWrite> Contents { get; } = [];

    /// <summary>Token texts not known to be stored yet.</summary>
    public List<KeyValuePair<long, string>> Texts { get; } = [];

    /// <summary>Parameter sets not known to be stored yet: type number, hash, comma-separated parameter numbers.</summary>
    public List<(int Type, long Hash, string Params)> Shapes { get; } = [];

    /// <summary>Texts beside tokens not known to be stored yet.</summary>
    public List<TokenDisplay> Displays { get; } = [];

    /// <summary>Index rows for resources as they stand: no new version is made (reindex).</summary>
    public List<IndexFill> Fills { get; } = [];
}

/// <summary>A text that stands beside a token of a parameter in some resource.</summary>
/// <param name="Key">Names the entry among those known to be stored.</param>
/// <param name="Folded">Folded as strings are, cut as they are.</param>
internal readonly record struct TokenDisplay(long Key, int Param, string Folded, long Hash, int System);

/// <summary>Index rows of a resource that has no new version: the plan is stale unless it still is at the version they were extracted from.</summary>
internal sealed record IndexFill(long Sid, int Version, IndexRows Add, IndexRows? Remove = null);

/// <summary>Locks that keep a plan which refers to a resource and one which deletes it from running at once, on engines with many writers.</summary>
/// <remarks>A lock stands for all keys of one bucket: a Bundle never needs more than there are buckets, and a writer waits for few others.</remarks>
internal static class ReferenceLocks
{
    public const int Buckets = 1024;

    /// <summary>Buckets of what the plan deletes, ascending.</summary>
    public static int[] Exclusive(CommitPlan plan) => plan.DeletesOnlyUnreferenced || plan.Purges.Count > 0
        ? [.. plan.Writes.Where(w => w.IsDeleted).Concat(plan.Purges).Select(w => BucketOf(w.Sid)).Distinct().Order()]
        : [];

    /// <summary>Buckets of what the plan refers to, ascending.</summary>
    public static int[] Shared(CommitPlan plan) => [.. plan.Targets.Select(BucketOf).Distinct().Order()];

    private static int BucketOf(long sid) => (int)(sid % Buckets);
}

/// <summary>One new version of one resource.</summary>
internal sealed class ResourceWrite
{
    public required long Sid { get; init; }

    public required ResourceKey Key { get; init; }

    /// <summary>Version the plan was built on; 0 when the resource must not exist. The writer refuses when it differs.</summary>
    public required int ExpectedVersion { get; init; }

    /// <summary>The number of a version that is put back; its chain begins with it. Only where nothing stands; null for the number that comes next.</summary>
    public int? Restored { get; init; }

    public int Version => Restored ?? ExpectedVersion + 1;

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public required long LastUpdated { get; init; }

    public required bool IsDeleted { get; init; }

    /// <summary>A condition that matched nothing, or this, led to the write.</summary>
    public bool IsConditional { get; init; }

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
internal sealed record Precondition(SearchQuery Query, AccessPlan Access, IReadOnlyList<long> ExpectedSids)
{
    /// <summary>The condition as asked, without the caller's filter: overlapping conditions of different callers meet by it.</summary>
    public SearchExpression Asked { get; init; } = Query.Where;
}

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
