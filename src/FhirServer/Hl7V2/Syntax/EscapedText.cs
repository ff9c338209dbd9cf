using System.Globalization;
using System.Text;

namespace FhirEmr.FhirServer.Hl7V2.Syntax;

/// <summary>Escape sequences ⇄ text (HL7 v2 chapter 2.7).</summary>
/// <remarks>What is not known between two escape characters stays as it stands, and so does an escape character without its second.</remarks>
internal static class EscapedText
{
    private const int MostBlankLines = 99;

    /// <param name="raw">A value as it stands between separators.</param>
    /// <param name="separators">Of the message.</param>
    /// <param name="encoding">In which the bytes of <c>\X..\</c> are read: that of the message.</param>
    public static string Read(string raw, Separators separators, Encoding encoding)
    {
        var at = raw.IndexOf(separators.Escape, StringComparison.Ordinal);
        if (at < 0)
            return raw;

        var text = new StringBuilder(raw.Length);
        var from = 0;
        while (at >= 0)
        {
            var end = raw.IndexOf(separators.Escape, at + 1);
            if (end < 0)
                break;
            text.Append(raw, from, at - from);
            if (Append(text, raw.AsSpan(at + 1, end - at - 1), separators, encoding))
            {
                from = end + 1;
                at = raw.IndexOf(separators.Escape, from);
            }
            else
            {
                // Not an escape sequence: its second escape character may begin one.
                text.Append(raw, at, end - at);
                (from, at) = (end, end);
            }
        }

        return text.Append(raw, from, raw.Length - from).ToString();
    }

    public static string Write(string text, Separators separators)
    {
        if (!text.AsSpan().ContainsAny([separators.Field, separators.Component, separators.Repetition, separators.Escape, separators.Subcomponent]) && !text.Any(char.IsControl))
            return text;

        var raw = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
                continue;
            var name = c == separators.Escape ? "E" : c == separators.Field ? "F" : c == separators.Component ? "S" : c == separators.Repetition ? "R" : c == separators.Subcomponent ? "T"
                : c is '\r' or '\n' ? ".br" : c < ' ' ? "X" + ((int)c).ToString("X2", CultureInfo.InvariantCulture) : null;
            if (name is null)
                raw.Append(c);
            else
                raw.Append(separators.Escape).Append(name).Append(separators.Escape);
        }

        return raw.ToString();
    }

    private static bool Append(StringBuilder text, ReadOnlySpan<char> name, Separators separators, Encoding encoding)
    {
        switch (name)
        {
            case "F":
                text.Append(separators.Field);
                return true;
            case "S":
                text.Append(separators.Component);
                return true;
            case "T":
                text.Append(separators.Subcomponent);
                return true;
            case "R":
                text.Append(separators.Repetition);
                return true;
            case "E":
                text.Append(separators.Escape);
                return true;
            case "H" or "N": // highlighting, which plain text has not
                return true;
            case ['X', .. var hex] when hex.Length is > 0 and <= 512 && hex.Length % 2 == 0 && IsHex(hex):
                return AppendBytes(text, hex, encoding);
            case ['.', .. var command]:
                return AppendFormat(text, command);
            default:
                return false;
        }
    }

    private static bool AppendBytes(StringBuilder text, ReadOnlySpan<char> hex, Encoding encoding)
    {
        try
        {
            text.Append(encoding.GetString(Convert.FromHexString(hex)));
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false; // no character of this set: kept as written
        }
    }

    private static bool AppendFormat(StringBuilder text, ReadOnlySpan<char> command)
    {
        if (command.Length < 2)
            return false;
        var name = command[..2];
        var number = command[2..].Trim();
        switch (name)
        {
            case "br" or "ce" when number.IsEmpty:
                text.Append('\n');
                return true;
            case "sp":
                var lines = 1;
                if (!number.IsEmpty && (!int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out lines) || lines is < 0 or > MostBlankLines))
                    return false;
                text.Append('\n', Math.Max(1, lines));
                return true;
            case "sk" or "in" or "ti":
                text.Append(' ');
                return true;
            case "fi" or "nf":
                return true;
            default:
                return false;
        }
    }

    private static bool IsHex(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
            if (!char.IsAsciiHexDigit(c))
                return false;
        return true;
    }
}
