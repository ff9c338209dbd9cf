using FhirEmr.Terminology.CodeSystems.Hcpcs;
using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.CodeSystems.Editions;

/// <summary>A code system out of the editions in force at one time: usually one, for CPT its long, medium, short and modifier files.</summary>
internal sealed class TableSystem : CodeSystemContent
{
    private readonly ShelvedEdition[] editions;
    private readonly ShelvedEdition? modifiers;
    private readonly IReadOnlyCollection<string> everyday;
    private readonly Lazy<int[]> starts;

    /// <param name="url">Canonical URL.</param>
    /// <param name="codes">Those that list codes, best first.</param>
    /// <param name="modifiers">Those that list modifiers.</param>
    /// <param name="everyday">Codes in matching form that go first in searches.</param>
    public TableSystem(string url, IReadOnlyList<ShelvedEdition> codes, IReadOnlyList<ShelvedEdition> modifiers, IReadOnlyCollection<string> everyday)
        : base(url, VersionOf((codes.Count > 0 ? codes : modifiers)[0].Edition))
    {
        editions = [.. codes.Union(modifiers)];
        this.modifiers = modifiers.Count > 0 ? modifiers[0] : null;
        this.everyday = everyday;
        starts = new(Starts);
    }

    public IEnumerable<Edition> Editions => editions.Select(e => e.Edition);

    /// <summary>The edition that lists codes; its dates are the system's.</summary>
    public Edition Main => editions[0].Edition;

    public override ContentMode Content => Main.IsComplete ? ContentMode.Complete : ContentMode.Fragment;

    public override string? Title => CodeSystemUrls.NameOf(Url);

    public override string? Copyright => Main.Notice;

    public override bool IsCaseSensitive => false;

    public override bool IsDated => true;

    public override int Count => starts.Value[^1];

    public static string VersionOf(Edition edition) => edition.IsComplete ? edition.Version : edition.Id;

    public override string Key(string code) => CodeForm.Matching(code);

    public override int Find(string code, DateOnly asOf)
    {
        var key = CodeForm.Matching(code);
        for (var i = 0; i < editions.Length; i++)
        {
            if (editions[i].Table.Value.Find(key, asOf) is >= 0 and var row)
                return starts.Value[i] + row;
        }

        return None;
    }

    public override int FindAnyDay(string code)
    {
        var key = CodeForm.Matching(code);
        for (var i = 0; i < editions.Length; i++)
        {
            foreach (var row in editions[i].Table.Value.FindAll(key))
                return starts.Value[i] + row;
        }

        return None;
    }

    /// <summary>All rows of a code, whatever their dates: tables that are no code systems have several.</summary>
    public IEnumerable<int> AllRows(string code)
    {
        var key = CodeForm.Matching(code);
        return editions.Select((edition, i) => edition.Table.Value.FindAll(key).Select(row => starts.Value[i] + row)).SelectMany(rows => rows);
    }

    /// <summary>A complete edition proves nothing about modifiers when they come in a file of their own that is not here.</summary>
    public override CodeStanding Judge(string code, DateOnly asOf) => Find(code, asOf) is >= 0 and var row
        ? new(true, Code(row), Display(row))
        : new(Content == ContentMode.Complete && !(modifiers is null && IsModifier(CodeForm.Matching(code))) ? false : null, code, null);

    public Edition EditionOf(int row) => editions[Part(row)].Edition;

    public bool IsBillable(int row) => At(row, (table, at) => table.IsBillable(at));

    public (DateOnly? From, DateOnly? To) Validity(int row) => At(row, (table, at) => (table.ValidFrom(at), table.ValidTo(at)));

    public override string Code(int row) => CodeForm.Shown(Url, At(row, (table, at) => table.Code(at)));

    public override string? Display(int row) => At(row, (table, at) => table.Display(at));

    /// <summary>Headers of a classification group codes; systems without hierarchy have none.</summary>
    public override bool IsAbstract(int row) => At(row, (table, at) => table.Columns.Hierarchy == Hierarchy.Prefix && !table.IsBillable(at));

    public override bool IsInactive(int row) => At(row, (table, at) => table.IsInactive(at));

    public override IReadOnlyList<int> Parents(int row)
    {
        var (part, start) = (Part(row), starts.Value[Part(row)]);
        return [.. editions[part].Table.Value.Parents(row - start).Select(parent => start + parent)];
    }

