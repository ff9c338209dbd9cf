using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>Coded values and identifiers → token rows (search.html#token). Codes and identifiers are kept as written, accents and case too.</summary>
/// <remarks>A ContactPoint's value is lower-cased: e-mail addresses do not tell case apart.</remarks>
internal static class TokenIndexer
{
    /// <summary>False when the datatype is no token.</summary>
    public static bool Index(FhirNode node, Emission emission, RowWriter rows)
    {
        switch (Datatypes.Of(node))
        {
            case Datatype.CodeableConcept:
                foreach (var child in node.Children)
                    if (child.NameId == ElementNames.Coding && child.HasValue)
                        Pair(child, ElementNames.Code, emission, rows);
                return true;
            case Datatype.Coding or Datatype.Quantity:
                Pair(node, ElementNames.Code, emission, rows);
                return true;
            case Datatype.Identifier:
                Pair(node, ElementNames.Value, emission, rows);
                return true;
            case Datatype.ContactPoint:
                if (node.Child(ElementNames.Value) is { Exists: true } address)
                    rows.Token(emission, rows.Context.Token(Encoding.UTF8.GetBytes(CaseFolded(address.Text))), 0);
                return true;
            case Datatype.Money:
                if (node.Child(ElementNames.Currency) is { Exists: true } currency)
                    rows.Token(emission, rows.Context.Token(currency.Utf8), rows.Context.Symbol(UnitSymbol.CurrencySystem));
                return true;
            case Datatype.Code:
                var code = node.Utf8;
                var system = emission.ImpliedSystems?.Find(code);
                rows.Token(emission, rows.Context.Token(code), system is null ? 0 : rows.Context.Symbol(system));
                return true;
            case Datatype.Boolean or Datatype.Text or Datatype.Uri or Datatype.Canonical or Datatype.Number or Datatype.Date:
                rows.Token(emission, rows.Context.Token(node.Utf8), 0);
                return true;
            default:
                return false;
        }
    }

    /// <summary>How a value is compared where case does not matter; searches fold theirs the same way.</summary>
    public static string CaseFolded(string value) => value.ToLowerInvariant();

    /// <summary>Row of an element that pairs a system with a code or value; none when only the system is given.</summary>
    internal static void Pair(FhirNode node, int valueName, Emission emission, RowWriter rows)
    {
        if (node.Child(valueName) is not { Exists: true } value)
            return;
        var system = node.Child(ElementNames.System);
        rows.Token(emission, rows.Context.Token(value.Utf8), system.Exists ? rows.Context.Symbol(system.Utf8) : 0);
    }
}
