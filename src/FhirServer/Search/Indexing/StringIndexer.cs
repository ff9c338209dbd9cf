using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>Texts, names and addresses → string rows, a row a part (search.html#string).</summary>
internal static class StringIndexer
{
    /// <summary>False when the datatype is no text.</summary>
    public static bool Index(FhirNode node, Emission emission, RowWriter rows)
    {
        if (!IsText(node))
            return false;
        var sink = new Sink(emission, rows);
        Parts(node, ref sink);
        return true;
    }

    /// <summary>Hands every text of the value to the sink: the value itself, or the parts of a name or address.</summary>
    internal static void Parts<TSink>(FhirNode node, ref TSink sink)
        where TSink : struct, ITextSink
    {
        switch (Datatypes.Of(node))
        {
            case Datatype.HumanName:
                foreach (var part in node.Children)
                    if (part.HasValue && (part.NameId == ElementNames.Family || part.NameId == ElementNames.Given || part.NameId == ElementNames.Text
                        || part.NameId == ElementNames.Prefix || part.NameId == ElementNames.Suffix))
                        sink.Text(part.Text);
                break;
            case Datatype.Address:
                foreach (var part in node.Children)
                    if (part.HasValue && (part.NameId == ElementNames.Line || part.NameId == ElementNames.City || part.NameId == ElementNames.State
                        || part.NameId == ElementNames.PostalCode || part.NameId == ElementNames.Country || part.NameId == ElementNames.District
                        || part.NameId == ElementNames.Text))
                        sink.Text(part.Text);
                break;
            default:
                sink.Text(node.Text);
                break;
        }
    }

    private static bool IsText(FhirNode node) => Datatypes.Of(node) is Datatype.HumanName or Datatype.Address or Datatype.Text or Datatype.Code
        or Datatype.Uri or Datatype.Canonical or Datatype.Boolean or Datatype.Number or Datatype.Date;

    /// <summary>At most <see cref="StringRow.MaxLength"/> characters, never half of a surrogate pair; searches cut theirs the same way.</summary>
    public static string Cut(string text)
    {
        if (text.Length <= StringRow.MaxLength)
            return text;
        return text[..(char.IsHighSurrogate(text[StringRow.MaxLength - 1]) ? StringRow.MaxLength - 1 : StringRow.MaxLength)];
    }

    private readonly struct Sink(Emission emission, RowWriter rows) : ITextSink
    {
        public void Text(string text)
        {
            var folded = StringFolding.Fold(text);
            rows.String(emission, Cut(folded), Cut(StringComposition.Compose(text)));
            if (folded.Length > StringRow.MaxLength)
                foreach (var piece in StringPieces.Of(folded))
                    rows.StringPiece(emission, piece);
        }
    }
}

/// <summary>Receives texts.</summary>
internal interface ITextSink
{
    void Text(string text);
}
