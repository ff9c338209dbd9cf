using System.Text;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Search.Indexing.Extraction;

/// <summary>What a reference says about its target without anyone fetching it.</summary>
internal static class ReferenceTargets
{
    /// <summary>Whether a Reference points at a resource of the type: by its address, its contained target, or its <c>type</c> element.</summary>
    public static bool IsOfType(FhirNode reference, ReadOnlySpan<byte> type)
    {
        var text = reference.Child(ElementNames.Reference);
        if (!text.Exists)
            return false;

        var address = text.Utf8;
        if (address is [(byte)'#', .. var id])
            return Contained(reference.Tree.Root, reference.Index, id) is { Exists: true } target && Is(target.Type.Name, type);
        if (TypeIn(address) is { IsEmpty: false } named)
            return named.SequenceEqual(type);
        return reference.Child(ElementNames.Type) is { Exists: true } stated && stated.Utf8.SequenceEqual(type);
    }

    /// <summary>Address without <c>/_history/version</c>: versioned and plain references point at the same resource.</summary>
    public static ReadOnlySpan<byte> WithoutVersion(ReadOnlySpan<byte> address)
    {
        var cut = address.LastIndexOf("/_history/"u8);
        return cut < 0 ? address : address[..cut];
    }

    /// <summary>The resource type an address names (<c>.../Type/id</c>); empty when it names none.</summary>
    public static ReadOnlySpan<byte> TypeIn(ReadOnlySpan<byte> address)
    {
        var plain = WithoutVersion(address);
        var slash = plain.LastIndexOf((byte)'/');
        if (slash <= 0 || slash == plain.Length - 1)
            return default;

        var before = plain[..slash];
        var segment = before[(before.LastIndexOf((byte)'/') + 1)..];
        return FhirSchema.Resource(segment) is null ? default : segment;
    }

    // In a Bundle every entry has its own contained resources: look in the innermost resource around the reference that has any.
    public static FhirNode Contained(FhirNode resource, int referenceIndex, ReadOnlySpan<byte> id)
    {
        while (true)
        {
            FhirNode inner = default;
            foreach (var child in resource.Children)
            {
                if (child.NameId == ElementNames.Contained && child.Child(ElementNames.Id) is { Exists: true } own && own.Utf8.SequenceEqual(id))
                    return child;
                if (child.Index < referenceIndex && referenceIndex < child.Tree.Nodes[child.Index].Next)
                    inner = child;
            }

            if (!inner.Exists)
                return default;
            resource = inner;
        }
    }

    private static bool Is(string name, ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetByteCount(name) == utf8.Length && name == Encoding.UTF8.GetString(utf8);
}
