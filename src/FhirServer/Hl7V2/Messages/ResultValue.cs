using System.Globalization;
using FhirEmr.FhirServer.Hl7V2.Syntax;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>OBX-5 by the type in OBX-2, with its unit (OBX-6) and range (OBX-7).</summary>
internal static class ResultValue
{
    private static readonly (string Sign, Quantity.QuantityComparator Comparator)[] Signs =
    [
        ("<=", Quantity.QuantityComparator.LessOrEqual), (">=", Quantity.QuantityComparator.GreaterOrEqual), ("<", Quantity.QuantityComparator.LessThan), (">", Quantity.QuantityComparator.GreaterThan),
    ];

    /// <summary>Null when there is no value.</summary>
    public static DataType? Read(MessageScope scope, Segment obx)
    {
        var value = obx[5];
        if (!value.HasValue)
            return null;
        switch (obx[2].Text)
        {
            case "NM":
                if (Number(value.First[1]) is { } number)
                    return WithUnit(scope, obx, number);
                scope.Fault(ErrorCodes.DataType, "OBX-2 says NM, and OBX-5 is no number.", value.At);
                return null;
            case "SN":
                return Structured(scope, obx);
            case "CE" or "CWE" or "CNE" or "CF" or "IS" or "ID":
                return Concepts(scope, value);
            case "DT" or "TS" or "DTM":
                return scope.Time(value)?.ToDateTime();
            case "TM":
                if (Time(value.Text) is { } time)
                    return new Time(time);
                scope.Fault(ErrorCodes.DataType, "OBX-2 says TM, and OBX-5 is no time.", value.At);
                return null;
            case "ST" or "TX" or "FT" or "CX" or "EI" or "XCN" or "XPN" or "XTN" or "XAD" or "XON" or "MO" or "CP" or "PN" or "TN" or "AD" or "CK":
                return Words.Text(string.Join('\n', value.Repetitions.Select(r => r.Whole))) is { } text ? new FhirString(text) : null;
            case null:
                scope.Fault(ErrorCodes.RequiredFieldMissing, "OBX-2, the type of the value, is missing.", obx[2].At);
                return null;
            default:
                scope.Fault(ErrorCodes.TableValueNotFound, "OBX-2 is no type of value that is read here.", obx[2].At);
                return null;
        }
    }

    /// <summary>OBX-7: kept as written, and as numbers where it is written as such.</summary>
    public static Observation.ReferenceRangeComponent? Range(MessageScope scope, Segment obx)
    {
        if (Words.Line(obx[7].Whole) is not { } text)
            return null;
        var range = new Observation.ReferenceRangeComponent { Text = text };
        var unit = Unit(obx, scope.Sender.Tables);
        if (Signs.FirstOrDefault(s => text.StartsWith(s.Sign, StringComparison.Ordinal)) is { Sign: { } sign } && Decimal(text[sign.Length..]) is { } bound)
        {
            if (sign[0] == '<')
                range.High = unit(bound);
            else
                range.Low = unit(bound);
        }
        else if (text.IndexOf('-', 1) is > 0 and var dash && Decimal(text[..dash]) is { } low && Decimal(text[(dash + 1)..]) is { } high)
        {
            (range.Low, range.High) = (unit(low), unit(high));
        }

        return range;
    }

    private static DataType? Structured(MessageScope scope, Segment obx)
    {
        var value = obx[5].First;
        var (sign, first, separator, second) = (value[1], Decimal(value[2]), value[3], Decimal(value[4]));
        if (first is null && value[2] is not null || second is null && value[4] is not null || first is null && second is null)
        {
            scope.Fault(ErrorCodes.DataType, "OBX-2 says SN, and OBX-5 has no number where one has to be.", value.Component(2));
            return null;
        }

        var unit = Unit(obx, scope.Sender.Tables);
        if (separator == "-" && first is not null && second is not null)
            return new Hl7.Fhir.Model.Range { Low = unit(first.Value), High = unit(second.Value) };
        if (separator is ":" or "/" && first is not null && second is not null)
            return new Ratio { Numerator = new Quantity { Value = first }, Denominator = new Quantity { Value = second } };
        var quantity = unit((first ?? second)!.Value);
        quantity.Comparator = Signs.Where(s => s.Sign == sign).Select(s => (Quantity.QuantityComparator?)s.Comparator).FirstOrDefault();
        return quantity;
    }

    private static CodeableConcept? Concepts(MessageScope scope, Field value)
    {
        CodeableConcept? all = null;
        foreach (var repetition in value.Repetitions)
        {
            if (Words.Concept(repetition, scope.Sender) is not { } one)
                continue;
            if (all is null)
                all = one;
            else
                (all.Text, all.Coding) = ($"{all.Text}, {one.Text}", [.. all.Coding, .. one.Coding]);
        }

        return all;
    }

    private static Quantity WithUnit(MessageScope scope, Segment obx, (Quantity.QuantityComparator? Comparator, decimal Value) number)
    {
        var quantity = Unit(obx, scope.Sender.Tables)(number.Value);
        quantity.Comparator = number.Comparator;
        return quantity;
    }

    /// <summary>The unit as written, with a UCUM code where it is known to be one.</summary>
    private static Func<decimal, Quantity> Unit(Segment obx, SenderTables tables)
    {
        if (Words.Line(obx[6].First[1] ?? obx[6].First[2]) is not { } written)
            return value => new Quantity { Value = value };
        var ucum = tables.Units.TryGetValue(written, out var mapped) ? mapped
            : obx[6].First[3] is "UCUM" ? written
            : obx[6].First[6] is "UCUM" ? obx[6].First[4]
            : UcumUnits.Find(written);
        return value => new Quantity { Value = value, Unit = written, System = ucum is null ? null : UcumUnits.System, Code = ucum };
    }

    private static (Quantity.QuantityComparator? Comparator, decimal Value)? Number(string? text)
    {
        if (text is null)
            return null;
        foreach (var (sign, comparator) in Signs)
            if (text.StartsWith(sign, StringComparison.Ordinal))
                return Decimal(text[sign.Length..]) is { } bound ? (comparator, bound) : null;
        return Decimal(text) is { } value ? (null, value) : null;
    }

    private static decimal? Decimal(string? text) =>
        text is { Length: <= 40 } && decimal.TryParse(text.Trim(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static string? Time(string? text) => text switch
    {
        { Length: >= 6 } when TimeOnly.TryParseExact(text[..6], "HHmmss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) => time.ToString("HH:mm:ss", CultureInfo.InvariantCulture),
        { Length: >= 4 } when TimeOnly.TryParseExact(text[..4], "HHmm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) => time.ToString("HH:mm:ss", CultureInfo.InvariantCulture),
        _ => null,
    };
}
