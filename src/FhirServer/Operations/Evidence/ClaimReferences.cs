using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;

namespace FhirEmr.FhirServer.Operations.Evidence;

/// <summary>What one version of a Claim rests on: the resources it refers to, and the versions that billing wrote down when it made the claim.</summary>
internal static class ClaimReferences
{
    /// <summary>Extension of Claim, one for each: <c>valueUri</c> is <c>Type/id/_history/version</c> of a resource the claim was decided on.</summary>
    public const string EvidenceUrl = "urn:fhiremr:claim-evidence";

    private static readonly int Extension = FhirNames.Id("extension");
    private static readonly int Url = FhirNames.Id("url");

    /// <summary>Versions written down, in order.</summary>
    public static IEnumerable<(ResourceKey Key, int Version)> Pinned(FhirNode claim)
    {
        foreach (var child in claim.Children)
            if (child.NameId == Extension && child.TextOf(Url) == EvidenceUrl && child.TextOf(ElementNames.Value) is { } text
                && ResourceKey.TryParseRelative(text, out var key, out var version) && version > 0)
                yield return (key, version);
    }

    /// <summary>References anywhere in the claim, in order of appearance, with the FHIRPath of the first place they stand in.</summary>
    /// <param name="isLocal">Reads an address of this server; false leaves the reference out as one that we cannot follow.</param>
    public static IReadOnlyList<ClaimReference> Of(FhirNode claim, TryRead isLocal)
    {
        var found = new List<ClaimReference>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var tree = claim.Tree;
        for (var i = claim.Index + 1; i < tree.Nodes[claim.Index].Next; i++)
        {
            var node = new FhirNode(tree, i);
            if (node.Kind != NodeKind.Text || node.NameId != ElementNames.Reference || node.Text is not { Length: > 0 } text || text[0] == '#' || !seen.Add(text))
                continue;
            var path = NodePath.Of(claim, i);
            found.Add(new(text, path.EndsWith(".reference", StringComparison.Ordinal) ? path[..^".reference".Length] : path, isLocal(text, out var key, out var version) ? key : null, version));
        }

        return found;
    }

    public delegate bool TryRead(string reference, out ResourceKey key, out int version);
}

/// <param name="Key">Null when the address is not of this server.</param>
/// <param name="Version">The version the reference itself names; 0 for none.</param>
internal sealed record ClaimReference(string Text, string Path, ResourceKey? Key, int Version);
