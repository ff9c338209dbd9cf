using System.Collections.Frozen;

namespace FhirEmr.Terminology.CodeSystems.Grammars;

/// <summary>A code system that is a grammar: its codes are judged, not listed.</summary>
internal sealed class GrammarSystem(string url, Func<string, bool> isCode) : KnownSystem(url, version: null)
{
    private static readonly FrozenDictionary<string, GrammarSystem> All = new GrammarSystem[]
    {
        new("http://unitsofmeasure.org", UcumGrammar.IsUnit),
        new("urn:ietf:bcp:47", LanguageTags.IsTag),
        new("urn:ietf:bcp:13", MediaTypes.IsType),
        new("urn:ietf:rfc:3986", text => text.Length > 0 && !text.Any(char.IsWhiteSpace)),
    }.ToFrozenDictionary(g => g.Url, StringComparer.Ordinal);

    public static IEnumerable<string> Urls => All.Keys;

    public static GrammarSystem? Find(string url) => All.GetValueOrDefault(url);

    public override CodeStanding Judge(string code, DateOnly asOf) => new(isCode(code), code, null);
}
