using FhirEmr.Terminology.CodeSystems;

namespace FhirEmr.Terminology.ValueSets;

/// <summary>Value set as written → value set as asked. One compilation; it remembers which value sets are being compiled, so that a circle ends.</summary>
internal sealed class ValueSetCompiler(SystemCatalog catalog, Func<string, ValueSetCompiler, CompiledValueSet> import, VersionPins? pins = null)
{
    /// <summary>Sets that depend on nothing but lists are worked out to one list up to this size.</summary>
    private const int MaxFrozen = 50_000;

    /// <summary>Value sets that import each other deeper than this are not followed.</summary>
    public const int MaxDepth = 64;

    private readonly List<string> open = [];

    /// <summary>The value sets being compiled, outermost first.</summary>
    public IReadOnlyList<string> Open => open;

    /// <summary>Those found to lie in a circle, so that each is walked through once, however often the others name it.</summary>
    public Dictionary<string, CompiledValueSet> Circular { get; } = new(StringComparer.Ordinal);

    public CompiledValueSet Compile(string name, ValueSetDefinition definition)
    {
        open.Add(name);
        try
        {
            var composed = definition.HasCompose ? Compose(definition) : null;
            // The expansion that came with it stands in where the compose rests on content that is not here.
            if (definition.Expansion is { } expansion && (composed is null || composed.Unresolved is not null || composed.Parts.Any(p => IsUnknown(p.Value))))
                return new(definition, [.. Group(expansion)], null);
            return composed ?? new(definition, [], "Neither compose nor expansion says what is in the value set.");
        }
        finally
        {
            open.RemoveAt(open.Count - 1);
        }
    }

    /// <summary>All codes of a system, or those a filter leaves.</summary>
    public CompiledValueSet OfSystem(string system, params IReadOnlyList<ValueSetFilter> filters) =>
        new(null, [new(system, new FilteredTest(new(catalog, system, pins?.Choose(system, null)), filters, withInactive: true))], null);

    private CompiledValueSet Compose(ValueSetDefinition definition)
    {
        var included = new List<KeyValuePair<string, SystemTest>>();
        string? unresolved = null;
        var circular = false;
        foreach (var part in definition.Includes)
        {
            var set = Part(part, definition.WithInactive);
            included.AddRange(set.Parts);
            unresolved ??= set.Unresolved;
            circular |= set.IsCircular;
        }

        var excluded = new List<KeyValuePair<string, SystemTest>>();
        foreach (var part in definition.Excludes)
        {
            var set = Part(part, withInactive: true);
            excluded.AddRange(set.Parts);
            unresolved ??= set.Unresolved;
            circular |= set.IsCircular;
        }

        var without = excluded.ToLookup(p => p.Key, p => p.Value);
        var parts = included.GroupBy(p => p.Key, StringComparer.Ordinal).Select(g => KeyValuePair.Create(g.Key, Frozen(g.Key,
            without.Contains(g.Key) ? new ExceptTest(Union([.. g.Select(p => p.Value)]), Union([.. without[g.Key]])) : Union([.. g.Select(p => p.Value)]))));
        return new(definition, [.. parts], unresolved) { IsCircular = circular };
    }

    /// <summary>An include or exclude: its system's codes, within every value set it names.</summary>
    private CompiledValueSet Part(ValueSetPart part, bool withInactive)
    {
        var imports = part.ValueSets.Select(url => import(url, this)).ToArray();
        var circular = imports.Any(i => i.IsCircular);
        if (part.System is { } system)
        {
            // What is unknown of an import is unknown of this system only.
            var tests = imports.Select(i => i.Parts.FirstOrDefault(p => p.Key == system).Value is { } test
                ? i.Unresolved is null ? test : new UnionTest([test, new UnknownTest(i.Unresolved)])
                : i.Unresolved is { } why ? new UnknownTest(why) : new ListedTest([], null, $"{i.Definition?.Url} takes no codes from {system}."));
            return new(null, [new(system, Intersection([Own(part, system, withInactive), .. tests]))], null) { IsCircular = circular };
        }

        if (imports.Length == 0)
            return new(null, [], "A part of the value set names neither a system nor a value set.");
        var systems = imports[0].Parts.Select(p => p.Key).Where(s => imports.All(i => i.Unresolved is not null || i.Parts.Any(p => p.Key == s)));
        return new(null, [.. systems.Select(s => KeyValuePair.Create(s, Intersection([.. imports.Select(i => i.Parts.FirstOrDefault(p => p.Key == s).Value ?? new UnknownTest(i.Unresolved!))])))],
            imports.Select(i => i.Unresolved).FirstOrDefault(u => u is not null))
        {
            IsCircular = circular,
        };
    }

    private SystemTest Own(ValueSetPart part, string system, bool withInactive)
    {
        var on = new SystemOn(catalog, system, pins is null ? part.Version : pins.Choose(system, part.Version));
        if (part.Concepts.Count > 0)
            return Listed(on, part.Concepts);
        // Codes that a filter names are a list, even of a system nothing is known of.
        return part.Filters is [{ Property: "code" or "concept", Op: "=" or "in" } named] && !on.IsKnown
            ? Listed(on, [.. named.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(code => new ListedCode(system, part.Version, code, null, false, null, []))])
            : new FilteredTest(on, part.Filters, withInactive);
    }

    private static SystemTest Listed(SystemOn on, IReadOnlyList<ListedCode> concepts)
    {
        var content = on.IsDated ? null : on.At(new("", DateOnly.MaxValue, null)) as CodeSystemContent;
        var list = new ListedTest(concepts.Select(c => Place(c, content)), on.Key, "It is not among the codes the value set lists.");
        return on.IsDated ? new DatedListTest(list, on) : list;
    }

    private static Member Place(ListedCode listed, CodeSystemContent? content) =>
        content?.Find(listed.Code, DateOnly.MaxValue) is >= 0 and var row
            ? new(listed.System, content, row, listed)
            : new(listed.System, null, CodeSystemContent.None, listed);

    private IEnumerable<KeyValuePair<string, SystemTest>> Group(IReadOnlyList<ListedCode> expansion) => expansion.Where(c => !c.IsAbstract)
        .GroupBy(c => c.System, StringComparer.Ordinal)
        .Select(g => KeyValuePair.Create(g.Key, Listed(new(catalog, g.Key, null), [.. g])));

    /// <summary>A list where it is short and the same on every day; otherwise the test as it is.</summary>
    private SystemTest Frozen(string system, SystemTest test)
    {
        if (test is ListedTest || test.IsDated || !test.IsClosed)
            return test;
        var members = test.Members(DateOnly.MaxValue, out var fault);
        if (fault is not null)
            return test;
        var few = members.Take(MaxFrozen + 1).ToArray();
        return few.Length > MaxFrozen ? test : new ListedTest(few, new SystemOn(catalog, system, null).Key, "It is not in the value set.", test);
    }

    private static bool IsUnknown(SystemTest test) => test is not ListedTest && test.Members(DateOnly.MaxValue, out var fault) is not null && fault is not null && !IsGrammar(test);

    private static bool IsGrammar(SystemTest test) => test is FilteredTest { WholeSystem: { } system } && system.At(new("", DateOnly.MaxValue, null)) is { } and not CodeSystemContent;

    private static SystemTest Union(IReadOnlyList<SystemTest> tests) => tests.Count == 1 ? tests[0] : new UnionTest(tests);

    private static SystemTest Intersection(IReadOnlyList<SystemTest> tests) => tests.Count == 1 ? tests[0] : new IntersectionTest(tests);
}
