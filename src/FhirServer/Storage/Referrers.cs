using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Storage;

/// <summary>A current resource that refers to another one.</summary>
internal sealed record Referrer(long Sid, ResourceKey Key, int Version);

/// <summary>Some of the resources that refer to others, and how many there are of each type.</summary>
internal sealed record Referrers(IReadOnlyList<Referrer> Some, IReadOnlyList<(string Type, long Count)> Counts)
{
    public long Total => Counts.Sum(c => c.Count);
}
