using System.Text;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>Separators and escapes in search values (search.html#escaping): <c>, | $</c> separate unless a backslash stands before them.</summary>
internal static class SearchText
{
    /// <summary>Parts between unescaped separators, escapes still in place.</summary>
    public static List<string> Split(string text, char separator)
    {
        var parts = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == separator)
            {
                parts.Add(text[start..i]);
                start = i + 1;
            }
        }

        parts.Add(text[start..]);
        return parts;
    }

    /// <summary>A text as it must stand in a search value for nothing in it to separate.</summary>
    public static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal)
        .Replace("|", "\\|", StringComparison.Ordinal).Replace("$", "\\$", StringComparison.Ordinal);

    /// <summary>The text meant; a backslash before anything else than a separator or another backslash stands for itself.</summary>
    public static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;

        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is ',' or '|' or '$' or '\\')
                i++;
            plain.Append(text[i]);
        }

        return plain.ToString();
    }
}
