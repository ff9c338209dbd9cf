using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Documents;

/// <summary>What a caller may see of one patient's record, parsed: the patient, what is of them, and what that refers to.</summary>
internal sealed class PatientRecord
{
    private readonly Dictionary<ResourceKey, RecordResource> byKey = [];
    private readonly Dictionary<string, List<RecordResource>> byType = new(StringComparer.Ordinal);
    private readonly ResourceKey patient;

    /// <param name="members">Resources of the patient, the patient among them.</param>
    /// <param name="referred">Others, that those refer to.</param>
    public PatientRecord(ResourceKey patient, IEnumerable<RecordResource> members, IEnumerable<RecordResource> referred)
    {
        this.patient = patient;
        foreach (var member in members)
        {
            byKey[member.Key] = member;
            if (!byType.TryGetValue(member.Key.Type, out var list))
                byType[member.Key.Type] = list = [];
            list.Add(member);
        }

        foreach (var other in referred)
            byKey.TryAdd(other.Key, other);
    }

    public RecordResource Patient => byKey[patient];

    public IEnumerable<RecordResource> All => byKey.Values;

    /// <summary>The patient's resources of a type, in order of creation.</summary>
    public IReadOnlyList<RecordResource> Of(string type) => byType.GetValueOrDefault(type) ?? [];

    /// <summary>What a reference of this server names; null when the record has it not.</summary>
    public RecordResource? Find(string? reference) =>
        reference is not null && ResourceKey.TryParseRelative(reference, out var key, out _) ? byKey.GetValueOrDefault(key) : null;

    public RecordResource? Find(ResourceKey key) => byKey.GetValueOrDefault(key);
}

/// <summary>One resource as stored, and its parsed view.</summary>
internal sealed record RecordResource(ResourceKey Key, int Version, ReadOnlyMemory<byte> Json, FhirNode Root)
{
    /// <summary>Relative references of this server that stand in it, in order.</summary>
    public IEnumerable<ResourceKey> References()
    {
        var tree = Root.Tree;
        for (var i = Root.Index + 1; i < tree.Nodes[Root.Index].Next; i++)
        {
            var node = new FhirNode(tree, i);
            if (node.Kind == NodeKind.Text && node.NameId == ReferenceName && ResourceKey.TryParseRelative(node.Text, out var key, out _))
                yield return key;
        }
    }

    private static readonly int ReferenceName = FhirNames.Id("reference");
}
