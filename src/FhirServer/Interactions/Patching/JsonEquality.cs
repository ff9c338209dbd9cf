using System.Globalization;
using System.Text;
using System.Text.Json;

namespace FhirEmr.FhirServer.Interactions.Patching;

/// <summary>Equality as the test operation has it (RFC 6902, 4.6): objects whatever their order, numbers by value, texts by character.</summary>
internal static class JsonEquality
{
    public static bool Same(JsonValue a, JsonValue b) => (a, b) switch
    {
        (JsonMembers x, JsonMembers y) => x.Items.Count == y.Items.Count && x.Items.TrueForAll(m => y[m.Key] is { } other && Same(m.Value, other)),
        (JsonItems x, JsonItems y) => x.Items.Count == y.Items.Count && x.Items.Zip(y.Items).All(p => Same(p.First, p.Second)),
        (JsonScalar { Kind: JsonTokenType.Number } x, JsonScalar { Kind: JsonTokenType.Number } y) => Number(x.Raw) == Number(y.Raw),
        (JsonScalar x, JsonScalar y) => x.Kind == y.Kind && x.Text == y.Text,
        _ => false,
    };

    /// <summary>Sign, significant digits and power of ten: equal exactly when the numbers are, whatever their size. No double is involved.</summary>
    private static (bool IsNegative, string Digits, decimal Power) Number(ReadOnlySpan<byte> raw)
    {
        var text = Encoding.ASCII.GetString(raw);
        var isNegative = text[0] == '-';
        var e = text.AsSpan().IndexOfAny('e', 'E');
        var mantissa = text[(isNegative ? 1 : 0)..(e < 0 ? text.Length : e)];
        if (!decimal.TryParse(e < 0 ? "0" : text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power))
            return (isNegative, text, 0); // an exponent of more than 28 digits: equal only as written

        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        if (point >= 0)
            power -= mantissa.Length - point - 1;
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal).TrimStart('0');
        var significant = digits.TrimEnd('0');
        return significant.Length == 0 ? (false, "", 0) : (isNegative, significant, power + digits.Length - significant.Length);
    }
}