    public override IEnumerable<int> Children(int row, DateOnly asOf)
    {
        var (table, start) = (editions[Part(row)].Table.Value, starts.Value[Part(row)]);
        return table.Children(row - start).Where(child => table.IsValidOn(child, asOf)).Select(child => start + child);
    }

    public override IEnumerable<ConceptProperty> Properties(int row)
    {
        var (table, at) = (editions[Part(row)].Table.Value, row - starts.Value[Part(row)]);
        yield return new("billable", "boolean", table.IsBillable(at) ? "true" : "false");
        if (table.Columns.Hierarchy == Hierarchy.Prefix)
            yield return new("header", "boolean", table.IsBillable(at) ? "false" : "true");
        foreach (var (name, value) in table.Properties(at))
            yield return new(name, "string", value);
    }

    public override IEnumerable<Designation> Designations(int row) =>
        At(row, (table, at) => table.Synonyms(at)).Select(name => new Designation(null, "http://terminology.hl7.org/CodeSystem/designation-usage", "display", name));

    public override IEnumerable<int> Rows(DateOnly asOf)
    {
        for (var i = 0; i < editions.Length; i++)
        {
            // The medium and short files of CPT list the codes of the long one again.
            if (i > 0 && editions[i] != modifiers)
                continue;
            var table = editions[i].Table.Value;
            for (var row = 0; row < table.Count; row++)
            {
                if (table.IsValidOn(row, asOf) && (i == 0 || table.Columns.Codes[row].Length == 2))
                    yield return starts.Value[i] + row;
            }
        }
    }

    public override IEnumerable<(int Row, double Score)> Search(string text, DateOnly asOf, int limit, Func<int, bool> isWanted)
    {
        // Long, medium and short CPT texts say the same thing: the fullest one is searched, and of a separate modifier edition only its modifiers.
        var hits = SearchIn(0, _ => true);
        if (Array.IndexOf(editions, modifiers) is > 0 and var separate)
            hits = hits.Concat(SearchIn(separate, row => editions[separate].Table.Value.Columns.Codes[row].Length == 2));
        return hits.OrderByDescending(hit => hit.Score).Take(limit);

        IEnumerable<(int Row, double Score)> SearchIn(int part, Func<int, bool> isOfPart)
        {
            var start = starts.Value[part];
            return ConceptSearch.Run(editions[part].Table.Value, text, CodeForm.Matching(text), asOf, limit, everyday, row => isOfPart(row) && isWanted(start + row))
                .Select(hit => (start + hit.Row, hit.Score));
        }
    }

    public override Func<int, bool> BelowTest(int ancestor)
    {
        var (part, start) = (Part(ancestor), starts.Value[Part(ancestor)]);
        var table = editions[part].Table.Value;
        return table.Columns.Hierarchy == Hierarchy.Prefix
            ? row => Part(row) == part && IsLonger(table, row - start, ancestor - start)
            : base.BelowTest(ancestor);
    }

    public override bool IsBelow(int row, int ancestor)
    {
        var (part, start) = (Part(ancestor), starts.Value[Part(ancestor)]);
        var table = editions[part].Table.Value;
        return table.Columns.Hierarchy == Hierarchy.Prefix
            ? Part(row) == part && IsLonger(table, row - start, ancestor - start)
            : base.IsBelow(row, ancestor);
    }

    protected override IEnumerable<int> AllChildren(int row)
    {
        var start = starts.Value[Part(row)];
        return editions[Part(row)].Table.Value.Children(row - start).Select(child => start + child);
    }

    /// <summary>In a prefix hierarchy descendants are the codes that begin with the ancestor's: an interval of the sorted table.</summary>
    private static bool IsLonger(ConceptTable table, int row, int ancestor)
    {
        var code = table.Columns.Codes[row];
        var above = table.Columns.Codes[ancestor];
        return code.Length > above.Length && code.StartsWith(above);
    }

    private bool IsModifier(string key) => key.Length == 2 && (Url is CodeSystemUrls.Cpt || (Url is CodeSystemUrls.Hcpcs && HcpcsCode.IsModifier(key)));

    private int Part(int row)
    {
        var part = 0;
        while (row >= starts.Value[part + 1])
            part++;
        return part;
    }

    private T At<T>(int row, Func<ConceptTable, int, T> read)
    {
        var part = Part(row);
        return read(editions[part].Table.Value, row - starts.Value[part]);
    }

    private int[] Starts()
    {
        var sums = new int[editions.Length + 1];
        for (var i = 0; i < editions.Length; i++)
            sums[i + 1] = sums[i] + editions[i].Table.Value.Count;
        return sums;
    }
}
