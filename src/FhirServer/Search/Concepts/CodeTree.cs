using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Search.Concepts;

/// <summary>The concepts of a CodeSystem resource: who stands below whom, and their properties (codesystem.html).</summary>
/// <remarks>Nesting and the properties <c>parent</c> and <c>child</c> both make the hierarchy; a concept may stand below several.</remarks>
internal sealed class CodeTree
{
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);

    private CodeTree()
    {
    }

    public IEnumerable<string> Codes => entries.Keys;

    public static CodeTree Read(FhirNode codeSystem)
    {
        var tree = new CodeTree();
        tree.Add(codeSystem, null);
        return tree;
    }

    public bool Has(string code) => entries.ContainsKey(code);

    /// <summary>Values of a property of the concept.</summary>
    public IEnumerable<string> Property(string code, string property) => entries.TryGetValue(code, out var entry)
        ? property is "code" or "concept" ? [code] : property == "parent" ? entry.Parents : property == "child" ? entry.Children : entry.Properties.Where(p => p.Code == property).Select(p => p.Value)
        : [];

    /// <summary>All below the code, itself left out; empty for unknown codes.</summary>
    public HashSet<string> Below(string code) => Closure(code, e => e.Children);

    /// <summary>All above the code, itself left out.</summary>
    public HashSet<string> Above(string code) => Closure(code, e => e.Parents);

    private HashSet<string> Closure(string code, Func<Entry, IEnumerable<string>> next)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([code]);
        while (open.TryPop(out var current))
            if (entries.TryGetValue(current, out var entry))
                foreach (var other in next(entry))
                    if (other != code && found.Add(other))
                        open.Push(other);
        return found;
    }

    private void Add(FhirNode parent, string? parentCode)
    {
        foreach (var concept in parent.Children)
        {
            if (!concept.HasValue || FhirNames.Name(concept.NameId) != "concept" || concept.TextOf("code") is not { } code)
                continue;
            var entry = EntryOf(code);
            if (parentCode is not null)
                Link(parentCode, code);
            foreach (var property in concept.Children)
            {
                if (FhirNames.Name(property.NameId) != "property" || property.TextOf("code") is not { } name || property.TextOf("value") is not { } value)
                    continue;
                if (name == "parent")
                    Link(value, code);
                else if (name == "child")
                    Link(code, value);
                else
                    entry.Properties.Add((name, value));
            }

            Add(concept, code);
        }
    }

    private void Link(string parent, string child)
    {
        if (EntryOf(parent).Children.Add(child))
            EntryOf(child).Parents.Add(parent);
    }

    private Entry EntryOf(string code) => entries.TryGetValue(code, out var known) ? known : entries[code] = new();

    private sealed class Entry
    {
        public HashSet<string> Parents { get; } = [];

        public HashSet<string> Children { get; } = [];

        public List<(string Code, string Value)> Properties { get; } = [];
    }
}
