using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>Coded values and identifiers → token rows (search.html#token). Codes and identifiers are kept as written, accents and case too.</summary>
/// <remarks>
/// Case is folded where the datatype or the code system says that it does not matter (<see cref="TokenCase"/>). What a concept is called adds
/// no rows: each text is linked once to a token it stands beside, and only a concept in words alone has a row for its words.
/// </remarks>
internal static class TokenIndexer
{
    /// <summary>False when the datatype is no token.</summary>
    public static bool Index(FhirNode node, Emission emission, RowWriter rows)
    {
        switch (Datatypes.Of(node))
        {
            case Datatype.CodeableConcept:
                Concept(node, emission, rows);
                return true;
            case Datatype.Coding:
                if (Pair(node, ElementNames.Code, emission, rows) is { } coded)
                    Text(node.Child(ElementNames.Display), emission, rows, coded);
                else
                    InWords(node.Child(ElementNames.Display), emission, rows);
                return true;
            case Datatype.Quantity:
                Pair(node, ElementNames.Code, emission, rows);
                return true;
            case Datatype.Identifier:
                Identifier(node, emission, rows);
                return true;
            case Datatype.ContactPoint:
                if (node.Child(ElementNames.Value) is { Exists: true } address)
                    rows.Token(emission, rows.Context.Token(Encoding.UTF8.GetBytes(TokenCase.Fold(address.Text))), 0);
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

    /// <summary>Row of an element that pairs a system with a code or value; none, and null, when only the system is given.</summary>
    internal static (long Hash, int System)? Pair(FhirNode node, int valueName, Emission emission, RowWriter rows)
    {
        if (node.Child(valueName) is not { Exists: true } value)
            return null;
        var system = node.Child(ElementNames.System);
        var systemText = system.Exists ? system.Utf8 : default;
        var hash = rows.Context.Token(TokenCase.IsIgnoredBy(systemText) ? Encoding.UTF8.GetBytes(TokenCase.Fold(value.Text)) : value.Utf8);
        var number = system.Exists ? rows.Context.Symbol(systemText) : 0;
        rows.Token(emission, hash, number);
        return (hash, number);
    }

    // The text of a concept is linked to its first coding only: that one leads to every resource with the concept.
    private static void Concept(FhirNode node, Emission emission, RowWriter rows)
    {
        (long Hash, int System)? first = null;
        FhirNode text = default, firstDisplay = default;
        foreach (var child in node.Children)
        {
            if (!child.HasValue)
                continue;
            if (child.NameId == ElementNames.Text)
            {
                text = child;
            }
            else if (child.NameId == ElementNames.Coding)
            {
                var display = child.Child(ElementNames.Display);
                if (Pair(child, ElementNames.Code, emission, rows) is not { } coded)
                {
                    InWords(display, emission, rows);
                    continue;
                }

                Text(display, emission, rows, coded);
                if (first is null)
                    (first, firstDisplay) = (coded, display);
            }
        }

        if (!text.Exists)
            return;
        if (first is not { } token)
            InWords(text, emission, rows);
        else if (!firstDisplay.Exists || !firstDisplay.Raw.SequenceEqual(text.Raw))
            Text(text, emission, rows, token);
    }

    private static void Identifier(FhirNode node, Emission emission, RowWriter rows)
    {
        if (Pair(node, ElementNames.Value, emission, rows) is not { } token || emission.IsPart || node.Child(ElementNames.Type) is not { Exists: true } type)
            return;

        Text(type.Child(ElementNames.Text), emission, rows, token);
        foreach (var coding in type.Children)
            if (coding.NameId == ElementNames.Coding && coding.HasValue && coding.Child(ElementNames.Code) is { Exists: true } code)
                rows.Token(emission, rows.Context.Hash(Encoding.UTF8.GetBytes(TypedKey(
                    coding.TextOf(ElementNames.System) ?? "", code.Text, node.TextOf(ElementNames.Value)!))), TokenRow.OfType);
    }

    /// <summary>What the row of an identifier with a type is hashed from.</summary>
    public static string TypedKey(string typeSystem, string typeCode, string value) => $"\u0001{typeSystem}\u0001{typeCode}\u0001{value}";

    private static void Text(FhirNode text, Emission emission, RowWriter rows, (long Hash, int System) token)
    {
        if (text.Exists && !emission.IsPart)
            rows.Display(emission, text.Utf8, token.Hash, token.System);
    }

    private static void InWords(FhirNode text, Emission emission, RowWriter rows)
    {
        if (!text.Exists || emission.IsPart)
            return;
        var hash = rows.Context.Hash(Encoding.UTF8.GetBytes("\u0001" + text.Text)); // no code begins so
        rows.Token(emission, hash, TokenRow.InWords);
        rows.Display(emission, text.Utf8, hash, TokenRow.InWords);
    }
}
