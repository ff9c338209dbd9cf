using System.Text;
using System.Text.RegularExpressions;

namespace FhirEmr.Bench.Searches;

/// <summary>Points a resource's <c>urn:uuid</c> links at what they became in the store, so that it can be created on its own.</summary>
internal static partial class ReferenceRewriter
{
    public static byte[] Rewrite(byte[] json, IReadOnlyDictionary<string, string> stored) => Encoding.UTF8.GetBytes(
        Link().Replace(Encoding.UTF8.GetString(json), match => stored.GetValueOrDefault(match.Value, match.Value)));

    [GeneratedRegex("urn:uuid:[0-9a-fA-F-]{36}", RegexOptions.CultureInvariant)]
    private static partial Regex Link();
}
