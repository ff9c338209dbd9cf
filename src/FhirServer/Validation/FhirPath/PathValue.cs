using System.Globalization;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Validation.FhirPath;

/// <summary>One item of a FHIRPath collection: an element of the resource, or a value that was worked out.</summary>
/// <param name="Item">The element; empty for computed values.</param>
/// <param name="Literal">string, decimal, bool, <see cref="PathDate"/> or <see cref="PathQuantity"/>; null for elements.</param>
internal readonly record struct PathValue(ElementItem Item, object? Literal)
{
    private static readonly object True = true;
    private static readonly object False = false;

    public static PathValue Of(FhirNode node) => new(new(node, default), null);

    public static PathValue Of(ElementItem item) => new(item, null);

    public static PathValue Of(bool value) => new(default, value ? True : False);

    public static PathValue Of(object literal) => new(default, literal);

    public FhirNode Node => Item.Value;

    public bool IsElement => Literal is null;

    /// <summary>False for the <c>$this</c> of an expression that is called on nothing.</summary>
    public bool Exists => Literal is not null || Item.Any.Exists;

    /// <summary>FHIR type of an element, System type of a computed value.</summary>
    public string TypeName => Literal switch
    {
        null => Item.Any.Type.Name,
        string => "String",
        decimal d => d == decimal.Truncate(d) && d.Scale == 0 ? "Integer" : "Decimal",
        bool => "Boolean",
        PathDate date => date.IsTime ? "Time" : date.Date.HasTime ? "DateTime" : "Date",
        _ => "Quantity",
    };

    /// <summary>The value to compute with: null for elements that have none (objects, primitives with extensions only).</summary>
    public object? Value
    {
        get
        {
            if (Literal is not null)
                return Literal;
            var node = Item.Value;
            if (!node.Exists)
                return null;
            switch (node.Kind)
            {
                case NodeKind.True:
                    return True;
                case NodeKind.False:
                    return False;
                case NodeKind.Number:
                    return decimal.TryParse(node.Raw, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : node.Text;
                case NodeKind.Text:
                    return node.Type.Primitive is PrimitiveKind.Date or PrimitiveKind.DateTime or PrimitiveKind.Instant or PrimitiveKind.Time
                        && PathDate.TryParse(node.Text, out var date) ? date : node.Text;
                case NodeKind.Object when node.Type.Name is "Quantity" or "Age" or "Duration" or "Distance" or "Count" or "SimpleQuantity" or "MoneyQuantity":
                    return PathQuantity.Of(node);
                default:
                    return null;
            }
        }
    }

    public string? Text => Value switch
    {
        string text => text,
        bool b => b ? "true" : "false",
        decimal number => IsElement ? Node.Text : number.ToString(CultureInfo.InvariantCulture),
        PathDate date => date.Text,
        PathQuantity quantity => $"{quantity.Value.ToString(CultureInfo.InvariantCulture)} '{quantity.Unit}'",
        _ => null,
    };

    /// <summary>Null when the two cannot be compared so that the answer is certain (dates of different precision).</summary>
    public static bool? AreEqual(PathValue x, PathValue y)
    {
        if (x.IsElement && y.IsElement && x.Item.Value is { Exists: true, Kind: NodeKind.Object } left && y.Item.Value is { Exists: true, Kind: NodeKind.Object } right)
            return NodeEquality.AreEqual(left, right);
        return (x.Value, y.Value) switch
        {
            (null, _) or (_, null) => false,
            (string a, string b) => a == b,
            (decimal a, decimal b) => a == b,
            (bool a, bool b) => a == b,
            (PathDate a, PathDate b) => a.CompareTo(b) is { } order ? order == 0 : a.HasDifferentPrecision(b) ? null : false,
            (PathDate a, string b) => PathDate.TryParse(b, out var date) ? a.CompareTo(date) == 0 : a.Text == b,
            (string a, PathDate b) => PathDate.TryParse(a, out var date) ? date.CompareTo(b) == 0 : a == b.Text,
            (PathQuantity a, PathQuantity b) => a.CompareTo(b) is { } order ? order == 0 : null,
            _ => false,
        };
    }

    /// <summary>Null when they cannot be compared.</summary>
    public static int? Compare(PathValue x, PathValue y) => (x.Value, y.Value) switch
    {
        (string a, string b) => string.CompareOrdinal(a, b),
        (decimal a, decimal b) => a.CompareTo(b),
        (PathDate a, PathDate b) => a.CompareTo(b),
        (PathDate a, string b) => PathDate.TryParse(b, out var date) ? a.CompareTo(date) : null,
        (string a, PathDate b) => PathDate.TryParse(a, out var date) ? date.CompareTo(b) : null,
        (PathQuantity a, PathQuantity b) => a.CompareTo(b),
        (PathQuantity a, decimal b) => a.Value.CompareTo(b),
        _ => null,
    };
}

/// <summary>A date, time or dateTime as FHIRPath compares it: empty where precision leaves it open.</summary>
internal sealed record PathDate(string Text, FhirDate Date, bool IsTime)
{
    public static bool TryParse(string text, out PathDate date)
    {
        var isTime = text.Length >= 5 && text[2] == ':';
        var bytes = System.Text.Encoding.UTF8.GetBytes(isTime ? "2000-01-01T" + text : text.EndsWith('T') ? text[..^1] : text);
        date = null!;
        if (!FhirDate.TryParse(bytes, out var parsed))
            return false;
        date = new(text, parsed, isTime);
        return true;
    }

    public bool HasDifferentPrecision(PathDate other) => Rank != other.Rank || Date.Offset is null != other.Date.Offset is null;

    private int Rank => Math.Min((int)Date.Precision, (int)DatePrecision.Second);

    public int? CompareTo(PathDate other)
    {
        if (IsTime != other.IsTime)
            return null;
        var (x, y) = (Moment, other.Moment);
        if (Date.HasTime && other.Date.HasTime && Date.Offset is null != other.Date.Offset is null)
            return null;
        if (Rank == other.Rank)
            return x.CompareTo(y);
        var (xEnd, yEnd) = (x + (Date.LocalEnd - Date.Local), y + (other.Date.LocalEnd - other.Date.Local));
        return xEnd <= y ? -1 : yEnd <= x ? 1 : null;
    }

    private DateTime Moment => Date.Offset is { } offset && Date.Local.Ticks > offset.Ticks ? Date.Local - offset : Date.Local;
}

/// <summary>A quantity; those of one unit can be compared.</summary>
internal sealed record PathQuantity(decimal Value, string Unit)
{
    public static object? Of(FhirNode node)
    {
        var value = node.Child("value");
        return value.Exists && decimal.TryParse(value.Raw, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? new PathQuantity(number, node.TextOf("code") ?? node.TextOf("unit") ?? "1") : null;
    }

    public int? CompareTo(PathQuantity other) => Unit == other.Unit ? Value.CompareTo(other.Value) : null;
}
