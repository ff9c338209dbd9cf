using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>What the addresses used inside a Bundle stand for: fullUrls and conditional references → the resource's own key.</summary>
/// <remarks>http.html#trules: every reference, and every uri, url, canonical and narrative link that names an entry, is replaced.</remarks>
/// <param name="baseUrl">This server's address as the client wrote it: references that begin with it are stored relative, so that they hold under any name.</param>
/// <param name="others">What else an address may stand for: the new key, or null when it stays as it is.</param>
internal sealed class Links(string? baseUrl, Func<string, ResourceKey?>? others = null)
{
    private static readonly int ReferenceName = FhirNames.Id("reference");
    private readonly Dictionary<string, ResourceKey> targets = new(StringComparer.Ordinal);

    /// <summary>Reads stored text, where everything is in place already.</summary>
    public static Links None { get; } = new(null);

    public bool TryAdd(string address, ResourceKey key) => targets.TryAdd(address, key);

    public bool TryGet(string address, out ResourceKey key) => targets.TryGetValue(address, out key);

    /// <summary>Text rewrites of one resource in document order, with each reference it holds (after rewriting).</summary>
    public IReadOnlyList<TextRewrite> Rewrite(FhirNode resource, List<ReferenceUse> references)
    {
        // What a stored Bundle holds refers among itself (bundle.html#references): it is kept as it came.
        if (resource.Type.Name == "Bundle")
            return [];

        var tree = resource.Tree;
        List<TextRewrite>? rewrites = null;
        var end = tree.Nodes[resource.Index].Next;
        var referenceType = FhirSchema.ReferenceType.Id;
        var referenceUntil = -1;
        for (var i = resource.Index + 1; i < end; i++)
        {
            ref readonly var node = ref tree.Nodes[i];
            if (node.Kind == NodeKind.Object)
            {
                if (node.Type == referenceType)
                    referenceUntil = Math.Max(referenceUntil, node.Next); // a Reference may hold another in an extension
                continue;
            }

            if (node.Kind != NodeKind.Text)
                continue;

            if (node.Name == ReferenceName && i < referenceUntil)
            {
                var text = new FhirNode(tree, i).Text;
                if (Replacement(text) is { } replacement)
                {
                    (rewrites ??= []).Add(new(node.Start, node.End, Encoding.UTF8.GetBytes(replacement)));
                    references.Add(new(replacement, i));
                }
                else
                {
                    references.Add(new(text, i));
                }
            }
            else if (targets.Count > 0)
            {
                RewriteOther(new FhirNode(tree, i), ref rewrites);
            }
        }

        return rewrites ?? (IReadOnlyList<TextRewrite>)[];
    }

    private string? Replacement(string text)
    {
        if (targets.TryGetValue(text, out var key))
            return key.ToString();
        if (others?.Invoke(text) is { } other)
            return other.ToString();
        if (!string.IsNullOrEmpty(baseUrl) && text.Length > baseUrl.Length && text[baseUrl.Length] == '/' && text.StartsWith(baseUrl, StringComparison.Ordinal)
            && ResourceKey.TryParseRelative(text.AsSpan(baseUrl.Length + 1), out _, out _))
            return text[(baseUrl.Length + 1)..];
        if (targets.Count == 0)
            return null;

        // A fragment on an entry's address (urn:uuid:...#part) follows the entry.
        var hash = text.IndexOf('#');
        return hash > 0 && targets.TryGetValue(text[..hash], out key) ? key + text[hash..] : null;
    }

    private void RewriteOther(FhirNode node, ref List<TextRewrite>? rewrites)
    {
        switch (node.Type.Primitive)
        {
            case PrimitiveKind.Uri or PrimitiveKind.Url or PrimitiveKind.Canonical or PrimitiveKind.Uuid or PrimitiveKind.Oid:
                if (node.Raw.StartsWith("urn:"u8) && Replacement(node.Text) is { } replacement)
                    (rewrites ??= []).Add(new(node.Start, node.End, Encoding.UTF8.GetBytes(replacement)));
                break;
            case PrimitiveKind.Xhtml when node.Raw.IndexOf("urn:uuid:"u8) >= 0:
                (rewrites ??= []).Add(new(node.Start, node.End, Narrative(node.Text)));
                break;
        }
    }

    private byte[] Narrative(string html)
    {
        const int Length = 45; // urn:uuid: and 36 characters
        var text = new StringBuilder(html.Length);
        var at = 0;
        for (int found; (found = html.IndexOf("urn:uuid:", at, StringComparison.Ordinal)) >= 0;)
        {
            text.Append(html, at, found - at);
            var address = html.AsSpan(found, Math.Min(Length, html.Length - found)).ToString();
            text.Append(targets.TryGetValue(address, out var key) ? key.ToString() : address);
            at = found + address.Length;
        }

        return JsonEncodedText.Encode(text.Append(html, at, html.Length - at).ToString(),
            JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes.ToArray();
    }
}

/// <summary>A literal reference as it will be stored, and the node it stands in.</summary>
internal readonly record struct ReferenceUse(string Reference, int NodeIndex);
