using System.Text;
using FhirEmr.FhirServer.Resources;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Indexing.Extraction;

/// <summary>Receives the values of a walk.</summary>
internal interface IValueSink
{
    void Value(FhirNode node, Emission emission);
}

/// <summary>A node of a type's extraction plan: all parameter paths of the type merged into one tree, so that one walk serves them all.</summary>
/// <remarks>A subtree of the resource that no path enters is never looked at; names are compared as integers.</remarks>
internal sealed class ExtractionStep
{
    private Emission[] emissions = [];
    private int[] childNames = [];
    private ExtractionStep[] children = [];
    private (int Name, ExtractionStep Step)[] firsts = [];
    private (PathStep Test, NodeTest Matches, ExtractionStep Step)[] filters = [];

    private delegate bool NodeTest(FhirNode node);

    public void Walk<TSink>(FhirNode node, ref TSink sink)
        where TSink : struct, IValueSink, allows ref struct
    {
        if (emissions.Length > 0 && node.HasValue)
            foreach (var emission in emissions)
                sink.Value(node, emission);

        foreach (var (_, matches, step) in filters)
            if (matches(node))
                step.Walk(node, ref sink);

        if (childNames.Length > 0)
        {
            foreach (var child in node.Children)
            {
                var i = childNames.AsSpan().IndexOf(child.NameId);
                if (i >= 0)
                    children[i].Walk(child, ref sink);
            }
        }

        foreach (var (name, step) in firsts)
            foreach (var child in node.Children)
                if (child.NameId == name)
                {
                    step.Walk(child, ref sink);
                    break;
                }
    }

    public ExtractionStep Child(string name)
    {
        var id = FhirNames.Id(name);
        var i = childNames.AsSpan().IndexOf(id);
        if (i >= 0)
            return children[i];

        var step = new ExtractionStep();
        (childNames, children) = ([.. childNames, id], [.. children, step]);
        return step;
    }

    /// <summary>The first child of that name only.</summary>
    public ExtractionStep First(string name)
    {
        var id = FhirNames.Id(name);
        foreach (var (known, existing) in firsts)
            if (known == id)
                return existing;

        var step = new ExtractionStep();
        firsts = [.. firsts, (id, step)];
        return step;
    }

    public ExtractionStep Filter(PathStep test)
    {
        foreach (var (known, _, existing) in filters)
            if (known == test)
                return existing;

        var step = new ExtractionStep();
        filters = [.. filters, (test, TestOf(test), step)];
        return step;
    }

    public Emission Emission(SearchParamType kind, Utf8Table<byte[]>? impliedSystems)
    {
        foreach (var known in emissions)
            if (known.Kind == kind)
                return known;

        var emission = new Emission(kind) { ImpliedSystems = impliedSystems };
        emissions = [.. emissions, emission];
        return emission;
    }

    /// <summary>Ends a path of a composite's part here.</summary>
    public void Emission(Emission part, Utf8Table<byte[]>? impliedSystems)
    {
        part.ImpliedSystems ??= impliedSystems;
        if (!emissions.Contains(part))
            emissions = [.. emissions, part];
    }

    private static NodeTest TestOf(PathStep test)
    {
        switch (test)
        {
            case PathStep.OfType { Name: var type }:
                return node => node.Type.Name == type;
            case PathStep.Where { Name: var name, Text: var text }:
                var (id, utf8) = (FhirNames.Id(name), Encoding.UTF8.GetBytes(text));
                return node => node.Child(id) is { Exists: true } child && child.Utf8.SequenceEqual(utf8);
            case PathStep.WhereResolves { Type: var target }:
                var targetUtf8 = Encoding.UTF8.GetBytes(target);
                return node => ReferenceTargets.IsOfType(node, targetUtf8);
            default:
                throw new ArgumentException($"{test} is no filter.", nameof(test));
        }
    }
}
