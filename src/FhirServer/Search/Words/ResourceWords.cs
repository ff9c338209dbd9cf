using System.Buffers;
using System.Net;
using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;

namespace FhirEmr.FhirServer.Search.Words;

/// <summary>The words of a resource, folded as string searches fold, so that every engine finds the same.</summary>
internal static class ResourceWords
{
    /// <summary>Longer words are cut, in the index and in the question.</summary>
    public const int MaxLength = 60;

    private static readonly HashSet<string> Inline = new(StringComparer.OrdinalIgnoreCase)
        { "a", "abbr", "acronym", "b", "bdo", "big", "cite", "code", "dfn", "em", "font", "i", "kbd", "q", "samp", "small", "span", "strong", "sub", "sup", "tt", "u", "var" };

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    /// <summary>Words of a plain text, in order.</summary>
    public static string[] Split(string text) =>
        [.. StringFolding.Fold(text).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => w.Length <= MaxLength ? w : Cut(w))];

    /// <summary>Words of the narrative; empty when there is none.</summary>
    public static string[] Narrative(FhirNode resource) =>
        resource.Child("text") is { Exists: true } text && text.Child("div") is { Exists: true } div ? Split(Plain(div.Text)) : [];

    /// <summary>Words of every text and number in the resource, narrative and contained resources included; attachments' data is none.</summary>
    public static IReadOnlyList<string[]> All(FhirNode resource)
    {
        var (tree, texts) = (resource.Tree, new List<string[]>());
        var end = tree.Nodes[resource.Index].Next;
        for (var i = resource.Index + 1; i < end; i++)
        {
            if (tree.Nodes[i].Kind is not (NodeKind.Text or NodeKind.Number))
                continue;
            var node = new FhirNode(tree, i);
            var words = node.Type.Primitive switch
            {
                PrimitiveKind.Base64Binary => [],
                PrimitiveKind.Xhtml => Split(Plain(node.Text)),
                _ => Split(node.Text),
            };
            if (words.Length > 0)
                texts.Add(words);
        }

        return texts;
    }

    /// <summary>XHTML without its tags: those within a line vanish, the others separate words.</summary>
    public static string Plain(string xhtml)
    {
        var plain = new StringBuilder(xhtml.Length);
        for (var i = 0; i < xhtml.Length; i++)
        {
            if (xhtml[i] != '<')
            {
                plain.Append(xhtml[i]);
                continue;
            }

            if (xhtml.AsSpan(i).StartsWith("<!--"))
            {
                var close = xhtml.IndexOf("-->", i, StringComparison.Ordinal);
                i = close < 0 ? xhtml.Length : close + 2;
                continue;
            }

            var end = xhtml.IndexOf('>', i);
            if (end < 0)
                break;
            var name = xhtml.AsSpan(i + 1, end - i - 1).TrimStart('/');
            var length = name.IndexOfAnyExcept(NameCharacters);
            if (!Inline.Contains((length < 0 ? name : name[..length]).ToString()))
                plain.Append(' ');
            i = end;
        }

        return WebUtility.HtmlDecode(plain.ToString());
    }

    private static string Cut(string word) => word[..(char.IsHighSurrogate(word[MaxLength - 1]) ? MaxLength - 1 : MaxLength)];
}
