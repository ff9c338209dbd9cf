using System.Globalization;
using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;
using FhirEmr.FhirServer.Search.Indexing.Units;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>Quantities, money, ranges and sampled data → quantity rows (search.html#quantity).</summary>
/// <remarks>
/// Each value in its recorded unit, again under the unit's human text where that differs from the code, and for UCUM units in the
/// canonical unit, so that 5 g is found as 5000 mg. A Range has rows for its ends, SampledData for its least and greatest value.
/// "&lt; 5" is all below 5 (datatypes.html#Quantity): its rows say where it ends, under units of their own (<see cref="UnitSymbol"/>), a hair
/// beside the number that does not belong to it.
/// </remarks>
internal static class QuantityIndexer
{
    /// <summary>False when the datatype is no quantity.</summary>
    public static bool Index(FhirNode node, Emission emission, RowWriter rows)
    {
        switch (Datatypes.Of(node))
        {
            case Datatype.Quantity:
                if (NumberIndexer.ValueOf(node.Child(ElementNames.Value)) is { } value)
                    Add(node, value, emission, rows);
                return true;
            case Datatype.Money:
                Money(node, emission, rows);
                return true;
            case Datatype.Range:
                foreach (var end in node.Children)
                    if ((end.NameId == ElementNames.Low || end.NameId == ElementNames.High)
                        && NumberIndexer.ValueOf(end.Child(ElementNames.Value)) is { } bound)
                        Add(end, bound, emission, rows);
                return true;
            case Datatype.SampledData:
                Sampled(node, emission, rows);
                return true;
            default:
                return false;
        }
    }

    private static void Add(FhirNode unitHolder, decimal value, Emission emission, RowWriter rows)
    {
        var (system, code, unit) =
            (unitHolder.Child(ElementNames.System), unitHolder.Child(ElementNames.Code), unitHolder.Child(ElementNames.Unit));
        var codeText = code.Exists ? code.Utf8 : default;
        var unitText = unit.Exists ? unit.Utf8 : default;
        var systemText = system.Exists && code.Exists ? system.Utf8 : default;

        var (side, beside) = unitHolder.Child(ElementNames.Comparator) is { Exists: true } comparator ? comparator.Utf8 switch
        {
            [(byte)'<'] => (-1, -1),
            [(byte)'>'] => (1, 1),
            [(byte)'<', ..] => (-1, 0), // <= and >= include the number itself
            [(byte)'>', ..] => (1, 0),
            _ => (0, 0),
        } : (0, 0);
        var recorded = DecimalKey.Beside(value, beside);
        rows.Quantity(emission, UnitSymbol.NumberOf(systemText, code.Exists ? codeText : unitText, rows.Context, side), recorded);
        if (code.Exists && unit.Exists && !unitText.SequenceEqual(codeText))
            rows.Quantity(emission, UnitSymbol.NumberOf(default, unitText, rows.Context, side), recorded);
        if (systemText.SequenceEqual(UnitSymbol.Ucum) && Ucum.Canonical(codeText) is { } canonical && canonical.Key(value) is { } converted)
            rows.Quantity(emission, UnitSymbol.NumberOf(canonical.Symbol, rows.Context, side), DecimalKey.Beside(converted, beside));
    }

    private static void Money(FhirNode node, Emission emission, RowWriter rows)
    {
        if (NumberIndexer.ValueOf(node.Child(ElementNames.Value)) is not { } amount)
            return;
        var currency = node.Child(ElementNames.Currency);
        var unit = currency.Exists
            ? UnitSymbol.NumberOf(UnitSymbol.CurrencySystem, currency.Utf8, rows.Context)
            : UnitSymbol.NumberOf(default, default, rows.Context);
        rows.Quantity(emission, unit, DecimalKey.Encode(amount));
    }

    // datatypes.html#SampledData: a value is origin + number * factor; E (error), U and L (beyond a limit) are no numbers.
    private static void Sampled(FhirNode node, Emission emission, RowWriter rows)
    {
        var origin = node.Child(ElementNames.Origin);
        if (!origin.Exists || NumberIndexer.ValueOf(origin.Child(ElementNames.Value)) is not { } zero || node.Child(ElementNames.Data) is not { Exists: true } data)
            return;

        var factor = NumberIndexer.ValueOf(node.Child(ElementNames.Factor)) ?? 1;
        decimal? least = null, greatest = null;
        var text = data.Text.AsSpan();
        foreach (var sample in text.Split(' '))
        {
            if (!decimal.TryParse(text[sample], NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                continue;
            (least, greatest) = (Math.Min(least ?? number, number), Math.Max(greatest ?? number, number));
        }

        if (least is not { } min || greatest is not { } max)
            return;
        try
        {
            Add(origin, zero + (min * factor), emission, rows);
            Add(origin, zero + (max * factor), emission, rows);
        }
        catch (OverflowException)
        {
            // Beyond decimal's range there is no instrument and no search value.
        }
    }
}
