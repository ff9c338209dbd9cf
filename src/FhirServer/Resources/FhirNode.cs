using System.Text.Json;

namespace FhirEmr.FhirServer.Resources;

/// <summary>How a node stands in the JSON.</summary>
internal enum NodeKind : byte
{
    /// <summary>An object: resource, datatype or backbone element.</summary>
    Object,

    /// <summary>A JSON string; the span is what stands between the quotes, escapes and all.</summary>
    Text,

    /// <summary>A JSON number, as written.</summary>
    Number,
    True,
    False,

    /// <summary>The id and extensions of a primitive (<c>_birthDate</c>).</summary>
    PrimitiveElement,

    /// <summary>A null inside a list of primitives, keeping the place of a value that has only extensions.</summary>
    Null,
}

/// <summary>One element of a parsed resource: a view on the request's own bytes.</summary>
internal readonly struct FhirNode(ResourceTree tree, int index)
{
    public ResourceTree Tree => tree;

    public int Index => index;

    public NodeKind Kind => tree.Nodes[index].Kind;

    /// <summary>Interned element name (<see cref="FhirNames"/>), choice suffix removed; 0 for the root.</summary>
    public int NameId => tree.Nodes[index].Name;

    public FhirTypeDef Type => FhirSchema.ById(tree.Nodes[index].Type);

    /// <summary>Bytes of the value: between the quotes for text, the digits for numbers, the braces for objects.</summary>
    public ReadOnlySpan<byte> Raw
    {
        get
        {
            ref readonly var node = ref tree.Nodes[index];
            return tree.Source.Span[node.Start..node.End];
        }
    }

    public int Start => tree.Nodes[index].Start;

    public int End => tree.Nodes[index].End;

    /// <summary>Whether the element has a value of its own (not only extensions).</summary>
    public bool HasValue => Kind is not (NodeKind.PrimitiveElement or NodeKind.Null);

    public NodeChildren Children => new(tree, index);

    /// <summary>First child element of that name with a value; default (see <see cref="Exists"/>) when there is none.</summary>
    public FhirNode Child(int nameId)
    {
        foreach (var child in Children)
            if (child.NameId == nameId && child.HasValue)
                return child;
        return default;
    }

    public FhirNode Child(string name) => Child(FhirNames.Id(name));

    public bool Exists => tree is not null;

    /// <summary>The primitive as text, JSON escapes resolved; numbers and booleans as written.</summary>
    public string Text => Kind switch
    {
        NodeKind.Text => Unescaped(Raw),
        NodeKind.Number => System.Text.Encoding.ASCII.GetString(Raw),
        NodeKind.True => "true",
        NodeKind.False => "false",
        _ => "",
    };

    /// <summary>The primitive as UTF-8; no copy unless the JSON has escapes.</summary>
    public ReadOnlySpan<byte> Utf8 => Kind switch
    {
        NodeKind.Text => Raw.Contains((byte)'\\') ? System.Text.Encoding.UTF8.GetBytes(Unescaped(Raw)) : Raw,
        NodeKind.Number => Raw,
        NodeKind.True => "true"u8,
        NodeKind.False => "false"u8,
        _ => default,
    };

    /// <summary>Text of a child primitive; null when absent.</summary>
    public string? TextOf(int nameId) => Child(nameId) is { Exists: true } child ? child.Text : null;

    public string? TextOf(string name) => TextOf(FhirNames.Id(name));

    internal static string Unescaped(ReadOnlySpan<byte> raw)
    {
        if (!raw.Contains((byte)'\\'))
            return System.Text.Encoding.UTF8.GetString(raw);

        var quoted = new byte[raw.Length + 2];
        quoted[0] = quoted[^1] = (byte)'"';
        raw.CopyTo(quoted.AsSpan(1));
        var reader = new Utf8JsonReader(quoted);
        reader.Read();
        return reader.GetString()!;
    }
}

/// <summary>Enumerates the direct children of a node in document order, lists flattened.</summary>
internal struct NodeChildren(ResourceTree tree, int parent)
{
    private readonly int end = tree.Nodes[parent].Next;
    private int next = parent + 1;
    private int current = -1;

    public readonly FhirNode Current => new(tree, current);

    public readonly NodeChildren GetEnumerator() => this;

    public bool MoveNext()
    {
        if (next >= end)
            return false;
        current = next;
        next = tree.Nodes[next].Next;
        return true;
    }
}
