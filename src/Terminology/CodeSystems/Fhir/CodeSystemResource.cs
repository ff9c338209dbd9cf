using System.Collections.Frozen;
using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.CodeSystems.Fhir;

/// <summary>The concepts of a CodeSystem resource in the order it lists them; nesting and the properties parent and child make the hierarchy.</summary>
internal sealed class CodeSystemResource : CodeSystemContent
{
    private readonly CodeSystemHeader header;
    private readonly IReadOnlyList<ResourceConcept> concepts;
    private readonly FrozenDictionary<string, int> rows;
    private readonly Lazy<(ConceptTable Table, int[] Rows)> search;

    public CodeSystemResource(CodeSystemHeader header, IReadOnlyList<ResourceConcept> concepts)
        : base(header.Url, header.Version)
    {
        this.header = header;
        this.concepts = concepts;
        rows = concepts.Index().DistinctBy(c => c.Item.Code, header.IsCaseSensitive ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(c => c.Item.Code, c => c.Index, header.IsCaseSensitive ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);
        search = new(BuildSearch);
    }

    public override ContentMode Content => header.Content;

    public override string? Title => header.Title;

    public override string? Copyright => header.Copyright;

    public override bool IsCaseSensitive => header.IsCaseSensitive;

    public override int Count => concepts.Count;

    public override string Key(string code) => IsCaseSensitive ? code : code.ToUpperInvariant();

    public override int Find(string code, DateOnly asOf) => rows.TryGetValue(code, out var row) ? row : None;

    public override string Code(int row) => concepts[row].Code;

    public override string? Display(int row) => concepts[row].Display;

    public override string? Definition(int row) => concepts[row].Definition;

    public override bool IsAbstract(int row) => concepts[row].IsAbstract;

    public override bool IsInactive(int row) => concepts[row].IsInactive;

    public override IReadOnlyList<int> Parents(int row) => concepts[row].Parents;

    public override IEnumerable<int> Children(int row, DateOnly asOf) => concepts[row].Children;

    public override IEnumerable<ConceptProperty> Properties(int row) => concepts[row].Properties;

    public override IEnumerable<Designation> Designations(int row) => concepts[row].Designations;

    public override IEnumerable<int> Rows(DateOnly asOf) => Enumerable.Range(0, concepts.Count);

    public override IEnumerable<(int Row, double Score)> Search(string text, DateOnly asOf, int limit, Func<int, bool> isWanted)
    {
        var (table, order) = search.Value;
        return ConceptSearch.Run(table, text, text.Trim(), asOf, limit, [], row => isWanted(order[row])).Select(hit => (order[hit.Row], hit.Score));
    }

    protected override IEnumerable<int> AllChildren(int row) => concepts[row].Children;

    private (ConceptTable Table, int[] Rows) BuildSearch()
    {
        var sorted = concepts.Index().OrderBy(c => c.Item.Code, StringComparer.Ordinal).ToArray();
        var table = ConceptTable.Build(sorted.Select(c => new ConceptRow(c.Item.Code, c.Item.Display ?? c.Item.Code, "", !c.Item.IsAbstract)
        {
            Synonyms = [.. c.Item.Designations.Select(d => d.Value)],
        }), Hierarchy.None);
        return (table, [.. sorted.Select(c => c.Index)]);
    }
}

/// <summary>What a CodeSystem says of itself.</summary>
internal sealed record CodeSystemHeader(string Url, string? Version, ContentMode Content, string? Title, string? Copyright, bool IsCaseSensitive);

/// <summary>One concept, with its place in the hierarchy as rows.</summary>
internal sealed class ResourceConcept(string code)
{
    public string Code => code;

    public string? Display { get; set; }

    public string? Definition { get; set; }

    public bool IsAbstract { get; set; }

    public bool IsInactive { get; set; }

    public List<int> Parents { get; } = [];

    public List<int> Children { get; } = [];

    public List<ConceptProperty> Properties { get; } = [];

    public List<Designation> Designations { get; } = [];
}
