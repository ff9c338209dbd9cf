using System.Security.Cryptography;
using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>URIs → uri rows, exactly as written (search.html#uri). A canonical with a version gets a row without it too.</summary>
internal static class UriIndexer
{
    /// <summary>False when the datatype is no URI.</summary>
    public static bool Index(FhirNode node, Emission emission, RowWriter rows)
    {
        var kind = Datatypes.Of(node);
        if (kind is not (Datatype.Uri or Datatype.Canonical or Datatype.Text))
            return false;

        var text = node.Text;
        rows.Uri(emission, Cut(text));
        if (kind == Datatype.Canonical && text.IndexOf('|', StringComparison.Ordinal) is > 0 and var bar)
            rows.Uri(emission, Cut(text[..bar]));
        return true;
    }

    /// <summary>The URI, or for very long ones its beginning and a hash of the whole; searches cut theirs the same way.</summary>
    public static string Cut(string uri)
    {
        if (uri.Length <= UriRow.MaxLength)
            return uri;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(uri)).AsSpan(0, 16));
        return string.Concat(uri.AsSpan(0, UriRow.MaxLength - hash.Length - 1), "#", hash);
    }
}
