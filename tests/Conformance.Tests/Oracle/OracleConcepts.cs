using System.Text.RegularExpressions;
using Hl7.Fhir.Model;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>Whether one code is in a value set or stands below another (valueset.html#compositions, codesystem.html), asked code by code: no set is ever made.</summary>
internal sealed class OracleConcepts(IEnumerable<Resource> resources)
{
    private const string Implicit = "?fhir_vs";
    private const string Nobody = "a code that nobody lists";

    private readonly ValueSet[] sets = [.. resources.OfType<ValueSet>().Where(DefinitionRecords.IsOurs)];
    private readonly Dictionary<string, Tree> trees = resources.OfType<CodeSystem>().Where(DefinitionRecords.IsOurs).ToDictionary(c => c.Url!, c => new Tree(c));

    public IReadOnlyList<ValueSet> Sets => sets;

    /// <summary>Systems with a hierarchy, and their codes.</summary>
    public IEnumerable<(string System, IReadOnlyCollection<string> Codes)> Hierarchies => trees.Select(t => (t.Key, (IReadOnlyCollection<string>)t.Value.Codes));

    private IEnumerable<string> Systems => sets.SelectMany(s => s.Compose?.Include ?? []).Select(i => i.System).Concat(trees.Keys).OfType<string>().Distinct();

    /// <summary>Whether a value of a resource has a code that the criterion means.</summary>
    /// <param name="text">A value set's address, or <c>system|code</c>; escapes in place.</param>
    public bool Means(Base value, string modifier, string text)
    {
        var parts = OracleText.Split(text, '|').ConvertAll(OracleText.Unescape);
        Func<string, string, bool> holds = modifier switch
        {
            "below" => (system, code) => system == parts[0] && IsBelow(system, code, parts[1]),
            "above" => (system, code) => system == parts[0] && IsBelow(system, parts[1], code),
            _ => (system, code) => IsIn(OracleText.Unescape(text), system, code),
        };

        // An element of type code has no system to compare: the code decides, in every system of which the set lists codes.
        return (OracleMatch.Pairs(value) ?? []).Any(pair => pair.System is { } known ? holds(known, pair.Code)
            : value.TypeName == "code" && Systems.Any(s => holds(s, pair.Code) && !holds(s, Nobody)));
    }

    private bool IsIn(string canonical, string system, string code)
    {
        if (canonical.Split(Implicit) is [var of, var rest])
            return system == of && (rest.Length == 0 || IsBelow(of, code, rest["=isa/".Length..]));
        var set = Find(canonical);
        return set.Compose is { } compose ? compose.Include.Any(Holds) && !compose.Exclude.Any(Holds) : Lists(set.Expansion?.Contains ?? []);

        bool Holds(ValueSet.ConceptSetComponent part) => (part.System is null || (part.System == system
                && (part.Concept.Count > 0 ? part.Concept.Exists(c => c.Code == code) : part.Filter.TrueForAll(f => Passes(part.System, code, f)))))
            && (part.System is not null || part.ValueSet.Any()) && part.ValueSet.All(v => IsIn(v!, system, code));

        bool Lists(List<ValueSet.ContainsComponent> all) => all.Exists(c => (c.Abstract != true && c.System == system && c.Code == code) || Lists(c.Contains));
    }

    private ValueSet Find(string canonical) => canonical.StartsWith("ValueSet/", StringComparison.Ordinal)
        ? sets.Single(s => s.Id == canonical["ValueSet/".Length..])
        : canonical.Split('|') is [var url, var version] ? sets.Single(s => s.Url == url && s.Version == version)
        : sets.Where(s => s.Url == canonical).MaxBy(s => s.Version is { } v ? new Version(v) : new Version(0, 0))!;

    private bool Passes(string system, string code, ValueSet.FilterComponent filter)
    {
        var listed = filter.Value!.Split(',');
        return filter.Op switch
        {
            FilterOperator.IsA => IsBelow(system, code, filter.Value),
            FilterOperator.DescendentOf => code != filter.Value && IsBelow(system, code, filter.Value),
            FilterOperator.IsNotA => !IsBelow(system, code, filter.Value),
            FilterOperator.Generalizes => IsBelow(system, filter.Value, code),
            FilterOperator.In when filter.Property == "code" => listed.Contains(code),
            FilterOperator.NotIn when filter.Property == "code" => !listed.Contains(code),
            FilterOperator.Equal => Values().Contains(filter.Value),
            FilterOperator.In => Values().Any(listed.Contains),
            FilterOperator.NotIn => trees[system].Codes.Contains(code) && !Values().Any(listed.Contains),
            FilterOperator.Exists => trees[system].Codes.Contains(code) && Values().Any() == (filter.Value == "true"),
            FilterOperator.Regex => Values().Any(v => Regex.IsMatch(v, $"^({filter.Value})$", RegexOptions.None, TimeSpan.FromSeconds(1))),
            _ => throw new NotSupportedException($"{filter.Op}"),
        };

        IEnumerable<string> Values() => trees[system].Properties.Where(p => p.Code == code && p.Name == filter.Property).Select(p => p.Value);
    }

    private bool IsBelow(string system, string code, string above) =>
        code == above || (trees.TryGetValue(system, out var tree) && tree.Parents.Where(p => p.Code == code).Any(p => IsBelow(system, p.Parent, above)));

    /// <summary>What a CodeSystem says of its codes.</summary>
    private sealed class Tree
    {
        public Tree(CodeSystem system) => Add(system.Concept, null);

        public HashSet<string> Codes { get; } = [];

        public List<(string Code, string Parent)> Parents { get; } = [];

        public List<(string Code, string Name, string Value)> Properties { get; } = [];

        private void Add(List<CodeSystem.ConceptDefinitionComponent> concepts, string? parent)
        {
            foreach (var concept in concepts)
            {
                Codes.Add(concept.Code!);
                if (parent is not null)
                    Parents.Add((concept.Code!, parent));
                foreach (var property in concept.Property)
                {
                    var value = OracleDate.Text((PrimitiveType)property.Value!)!;
                    if (property.Code == "parent")
                        Parents.Add((concept.Code!, value));
                    else if (property.Code == "child")
                        Parents.Add((value, concept.Code!));
                    else
                        Properties.Add((concept.Code!, property.Code!, value));
                }

                Add(concept.Concept, concept.Code);
            }
        }
    }
}
