namespace FhirEmr.Terminology.ValueSets;

/// <summary>The codes of one system; when <see cref="AllBut"/>, every code except these. "All codes of a system" stays a statement, never a list.</summary>
public sealed record SystemCodes(IReadOnlySet<string> Codes, bool AllBut)
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
