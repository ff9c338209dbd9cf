namespace FhirEmr.FhirServer.Search.Concepts;

/// <summary>Codes by system: finitely many, or all of the system but some.</summary>
internal sealed class ConceptSet
{
    private readonly Dictionary<string, SystemCodes> systems = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, SystemCodes> Systems => systems;

    /// <summary>How many codes are listed, be it to be in or out.</summary>
    public int Count => systems.Values.Sum(s => s.Codes.Count);

    public void Add(string system, SystemCodes codes) => systems[system] = systems.TryGetValue(system, out var known) ? known.Or(codes) : codes;

    public void Add(ConceptSet other)
    {
        foreach (var (system, codes) in other.systems)
            Add(system, codes);
    }

    public void Remove(ConceptSet other)
    {
        foreach (var (system, codes) in other.systems)
            if (systems.TryGetValue(system, out var known))
                systems[system] = known.AndNot(codes);
    }

    public ConceptSet And(ConceptSet other)
    {
        var both = new ConceptSet();
        foreach (var (system, codes) in systems)
            if (other.systems.TryGetValue(system, out var theirs))
                both.systems[system] = codes.And(theirs);
        return both;
    }
}

/// <summary>The codes of one system; when <see cref="AllBut"/>, every code except these.</summary>
internal sealed record SystemCodes(IReadOnlySet<string> Codes, bool AllBut)
{
    public static SystemCodes All { get; } = new(new HashSet<string>(), AllBut: true);

    public static SystemCodes Of(IEnumerable<string> codes) => new(codes.ToHashSet(StringComparer.Ordinal), AllBut: false);

    public SystemCodes Not() => this with { AllBut = !AllBut };

    public SystemCodes And(SystemCodes other) => (AllBut, other.AllBut) switch
    {
        (false, false) => Of(Codes.Where(other.Codes.Contains)),
        (false, true) => Of(Codes.Where(c => !other.Codes.Contains(c))),
        (true, false) => other.And(this),
        _ => new(Codes.Union(other.Codes).ToHashSet(StringComparer.Ordinal), AllBut: true),
    };

    public SystemCodes Or(SystemCodes other) => Not().And(other.Not()).Not(); // de Morgan

    public SystemCodes AndNot(SystemCodes other) => And(other.Not());
}
