using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Parameters;

/// <summary>A search parameter that someone defined by a SearchParameter resource, on one of its base types.</summary>
/// <param name="Id">Logical id of the SearchParameter.</param>
/// <param name="IndexKey">Name of its rows on disk, new whenever the definition changes, so that old rows never answer for it.</param>
internal sealed record CustomParameter(
    string Id, string IndexKey, string Type, string Code, SearchParamType Kind, string Expression, IReadOnlyList<string> Targets, string Url, IndexState State);

/// <summary>How far a custom parameter's rows are; one object for all its base types, read by every search and moved on by the reindex.</summary>
internal sealed class IndexState(IndexStage stage)
{
    private long done;
    private long total;

    public IndexStage Stage { get; } = stage;

    /// <summary>Why it cannot be used; null while it can.</summary>
    public string? Fault { get; init; }

    /// <summary>0 to 99 while its rows are being written.</summary>
    public int Percent => Volatile.Read(ref total) is > 0 and var all ? (int)Math.Min(99, Volatile.Read(ref done) * 100 / all) : 0;

    public void Report(long resourcesDone, long resourcesInAll)
    {
        Volatile.Write(ref total, resourcesInAll);
        Volatile.Write(ref done, resourcesDone);
    }
}

internal enum IndexStage
{
    /// <summary>Writes index it, older resources are being read: searches read bodies until all have their rows.</summary>
    Indexing,

    /// <summary>Every resource has its rows.</summary>
    Ready,

    /// <summary>Its expression failed on a resource, or another parameter has its code: it is neither written nor answered.</summary>
    Failed,
}

/// <summary>What a <see cref="SearchParam"/> has beside its definition when it is a custom one.</summary>
/// <param name="IndexKey">Names its rows: a changed definition has others.</param>
/// <param name="PresenceNumber">Number of the token row that says a resource has a value, for <c>:missing</c>; the shape row is R4's alone.</param>
internal sealed record CustomIndex(string Id, IndexState State, string IndexKey, int PresenceNumber)
{
    /// <summary>Text of the presence row's token.</summary>
    public const string Present = "present";
}
