using System.Globalization;
using System.Text;

namespace FhirEmr.FhirServer.Validation.FhirPath;

internal enum TokenKind
{
    End,
    Name,
    Text,
    Number,
    Date,
    Variable,
    Symbol,
}

/// <summary>FHIRPath text → tokens (http://hl7.org/fhirpath/N1/grammar.html).</summary>
internal sealed class PathLexer(string text)
{
    private int at;

    public TokenKind Kind { get; private set; }

    public string Value { get; private set; } = "";

    /// <summary>A name in back quotes is never a keyword.</summary>
    public bool IsQuoted { get; private set; }

    public void Next()
    {
        IsQuoted = false;
        Blank();
        if (at >= text.Length)
        {
            (Kind, Value) = (TokenKind.End, "");
            return;
        }

        var c = text[at];
        if (char.IsAsciiLetter(c) || c == '_')
            Take(TokenKind.Name, i => char.IsAsciiLetterOrDigit(text[i]) || text[i] == '_');
        else if (c == '$')
            Take(TokenKind.Name, i => char.IsAsciiLetterOrDigit(text[i]) || text[i] == '$');
        else if (char.IsAsciiDigit(c))
            Take(TokenKind.Number, i => char.IsAsciiDigit(text[i]) || (text[i] == '.' && i + 1 < text.Length && char.IsAsciiDigit(text[i + 1])));
        else if (c is '\'' or '`' or '"')
            (Kind, Value, IsQuoted) = (c == '\'' ? TokenKind.Text : TokenKind.Name, Quoted(c), true);
        else if (c == '@')
        {
            at++;
            Take(TokenKind.Date, i => char.IsAsciiLetterOrDigit(text[i]) || text[i] is '-' or ':' or '+' || (text[i] == '.' && i + 1 < text.Length && char.IsAsciiDigit(text[i + 1])));
        }
        else if (c == '%')
        {
            at++;
            if (at < text.Length && text[at] is '`' or '\'' or '"')
                Value = Quoted(text[at]);
            else
                Take(TokenKind.Variable, i => char.IsAsciiLetterOrDigit(text[i]) || text[i] is '_' or '-');
            Kind = TokenKind.Variable;
        }
        else
        {
            var two = at + 1 < text.Length ? text.Substring(at, 2) : "";
            (Kind, Value) = (TokenKind.Symbol, two is "<=" or ">=" or "!=" or "!~" ? two : c.ToString());
            at += Value.Length;
        }
    }

    private void Blank()
    {
        while (at < text.Length)
            if (char.IsWhiteSpace(text[at]) || text[at] == '\u00A0')
                at++;
            else if (text.AsSpan(at).StartsWith("//"))
                at = text.IndexOf('\n', at) is >= 0 and var line ? line : text.Length;
            else if (text.AsSpan(at).StartsWith("/*"))
                at = text.IndexOf("*/", at + 2, StringComparison.Ordinal) is >= 0 and var end ? end + 2 : text.Length;
            else
                return;
    }

    private void Take(TokenKind kind, Func<int, bool> goesOn)
    {
        var start = at;
        while (at < text.Length && goesOn(at))
            at++;
        (Kind, Value) = (kind, text[start..at]);
    }

    private string Quoted(char quote)
    {
        var result = new StringBuilder();
        for (at++; at < text.Length && text[at] != quote; at++)
        {
            if (text[at] != '\\' || at + 1 >= text.Length)
            {
                result.Append(text[at]);
                continue;
            }

            at++;
            if (text[at] == 'u' && at + 4 < text.Length && int.TryParse(text.AsSpan(at + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code))
            {
                result.Append((char)code);
                at += 4;
                continue;
            }

            // A backslash before any other character is read as it stands: published expressions write \s for the regular expression's own.
            result.Append(text[at] switch { 'n' => "\n", 'r' => "\r", 't' => "\t", 'f' => "\f", '\\' or '\'' or '"' or '`' or '/' => text[at].ToString(), var other => "\\" + other });
        }

        if (at >= text.Length)
            throw new FormatException("A text does not end.");
        at++;
        return result.ToString();
    }
}
