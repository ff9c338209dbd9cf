using System.Buffers.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>Numbers → number rows (search.html#number). A Range gets a row for each end it has.</summary>
internal static class NumberIndexer
{
    /// <summary>False when the datatype is no number.</summary>
    public static bool Index(FhirNode node, Emission emission, RowWriter rows)
    {
        switch (Datatypes.Of(node))
        {
            case Datatype.Number:
                Add(node, emission, rows);
                return true;
            case Datatype.Range:
                foreach (var end in node.Children)
                    if (end.NameId == ElementNames.Low || end.NameId == ElementNames.High)
                        Add(end.Child(ElementNames.Value), emission, rows);
                return true;
            default:
                return false;
        }
    }

    /// <summary>The decimal a node holds, exactly as written; null when there is none.</summary>
    internal static decimal? ValueOf(FhirNode node)
    {
        if (!node.Exists || node.Kind != NodeKind.Number)
            return null;
        var digits = node.Raw;
        return Utf8Parser.TryParse(digits, out decimal value, out var used, digits.IndexOfAny((byte)'e', (byte)'E') >= 0 ? 'E' : 'G') && used == digits.Length
            ? value
            : null;
    }

    private static void Add(FhirNode node, Emission emission, RowWriter rows)
    {
        if (ValueOf(node) is { } value)
            rows.Number(emission, DecimalKey.Encode(value));
    }
}
