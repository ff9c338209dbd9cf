using System.Globalization;
using System.Text;
using Hl7.Fhir.Model;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>Texts in searches: escapes and separators (search.html#escaping), and how strings are compared (search.html#string).</summary>
internal static class OracleText
{
    /// <summary>The accented letters among our test values; these tests run where the BCL knows no normal forms.</summary>
    private static readonly Dictionary<char, char> Letters = new() { ['ü'] = 'u', ['Ü'] = 'u', ['Å'] = 'a', ['å'] = 'a', ['é'] = 'e', ['É'] = 'e', ['ë'] = 'e', ['Ë'] = 'e' };

    /// <summary>Parts between separators that no backslash protects.</summary>
    public static List<string> Split(string text, char separator)
    {
        var parts = new List<string> { "" };
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == separator)
                parts.Add("");
            else
                parts[^1] += text[i] == '\\' && i + 1 < text.Length ? $"\\{text[++i]}" : text[i];
        }

        return parts;
    }

    public static string Unescape(string text)
    {
        var plain = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
            plain.Append(text[i] == '\\' && i + 1 < text.Length ? text[++i] : text[i]);
        return plain.ToString();
    }

    public static string Escape(string text) => string.Concat(text.Select(c => c is ',' or '|' or '$' or '\\' ? $"\\{c}" : c.ToString()));

    /// <summary>Without case, accents and apostrophes; blanks and punctuation are one blank.</summary>
    public static string Fold(string text)
    {
        var folded = new StringBuilder();
        foreach (var written in text)
        {
            var c = Letters.TryGetValue(written, out var plain) ? plain : written;
            if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark || c is '\'' or '`' or '’')
                continue;
            folded.Append(char.IsLetterOrDigit(c) || c is '$' or '+' or '<' or '=' or '>' or '|' or '~' ? char.ToLowerInvariant(c) : ' ');
        }

        return string.Join(' ', folded.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>The texts beside a coded value (search.html#token, <c>:text</c>).</summary>
    public static IReadOnlyList<string> Beside(Base value) => value switch
    {
        CodeableConcept c => [.. c.Coding.Select(x => x.Display).Append(c.Text).OfType<string>()],
        Coding { Display: { } display } => [display],
        Identifier { Type.Text: { } text } => [text],
        _ => [],
    };

    /// <summary>The texts of a value that a string parameter looks at; null when the datatype has none.</summary>
    public static IReadOnlyList<string>? PartsOf(Base value) => value switch
    {
        HumanName n => [.. n.Given.Concat(n.Prefix).Concat(n.Suffix).Append(n.Family).Append(n.Text).OfType<string>()],
        Address a => [.. a.Line.Concat([a.City, a.District, a.State, a.PostalCode, a.Country, a.Text]).OfType<string>()],
        PrimitiveType p => OracleDate.Text(p) is { } text ? [text] : [],
        _ => null,
    };
}
