using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Documents;

/// <summary>What a caller may see of one patient's record, parsed: the patient, what is of them, and what that refers to.</summary>
internal sealed class PatientRecord
{
    private readonly Dictionary<ResourceKey, RecordResource> byKey = [];
    private readonly Dictionary<string, List<RecordResource>> byType = new(StringComparer.Ordinal);
    private readonly ResourceKey patient;
    private readonly Func<string, ResourceKey?> local;

    /// <param name="members">Resources of the patient, the patient among them.</param>
    /// <param name="referred">Others, that those refer to.</param>
    /// <param name="local">Which references are of this server; relative ones alone when it is left out.</param>
    public PatientRecord(ResourceKey patient, IEnumerable<RecordResource> members, IEnumerable<RecordResource> referred, Func<string, ResourceKey?>? local = null)
    {
        this.patient = patient;
        this.local = local ?? RecordResource.Relative;
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
        reference is not null && local(reference) is { } key ? byKey.GetValueOrDefault(key) : null;

    public RecordResource? Find(ResourceKey key) => byKey.GetValueOrDefault(key);
}

/// <summary>One resource as stored, and its parsed view.</summary>
internal sealed record RecordResource(ResourceKey Key, int Version, ReadOnlyMemory<byte> Json, FhirNode Root)
{
    /// <summary>Whether it bears a security label: then not everybody who sees the rest may see it.</summary>
    public bool IsLabelled => Root.Child("meta") is { Exists: true } meta && meta.Each("security").Any();

    /// <summary>Which references are of this server.</summary>
    public Func<string, ResourceKey?> Local { get; init; } = Relative;

    public static ResourceKey? Relative(string reference) => ResourceKey.TryParseRelative(reference, out var key, out _) ? key : null;

    /// <summary>References of this server that stand in it, in order.</summary>
    public IEnumerable<ResourceKey> References()
    {
        var tree = Root.Tree;
        for (var i = Root.Index + 1; i < tree.Nodes[Root.Index].Next; i++)
        {
            var node = new FhirNode(tree, i);
            if (node.Kind == NodeKind.Text && node.NameId == ReferenceName && Local(node.Text) is { } key)
                yield return key;
        }
    }

    private static readonly int ReferenceName = FhirNames.Id("reference");
}
