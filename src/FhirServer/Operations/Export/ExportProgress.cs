using System.Globalization;
using System.Text.Json;
using FhirEmr.FhirServer.Storage.Jobs;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Operations.Export;

/// <summary>How far a bulk export is, and all it knows about itself: the job's row keeps it as JSON, and each chunk is committed with it.</summary>
/// <param name="Instant">The manifest's transactionTime, in milliseconds since 1970 UTC: everything is exported as it stood then.</param>
/// <param name="Asked">The address it was asked for at.</param>
/// <param name="Plan">Key of the access plan it was accepted under (security.md S-39).</param>
/// <param name="Types">Effective types, in the order they are written.</param>
internal sealed record ExportProgress(long Instant, string Asked, string Plan, IReadOnlyList<string> Types)
{
    /// <summary>Milliseconds since 1970 UTC; null for everything there is.</summary>
    public long? Since { get; init; }

    /// <summary>Files of resources are fetched as Parquet.</summary>
    public bool IsParquet { get; init; }

    /// <summary>Index of the type that is being written.</summary>
    public int At { get; init; }

    /// <summary>What is there of the type has been written: its deletions are.</summary>
    public bool IsDeleting { get; init; }

    /// <summary>Where the last stretch ended.</summary>
    public long Updated { get; init; }

    /// <inheritdoc cref="Updated"/>
    public long Sid { get; init; }

    /// <summary>Resources and deletions written.</summary>
    public long Written { get; init; }

    public IReadOnlyList<ExportFile> Files { get; init; } = [];

    /// <summary>What lenient handling left out: code and text.</summary>
    public IReadOnlyList<string[]> Ignored { get; init; } = [];

    /// <summary>Failures since it last got on.</summary>
    public int Failures { get; init; }

    /// <summary>Why it was given up; null while there is hope, and when all went well.</summary>
    public string? Fault { get; init; }

    public ExportPosition Position => new(Updated, Sid);

    /// <summary>Everything has been written.</summary>
    public bool IsWhole => At >= Types.Count;

    /// <summary>How far it is, in words.</summary>
    /// <param name="state">One of <see cref="JobState"/>.</param>
    public string Said(string state) => state == JobState.Queued ? "waiting"
        : string.Create(CultureInfo.InvariantCulture, $"{Written} resources, {Math.Min(At, Types.Count)} of {Types.Count} types done");

    public static ExportProgress Read(string json) => JsonSerializer.Deserialize<ExportProgress>(json)!;

    public string Write() => JsonSerializer.Serialize(this);
}

/// <summary>One file of an export, in pieces among the contents of the store.</summary>
/// <param name="Content">Number of the content that holds its pieces.</param>
/// <param name="Envelope">How they are encrypted.</param>
/// <param name="Pieces">Pieces there are, without the empty one that closes the file.</param>
/// <param name="Count">Lines.</param>
/// <param name="Bytes">Bytes of the file as it is handed out.</param>
internal sealed record ExportFile(string Type, string Kind, long Content, string Envelope, int Pieces, long Count, long Bytes, bool IsClosed)
{
    public const string Output = "output", Deleted = "deleted", Error = "error";
}
