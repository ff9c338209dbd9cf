using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using Hl7.Fhir.Introspection;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Indexing.Extraction;

/// <summary>Lays the parsed paths of a type's parameters into its extraction tree, checking each step against the R4 model.</summary>
internal sealed class ExtractionCompiler(string type, ExtractionStep root)
{
    private static readonly ModelInspector Inspector = ModelInfo.ModelInspector;

    /// <summary>False when a branch takes a step the compiler cannot follow; then nothing was added for the parameter.</summary>
    public bool TryAdd(
        SearchParam param, int ordinal, IReadOnlyList<PathBranch> branches, List<ExtractionPlan.PresenceFlag> flags, out IReadOnlySet<string> elementTypes)
    {
        var types = new HashSet<string>(StringComparer.Ordinal);
        elementTypes = types;
        var mine = branches.Where(b => b.Root is null or "Resource" or "DomainResource" || b.Root == type).ToArray();
        if (!mine.All(CanFollow))
            return false;

        foreach (var branch in mine)
        {
            if (branch.IsPresenceFlag)
            {
                var emission = new Emission(param.Kind);
                emission.Add(param, ordinal);
                flags.Add(new(emission, FhirNames.Id(((PathStep.Child)branch.Steps[0]).Name)));
                types.Add("boolean");
            }
            else
            {
                Add(param, ordinal, branch, types);
            }
        }

        return true;
    }

    // "First of all" equals "first under its parent" only at the first step, so [0] is followed there alone.
    private static bool CanFollow(PathBranch branch) =>
        branch.Steps.Count > 0
        && (!branch.IsPresenceFlag || branch.Steps.Count == 1)
        && branch.Steps.Index().All(s => s.Item is not PathStep.First || (s.Index == 1 && branch.Steps[0] is PathStep.Child));

    /// <summary>One part of a composite, walked from each element that a path of the composite's own ends at.</summary>
    /// <exception cref="ArgumentException">The expression is outside the subset; none of R4's is.</exception>
    public CompositePart CompilePart(SearchParam composite, int ordinal, SearchParamType kind, string expression)
    {
        var part = new CompositePart(expression, new ExtractionStep(), new Emission(kind) { IsPart = true });
        part.Emission.Add(composite, ordinal);
        if (PathParser.Parse(composite.Expression) is not { } contexts || PathParser.Parse(expression) is not { } branches)
            throw new ArgumentException($"{composite}: '{expression}' does not read.", nameof(expression));

        foreach (var context in contexts.Where(c => c.Root == type))
        {
            var (_, classes, _) = Follow(new ExtractionStep(), [.. Own], context.Steps);
            foreach (var branch in branches)
            {
                var (step, _, systems) = Follow(part.Step, classes, branch.Steps);
                step.Emission(part.Emission, systems);
            }
        }

        return part;
    }

    private IEnumerable<ClassMapping> Own => Inspector.FindClassMapping(type) is { } own ? [own] : [];

    private void Add(SearchParam param, int ordinal, PathBranch branch, HashSet<string> elementTypes)
    {
        var (step, classes, systems) = Follow(root, [.. Own], branch.Steps);
        foreach (var mapping in classes)
            elementTypes.Add(mapping.Name);
        step.Emission(param.Kind, systems).Add(param, ordinal);
    }

    private static (ExtractionStep Step, List<ClassMapping> Classes, Utf8Table<byte[]>? Systems) Follow(
        ExtractionStep step, List<ClassMapping> classes, IReadOnlyList<PathStep> steps)
    {
        Utf8Table<byte[]>? systems = null;
        for (var i = 0; i < steps.Count; i++)
        {
            switch (steps[i])
            {
                case PathStep.Child { Name: var name }:
                    var first = i + 1 < steps.Count && steps[i + 1] is PathStep.First;
                    step = first ? step.First(name) : step.Child(name);
                    (classes, systems) = Descend(classes, name);
                    break;
                case PathStep.First:
                    break;
                case PathStep.OfType { Name: var wanted } test:
                    step = step.Filter(test);
                    classes = classes.FindAll(c => c.Name == wanted);
                    break;
                case var test:
                    step = step.Filter(test);
                    break;
            }
        }

        return (step, classes, systems);
    }

    private static (List<ClassMapping> Classes, Utf8Table<byte[]>? Systems) Descend(List<ClassMapping> classes, string name)
    {
        var next = new List<ClassMapping>();
        Utf8Table<byte[]>? systems = null;
        foreach (var property in classes.Select(c => c.FindMappedElementByName(name)).OfType<PropertyMapping>())
        {
            foreach (var native in property.FhirType)
                if (Inspector.FindClassMapping(native) is { } mapping)
                    next.Add(mapping);
            systems ??= SystemsOf(property.ImplementingType);
        }

        return (next, systems);
    }

    private static Utf8Table<byte[]>? SystemsOf(Type implementing)
    {
        if (!implementing.IsGenericType || implementing.GetGenericTypeDefinition() != typeof(Code<>)
            || Inspector.FindEnumMapping(implementing.GetGenericArguments()[0]) is not { } codes)
            return null;

        var systems = new Utf8Table<byte[]>();
        foreach (var (code, member) in codes.Members)
            if (!string.IsNullOrEmpty(member.System))
                systems.Add(code, Encoding.UTF8.GetBytes(member.System));
        return systems;
    }
}
