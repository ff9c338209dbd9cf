using System.Globalization;
using System.Text;

namespace FhirEmr.Bench.Searches;

/// <summary>String search ignores case, accents, punctuation and extra blanks.</summary>
/// <remarks>https://hl7.org/fhir/R4/search.html#string.</remarks>
internal static class TextFold
{
    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var c in text.Normalize(NormalizationForm.FormD))
        {
            var category = CharUnicodeInfo.GetUnicodeCategory(c);
            if (category is UnicodeCategory.NonSpacingMark)
                continue;
            if (char.IsLetterOrDigit(c))
                folded.Append(char.ToLowerInvariant(c));
            else if (folded.Length > 0 && folded[^1] != ' ')
                folded.Append(' ');
        }

        return folded.ToString().TrimEnd();
    }
}
