using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Validation;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>One create, update or delete that a request asks for, conditions already resolved to a key.</summary>
internal sealed record WriteIntent(ResourceKey Key, string Method)
{
    /// <summary>The resource as sent; default for a delete.</summary>
    public FhirNode Body { get; init; }

    /// <summary>A fresh id of ours: nothing can stand there yet.</summary>
    public bool IsNewId { get; init; }

    /// <summary>If-Match: the version that must be current.</summary>
    public int? IfMatch { get; init; }

    /// <summary>The version the body was made from (a patch); the intent is stale when another one is current. Null: the body stands for itself.</summary>
    public int? BasedOn { get; init; }

    /// <summary>If-None-Match: * — only when there is no current version.</summary>
    public bool MustNotExist { get; init; }

    /// <summary>The version to put back where nothing stands (versions 0 only); where something does, it is an update like any other. Null for a version of our own.</summary>
    public RestoredVersion? Restored { get; init; }

    /// <summary>The search that led to this key, to hold again inside the transaction.</summary>
    public Precondition? Precondition { get; init; }

    /// <summary>Delete what refers to it, too.</summary>
    public bool Cascade { get; init; }

    /// <summary>Position in the Bundle; null outside one.</summary>
    public int? Entry { get; init; }

    public bool IsDelete => !Body.Exists;
}

/// <summary>Number and time of a version as they were where it comes from.</summary>
/// <param name="LastUpdated">Milliseconds since 1970 UTC; not in the future.</param>
internal readonly record struct RestoredVersion(int Version, long LastUpdated);

/// <summary>What became of one intent.</summary>
internal enum WriteKind
{
    Created,
    Updated,

    /// <summary>The content equals the current version: no new version is made.</summary>
    Unchanged,
    Deleted,

    /// <summary>Nothing to delete: never existed or gone already. Deleting is idempotent (http.html#delete).</summary>
    AlreadyGone,
}

internal sealed record WriteOutcome(WriteKind Kind, StoredResource? Resource)
{
    /// <summary>What validation found; null when it was not asked for.</summary>
    public ValidationReport? Findings { get; init; }

    public int Status => Kind switch
    {
        WriteKind.Created => 201,
        WriteKind.Deleted or WriteKind.AlreadyGone => 204,
        _ => 200,
    };
}

internal abstract record WriteResult
{
    private WriteResult()
    {
    }

    /// <summary>All intents are durable; outcomes in their order.</summary>
    public sealed record Done(IReadOnlyList<WriteOutcome> Outcomes) : WriteResult;

    /// <summary>Nothing was written, and trying again will not help.</summary>
    public sealed record Refused(FhirFault Fault) : WriteResult
    {
        /// <summary>Which intent was refused, when it was one, and why without the words of a Bundle.</summary>
        public (WriteIntent Intent, FhirFault Fault)? Of { get; private init; }

        /// <summary>The refusal of one intent; inside a Bundle it names the entry.</summary>
        public static Refused At(WriteIntent intent, FhirFault fault) => new(intent.Entry is { } entry ? fault.InEntry(entry) : fault) { Of = (intent, fault) };
    }

    /// <summary>Nothing was written because someone else wrote first: resolve conditions again and retry.</summary>
    public sealed record Stale(string What) : WriteResult;
}
