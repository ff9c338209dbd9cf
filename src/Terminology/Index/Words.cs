using System.Globalization;
using System.Text;

namespace FhirEmr.Terminology.Index;

/// <summary>Titles and queries cut into words the same way: lower case, accents off, letters and digits only.</summary>
internal static class Words
{
    public static List<string> Of(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var rune in Fold(text))
        {
            if (char.IsLetterOrDigit(rune))
                word.Append(char.ToLowerInvariant(rune));
            else if (rune is not '\'') // Crohn's is one word, found by "crohns" and by "crohn"
                Close();
        }

        Close();
        return words;

        void Close()
        {
            if (word.Length > 0)
                words.Add(word.ToString());
            word.Clear();
        }
    }

    private static string Fold(string text)
    {
        if (Ascii.IsValid(text))
            return text;

        var folded = new StringBuilder(text.Length);
        foreach (var c in text.Normalize(NormalizationForm.FormD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark)
                folded.Append(c is '\u2019' ? '\'' : c);
        }

        return folded.ToString();
    }
}
