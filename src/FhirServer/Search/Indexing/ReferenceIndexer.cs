using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>References, canonicals and URIs → reference rows (search.html#reference), and the patients that own the resource.</summary>
/// <remarks>
/// A versioned reference points at the same target as a plain one. A canonical gets two rows (<see cref="CanonicalForm"/>). A reference to a contained resource leads to rows of that resource's own values. An identifier beside or instead of the address becomes a token row of the same parameter (<c>:identifier</c>).
/// </remarks>
internal static class ReferenceIndexer
{
    /// <summary>False when the datatype refers to nothing.</summary>
    public static bool Index(FhirNode node, Emission emission, RowWriter rows)
    {
        switch (Datatypes.Of(node))
        {
            case Datatype.Reference:
                if (node.Child(ElementNames.Reference) is { Exists: true } text)
                    Address(node, text.Utf8, emission, rows);
                if (node.Child(ElementNames.Identifier) is { Exists: true } identifier)
                    _ = TokenIndexer.Pair(identifier, ElementNames.Value, emission, rows);
                return true;
            case Datatype.Canonical or Datatype.Uri:
                Canonical(node, emission, rows);
                return true;
            case Datatype.Resource: // Bundle.composition, Bundle.message: the resource itself stands there, no address to index
                return emission.Params.Any(p => p.Targets.Count == 0 || p.Targets.Contains(node.Type.Name));
            default:
                return false;
        }
    }

    private static void Address(FhirNode node, ReadOnlySpan<byte> address, Emission emission, RowWriter rows)
    {
        if (address is [(byte)'#', .. var id])
        {
            if (ReferenceTargets.Contained(node.Tree.Root, node.Index, id) is { Exists: true } inside)
                rows.PointsInside(emission, inside);
            return;
        }

        if (address.IsEmpty)
            return;
        var target = rows.TargetOf(node, emission, ReferenceTargets.WithoutVersion(address));
        rows.Reference(emission, target);
        if (emission.Owns && target > 0 && ReferenceTargets.TypeIn(address).SequenceEqual("Patient"u8))
            rows.Owner(target, emission.OwnsPrimarily);
    }

    private static void Canonical(FhirNode node, Emission emission, RowWriter rows)
    {
        var address = node.Utf8;
        if (address.IsEmpty || address[0] == '#')
            return;

        var bar = address.IndexOf((byte)'|');
        rows.Reference(emission, rows.Context.Canonical(Encoding.UTF8.GetString(bar < 0 ? address : address[..bar])));
        rows.Reference(emission, rows.Context.Canonical(bar < 0 ? Encoding.UTF8.GetString(address) + "|" : Encoding.UTF8.GetString(address)));
    }
}
