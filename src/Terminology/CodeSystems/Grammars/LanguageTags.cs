using System.Text.RegularExpressions;

namespace FhirEmr.Terminology.CodeSystems.Grammars;

/// <summary>BCP-47 language tags by their form (RFC 5646, section 2.1); the registry of subtags is not here.</summary>
internal static partial class LanguageTags
{
    public static bool IsTag(string text) => text.Length <= 100 && Tag().IsMatch(text);

    // language (with up to three extensions), script, region, variants, extensions, private use; or private use alone; or one of the old irregular tags.
    [GeneratedRegex("""
        ^(?:
          (?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})
          (?:-[a-z]{4})?
          (?:-(?:[a-z]{2}|[0-9]{3}))?
          (?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*
          (?:-[a-wy-z0-9](?:-[a-z0-9]{2,8})+)*
          (?:-x(?:-[a-z0-9]{1,8})+)?
        | x(?:-[a-z0-9]{1,8})+
        | i-(?:ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)
        | en-gb-oed | sgn-be-fr | sgn-be-nl | sgn-ch-de
        )\z
        """, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Tag();
}
