using System.Text.Json;
using System.Text.Json.Serialization;

namespace FhirEmr.FhirServer.Storage.Reindex;

/// <summary>Where a reindex stands, as its job row keeps it.</summary>
internal sealed record ReindexProgress
{
    /// <summary>Logical id of the SearchParameter; null when everything is indexed again.</summary>
    public string? Parameter { get; init; }

    public string Code { get; init; } = "";

    /// <summary>Name of the rows on disk (<see cref="Search.Parameters.CustomParameter.IndexKey"/>).</summary>
    public string IndexKey { get; init; } = "";

    public string Fingerprint { get; init; } = "";

    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>Position in <see cref="Types"/>, and the last surrogate key done in that type.</summary>
    public int At { get; init; }

    public long Sid { get; init; }

    public long Done { get; init; }

    /// <summary>Resources in all, counted when the work began; -1 before.</summary>
    public long Total { get; init; } = -1;

    public string? Fault { get; init; }

    /// <summary>The definition that all rows satisfy when everything is done; null for a part of the store.</summary>
    public int? Definition { get; init; }

    /// <summary>
    /// What the resources of the type gave so far: rows and the sum of their surrogate keys, by table and parameter (<c>Token.57</c>). Rows on disk
    /// beyond it were written by an older definition.
    /// </summary>
    public IReadOnlyDictionary<string, long[]> Tally { get; init; } = new Dictionary<string, long[]>();

    /// <summary>Rows of the type are still to be compared with <see cref="Tally"/>.</summary>
    public bool IsCounting { get; init; }

    /// <summary>Tables and parameters with rows too many: each row is compared with its resource.</summary>
    public IReadOnlyList<string> Sweeps { get; init; } = [];

    /// <summary>Key of the last row compared in the first of <see cref="Sweeps"/>; numbers in decimal.</summary>
    public IReadOnlyList<string> Key { get; init; } = [];

    public static ReindexProgress Read(string json) => JsonSerializer.Deserialize(json, ReindexJson.Default.ReindexProgress)!;

    public string Write() => JsonSerializer.Serialize(this, ReindexJson.Default.ReindexProgress);
}

[JsonSerializable(typeof(ReindexProgress))]
internal sealed partial class ReindexJson : JsonSerializerContext;
