using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>Which Reference elements of a resource search parameters have reached, so that the others can be indexed, too.</summary>
/// <remarks>
/// Deleting asks what refers to a resource through any element: in extensions, in contained resources, and where R4 has no parameter. What a
/// stored Bundle holds refers among itself (bundle.html#references) and is left out.
/// </remarks>
internal sealed class ReachedReferences(FhirNode root)
{
    private static readonly int ReferenceType = FhirSchema.ReferenceType.Id;
    private ulong[]? marks;

    public void Mark(FhirNode reference)
    {
        if (reference.Tree != root.Tree) // read back from an interpreted expression: not at its place in the resource
            return;

        var at = reference.Index - root.Index;
        marks ??= new ulong[((root.Tree.Nodes[root.Index].Next - root.Index) >> 6) + 1];
        marks[at >> 6] |= 1UL << (at & 63);
    }

    /// <summary>Hands over the address of each Reference not marked, without version; fragments (contained) left out.</summary>
    public void Others<T>(T state, Action<string, T> found)
    {
        if (root.Type.Name == "Bundle")
            return;

        var nodes = root.Tree.Nodes;
        var end = nodes[root.Index].Next;
        for (var i = root.Index + 1; i < end; i++)
        {
            if (nodes[i].Type != ReferenceType || nodes[i].Kind != NodeKind.Object || IsMarked(i - root.Index))
                continue;
            if (new FhirNode(root.Tree, i).Child(ElementNames.Reference) is not { Exists: true } text || text.Utf8 is not { IsEmpty: false } address || address[0] == '#')
                continue;
            found(Encoding.UTF8.GetString(ReferenceTargets.WithoutVersion(address)), state);
        }
    }

    private bool IsMarked(int at) => marks is not null && (marks[at >> 6] & (1UL << (at & 63))) != 0;
}
