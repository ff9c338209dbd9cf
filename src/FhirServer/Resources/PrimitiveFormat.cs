using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace FhirEmr.FhirServer.Resources;

/// <summary>What the text of each R4 primitive must look like (datatypes.html#primitive).</summary>
internal static class PrimitiveFormat
{
    private const int MaxTextBytes = 1024 * 1024;
    private const int MaxDecimalDigits = 40;
    private const int MaxExponent = 999;
    private static readonly SearchValues<byte> Whitespace = SearchValues.Create(" \t\r\n"u8);
    private static readonly byte[] ControlBytes = [.. Enumerable.Range(0, 0x20).Select(b => (byte)b).Except("\t\n\r"u8.ToArray())];
    private static readonly SearchValues<byte> Control = SearchValues.Create(ControlBytes);
    private static readonly SearchValues<byte> Suspicious = SearchValues.Create([.. ControlBytes, 0xEF]); // U+FFFE and U+FFFF begin with EF
    private static readonly SearchValues<byte> IdBytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-."u8);

    /// <summary>Null when the value is well formed, else a sentence saying what the type asks for.</summary>
    public static string? Fault(PrimitiveKind kind, ReadOnlySpan<byte> value) => kind switch
    {
        PrimitiveKind.Boolean => null,
        PrimitiveKind.Decimal => DecimalFault(value),
        PrimitiveKind.Integer => IsInt(value, int.MinValue) ? null : "An integer is a whole number between -2147483648 and 2147483647.",
        PrimitiveKind.UnsignedInt => IsInt(value, 0) ? null : "An unsignedInt is a whole number from 0 to 2147483647.",
        PrimitiveKind.PositiveInt => IsInt(value, 1) ? null : "A positiveInt is a whole number from 1 to 2147483647.",
        not (PrimitiveKind.Base64Binary or PrimitiveKind.Xhtml) when value.Length > MaxTextBytes => "A string holds at most 1 MiB.",
        _ when HasForbidden(value) => "A text has no control characters but tab, line feed and carriage return, and no U+FFFE or U+FFFF.",
        _ when value.IsEmpty => "A string must not be empty: leave the property out instead.",
        PrimitiveKind.String or PrimitiveKind.Markdown => StringFault(value),
        PrimitiveKind.Code => IsCode(value) ? null : "A code has no blank at either end and single blanks only inside.",
        PrimitiveKind.Id => value.Length <= 64 && !value.ContainsAnyExcept(IdBytes) ? null : "An id is 1 to 64 letters, digits, '-' or '.'.",
        PrimitiveKind.Uri or PrimitiveKind.Url or PrimitiveKind.Canonical =>
            value.ContainsAny(Whitespace) ? "A URI has no blanks." : null,
        PrimitiveKind.Oid => value.StartsWith("urn:oid:"u8) ? null : "An oid begins with 'urn:oid:'.",
        PrimitiveKind.Uuid => value.StartsWith("urn:uuid:"u8) && IsGuid(value[9..]) ? null : "A uuid reads 'urn:uuid:' and 36 characters.",
        PrimitiveKind.Date => FhirDate.IsDate(value) ? null : "A date is YYYY, YYYY-MM or YYYY-MM-DD.",
        PrimitiveKind.DateTime => FhirDate.IsDateTime(value) ? null
            : "A dateTime is YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with a time zone.",
        PrimitiveKind.Instant => FhirDate.IsInstant(value) ? null : "An instant is YYYY-MM-DDThh:mm:ss.sss with a time zone.",
        PrimitiveKind.Time => FhirDate.IsTime(value) ? null : "A time is hh:mm:ss.",
        PrimitiveKind.Base64Binary => IsBase64(value) ? null : "base64Binary must be valid base64.",
        PrimitiveKind.Xhtml => Narrative.Fault(value),
        _ => null,
    };

    /// <summary>The JSON reader has seen a number; more digits or a wilder exponent than anything measured has is an attack (security §8).</summary>
    private static string? DecimalFault(ReadOnlySpan<byte> value)
    {
        if (value.Length <= MaxDecimalDigits && value.IndexOfAny((byte)'e', (byte)'E') < 0)
            return null;

        var e = value.IndexOfAny((byte)'e', (byte)'E');
        var digits = 0;
        foreach (var b in e < 0 ? value : value[..e])
            if (b is >= (byte)'0' and <= (byte)'9')
                digits++;
        if (digits > MaxDecimalDigits)
            return $"A decimal has at most {MaxDecimalDigits} digits.";
        return e < 0 || (Utf8Parser.TryParse(value[(e + 1)..].TrimStart((byte)'+'), out int power, out var used) && used > 0 && power is >= -MaxExponent and <= MaxExponent)
            ? null
            : $"A decimal has an exponent of at most {MaxExponent}.";
    }

    private static bool IsInt(ReadOnlySpan<byte> value, int min) =>
        Utf8Parser.TryParse(value, out int number, out var used) && used == value.Length && number >= min;

    private static string? StringFault(ReadOnlySpan<byte> value)
    {
        if (!value.ContainsAnyExcept(Whitespace))
            return "A string must not be blank: leave the property out instead.";
        return null;
    }

    /// <summary>datatypes.html#string forbids control characters; XML, in which everything must be able to go out, has no U+FFFE and U+FFFF.</summary>
    private static bool HasForbidden(ReadOnlySpan<byte> value)
    {
        if (!value.ContainsAny(Suspicious))
            return false;
        return value.ContainsAny(Control) || value.IndexOf("\uFFFE"u8) >= 0 || value.IndexOf("\uFFFF"u8) >= 0;
    }

    private static bool IsCode(ReadOnlySpan<byte> value)
    {
        var blank = true; // a blank may neither begin, follow another, nor end
        foreach (var b in value)
        {
            var isBlank = b is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
            if (isBlank && (blank || b != ' '))
                return false;
            blank = isBlank;
        }

        return !blank;
    }

    private static bool IsGuid(ReadOnlySpan<byte> value) =>
        Utf8Parser.TryParse(value, out Guid _, out var used, 'D') && used == value.Length;

    private static bool IsBase64(ReadOnlySpan<byte> value)
    {
        if (!value.ContainsAny(Whitespace))
            return Base64.IsValid(value);

        var compact = new byte[value.Length];
        var length = 0;
        foreach (var b in value)
            if (b is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
                compact[length++] = b;
        return Base64.IsValid(compact.AsSpan(0, length));
    }
}
