using System.Text;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary><c>meta.security</c> of a resource: a set, whatever its order (resource.html#tag).</summary>
internal sealed class SecurityLabels
{
    private static readonly int Meta = FhirNames.Id("meta"), Security = FhirNames.Id("security");

    private readonly List<FhirNode> nodes = [];

    private SecurityLabels()
    {
    }

    public bool IsEmpty => nodes.Count == 0;

    public static SecurityLabels Of(FhirNode resource)
    {
        var labels = new SecurityLabels();
        if (resource.Exists && resource.Child(Meta) is { Exists: true } meta)
            foreach (var child in meta.Children)
                if (child.NameId == Security && child.HasValue)
                    labels.nodes.Add(child);
        return labels;
    }

    /// <summary>The labels of a stored body; it is read only when it may have any.</summary>
    public static SecurityLabels Of(ReadOnlyMemory<byte> json) =>
        json.Span.IndexOf("\"security\""u8) >= 0 && FhirJsonReader.Read(json, out _) is { } tree ? Of(tree.Root) : new();

    public bool IsSameAs(SecurityLabels other) => Keys().SetEquals(other.Keys());

    /// <summary>The list as JSON.</summary>
    public byte[] ToJson() => Encoding.UTF8.GetBytes($"[{string.Join(',', nodes.Select(n => Encoding.UTF8.GetString(n.Raw)))}]");

    private HashSet<(string?, string?)> Keys() => [.. nodes.Select(n => (n.TextOf("system"), n.TextOf("code")))];
}
