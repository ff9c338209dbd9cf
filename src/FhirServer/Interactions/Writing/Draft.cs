using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Validation;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>One intent on its way to a write.</summary>
internal sealed class Draft(WriteIntent intent)
{
    private HashSet<ResourceKey>? oldReferences;

    public WriteIntent Intent { get; } = intent;

    public CurrentState Current { get; set; }

    public long Sid { get; set; }

    public IReadOnlyList<TextRewrite> Rewrites { get; set; } = [];

    public List<ReferenceUse> References { get; } = [];

    /// <summary>Security labels of the current version that the new one keeps because it says nothing of any; empty for none.</summary>
    public byte[] KeptLabels { get; set; } = [];

    public ResourceTree? OldTree { get; private set; }

    public WriteOutcome? Outcome { get; set; }

    /// <summary>What validation found; null when it was not asked for.</summary>
    public ValidationReport? Findings { get; set; }

    public bool HadReference(ResourceKey key) => oldReferences?.Contains(key) == true;

    public void OldReferences(LocalAddress address, Action<ResourceKey> found)
    {
        if (!Current.Exists)
            return;

        OldTree = FhirJsonReader.Read(Current.Json, out _)
            ?? throw new InvalidDataException($"The stored body of {Intent.Key} cannot be read; run the doctor.");
        var uses = new List<ReferenceUse>();
        Links.None.Rewrite(OldTree.Root, uses);
        oldReferences = [];
        foreach (var use in uses)
            if (address.TryGetKey(use.Reference, out var key) && oldReferences.Add(key))
                found(key);
    }

    public StoredResource CurrentResource() => new(Current.Sid, Intent.Key, Current.Version,
        FhirInstant.FromMilliseconds(Current.LastUpdated), false, "PUT", Current.Json);
}
