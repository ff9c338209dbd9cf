namespace FhirEmr.FhirServer.Resources;

/// <summary>A parsed JSON document: the request's bytes and a flat list of nodes over them, in document order.</summary>
/// <remarks>One tree serves a whole Bundle; its entries are subtrees, so nothing is parsed twice and nothing is copied.</remarks>
internal sealed class ResourceTree(ReadOnlyMemory<byte> source)
{
    internal struct Node
    {
        public int Name;
        public int Type;
        public int Start;
        public int End;

        /// <summary>Index of the first node after this subtree.</summary>
        public int Next;
        public NodeKind Kind;
    }

    internal Node[] Nodes { get; private set; } = new Node[128];

    public ReadOnlyMemory<byte> Source { get; } = source;

    public int Count { get; private set; }

    public FhirNode Root => new(this, 0);

    internal int Add(Node node)
    {
        if (Count == Nodes.Length)
        {
            var larger = new Node[Nodes.Length * 2];
            Nodes.CopyTo(larger, 0);
            Nodes = larger;
        }

        Nodes[Count] = node;
        return Count++;
    }
}
