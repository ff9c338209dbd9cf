using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>Texts, names and addresses → string rows, a row a part (search.html#string).</summary>
internal static class StringIndexer
{
    /// <summary>False when the datatype is no text.</summary>
    public static bool Index(FhirNode node, Emission emission, RowWriter rows)
    {
        switch (Datatypes.Of(node))
        {
            case Datatype.HumanName:
                foreach (var part in node.Children)
                    if (part.HasValue && (part.NameId == ElementNames.Family || part.NameId == ElementNames.Given || part.NameId == ElementNames.Text
                        || part.NameId == ElementNames.Prefix || part.NameId == ElementNames.Suffix))
                        Add(part, emission, rows);
                return true;
            case Datatype.Address:
                foreach (var part in node.Children)
                    if (part.HasValue && (part.NameId == ElementNames.Line || part.NameId == ElementNames.City || part.NameId == ElementNames.State
                        || part.NameId == ElementNames.PostalCode || part.NameId == ElementNames.Country || part.NameId == ElementNames.District
                        || part.NameId == ElementNames.Text))
                        Add(part, emission, rows);
                return true;
            case Datatype.Text or Datatype.Code or Datatype.Uri or Datatype.Canonical or Datatype.Boolean or Datatype.Number or Datatype.Date:
                Add(node, emission, rows);
                return true;
            default:
                return false;
        }
    }

    private static void Add(FhirNode node, Emission emission, RowWriter rows)
    {
        var text = node.Text;
        rows.String(emission, Cut(StringFolding.Fold(text)), Cut(text));
    }

    /// <summary>At most <see cref="StringRow.MaxLength"/> characters, never half of a surrogate pair; searches cut theirs the same way.</summary>
    public static string Cut(string text)
    {
        if (text.Length <= StringRow.MaxLength)
            return text;
        return text[..(char.IsHighSurrogate(text[StringRow.MaxLength - 1]) ? StringRow.MaxLength - 1 : StringRow.MaxLength)];
    }
}
