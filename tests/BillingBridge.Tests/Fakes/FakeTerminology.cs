using FhirEmr.Terminology;

namespace FhirEmr.BillingBridge.Tests.Fakes;

/// <summary>A small terminology: what a test put in, and nothing else.</summary>
internal sealed class FakeTerminology : ITerminology
{
    private static readonly Dictionary<string, string> NoProperties = [];

    private readonly Dictionary<(string System, string Code), Concept> concepts = [];
    private readonly Dictionary<(string, string, string), List<ConceptMapping>> maps = [];
    private readonly Dictionary<string, TableState> states = [];

    public void State(string system, TableState state) => states[system] = state;

    public void Add(string system, string code, string? title = null, bool billable = true, DateOnly? from = null, DateOnly? to = null) =>
        concepts[(system, Plain(code))] = new Concept(system, code, title, billable, from, to, "test-edition", NoProperties);

    public void Map(string sourceSystem, string sourceCode, string targetSystem, string targetCode, int group = 1, bool choice = false, string? modifier = null, string equivalence = "equivalent")
    {
        var key = (sourceSystem, sourceCode, targetSystem);
        if (!maps.TryGetValue(key, out var list))
            maps[key] = list = [];
        list.Add(new ConceptMapping(targetSystem, targetCode, null, equivalence, choice, null) { Group = group, Modifier = modifier });
    }

    public Concept? Find(string system, string code, DateOnly asOf) =>
        concepts.TryGetValue((system, Plain(code)), out var concept)
        && (concept.ValidFrom is not { } from || from <= asOf) && (concept.ValidTo is not { } to || asOf <= to)
            ? concept
            : null;

    public TableState StateOf(string system, DateOnly asOf) => states.GetValueOrDefault(system, TableState.Complete);

    public IReadOnlyList<Concept> Children(string system, string code, DateOnly asOf) =>
        [.. concepts.Where(c => c.Key.System == system && c.Key.Code.Length > Plain(code).Length && c.Key.Code.StartsWith(Plain(code), StringComparison.Ordinal))
            .OrderBy(c => c.Key.Code, StringComparer.Ordinal).Select(c => c.Value)];

    public IReadOnlyList<ConceptHit> Search(string system, string text, DateOnly asOf, int limit) => [];

    public IReadOnlyList<ConceptMapping> Translate(string sourceSystem, string sourceCode, string targetSystem) =>
        maps.TryGetValue((sourceSystem, sourceCode, targetSystem), out var found) ? found : [];

    private static string Plain(string code) => code.Replace(".", "", StringComparison.Ordinal).ToUpperInvariant();
}
