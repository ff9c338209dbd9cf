using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Validation.FhirPath;

/// <summary>A part of a parsed expression. Immutable, so one tree serves all threads.</summary>
internal abstract class PathNode
{
    protected static readonly List<PathValue> Empty = [];

    /// <param name="focus">What <c>$this</c> is, and what a name without a dot starts from.</param>
    /// <param name="index"><c>$index</c>; -1 outside of a function that goes through a collection.</param>
    /// <returns>A list that nobody may change.</returns>
    public abstract List<PathValue> Evaluate(PathContext context, PathValue focus, int index);

    /// <summary>The expression as a condition: null for empty; anything that is no boolean counts as true.</summary>
    public bool? Test(PathContext context, PathValue focus, int index) => AsBoolean(Evaluate(context, focus, index));

    public static bool? AsBoolean(List<PathValue> values) => values switch
    {
        [] => null,
        [var only] => only.Value is bool b ? b : true,
        _ => true, // published constraints write 'telecom or endpoint' for elements that repeat
    };
}

internal sealed class Constant(object value) : PathNode
{
    private readonly List<PathValue> values = [PathValue.Of(value)];

    public override List<PathValue> Evaluate(PathContext context, PathValue focus, int index) => values;
}

internal sealed class Nothing : PathNode
{
    public override List<PathValue> Evaluate(PathContext context, PathValue focus, int index) => Empty;
}

internal sealed class This : PathNode
{
    public override List<PathValue> Evaluate(PathContext context, PathValue focus, int index) => focus.Exists ? [focus] : Empty;
}

internal sealed class Index : PathNode
{
    public override List<PathValue> Evaluate(PathContext context, PathValue focus, int index) => [PathValue.Of((decimal)index)];
}

internal sealed class Variable(string name) : PathNode
{
    public override List<PathValue> Evaluate(PathContext context, PathValue focus, int index) => name switch
    {
        "resource" => [context.Resource],
        "rootResource" => [context.Root],
        "context" => [context.Context],
        "ucum" => [PathValue.Of("http://unitsofmeasure.org")],
        "sct" => [PathValue.Of("http://snomed.info/sct")],
        "loinc" => [PathValue.Of("http://loinc.org")],
        _ when name.StartsWith("vs-", StringComparison.Ordinal) => [PathValue.Of("http://hl7.org/fhir/ValueSet/" + name[3..])],
        _ when name.StartsWith("ext-", StringComparison.Ordinal) => [PathValue.Of("http://hl7.org/fhir/StructureDefinition/" + name[4..])],
        _ => throw new PathException($"%{name} is not known here"),
    };
}

/// <summary>A child element by name; a type's name at the start stands for the element itself when it is of that type.</summary>
internal sealed class Child(PathNode? source, string name) : PathNode
{
    private readonly int nameId = FhirNames.Id(name);
    private readonly bool mayBeType = char.IsAsciiLetterUpper(name[0]);

    public override List<PathValue> Evaluate(PathContext context, PathValue focus, int index)
    {
        context.Step();
        if (source is not null)
        {
            var parents = source.Evaluate(context, focus, index);
            if (parents.Count == 0)
                return Empty;
            List<PathValue>? all = null;
            foreach (var parent in parents)
                Add(parent, ref all);
            return all ?? Empty;
        }

        if (mayBeType && focus is { IsElement: true, Exists: true } && PathTypes.Is(focus, name))
            return [focus];
        List<PathValue>? children = null;
        Add(focus, ref children);
        return children ?? Empty;
    }

    private void Add(PathValue parent, ref List<PathValue>? found)
    {
        if (!parent.IsElement)
            return;
        if (parent.Item.Value is { Exists: true, Kind: NodeKind.Object } node)
            foreach (var child in node.Children)
                if (child.NameId == nameId)
                {
                    if (child.HasValue)
                    {
                        (found ??= []).Add(PathValue.Of(child));
                        continue;
                    }

                    var items = new List<ElementItem>(); // extensions beside values: they have to be brought together
                    ElementItem.Collect(node, nameId, items);
                    if (found is not null)
                        found.RemoveAll(v => v.Item.Value.Exists && node.Index < v.Item.Value.Index && v.Item.Value.Index < node.End && v.Item.Value.NameId == nameId && IsChild(node, v.Item.Value));
                    (found ??= []).AddRange(items.Select(PathValue.Of));
                    break;
                }

        if (parent.Item.Extras is { Exists: true } extras)
            foreach (var child in extras.Children)
                if (child.NameId == nameId)
                    (found ??= []).Add(PathValue.Of(child));
    }

    private static bool IsChild(FhirNode parent, FhirNode candidate)
    {
        foreach (var child in parent.Children)
            if (child.Index == candidate.Index)
                return true;
        return false;
    }
}

internal sealed class Indexer(PathNode source, PathNode position) : PathNode
{
    public override List<PathValue> Evaluate(PathContext context, PathValue focus, int index)
    {
        var values = source.Evaluate(context, focus, index);
        return position.Evaluate(context, focus, index) is [{ Value: decimal at }] && at >= 0 && at < values.Count ? [values[(int)at]] : Empty;
    }
}

/// <summary><c>is</c>, <c>as</c> and <c>ofType</c>.</summary>
internal sealed class TypeOperator(string name, PathNode source, string type) : PathNode
{
    public override List<PathValue> Evaluate(PathContext context, PathValue focus, int index)
    {
        var values = source.Evaluate(context, focus, index);
        return name == "is"
            ? values is [var only] ? [PathValue.Of(PathTypes.Is(only, type))] : Empty
            : values.FindAll(v => PathTypes.Is(v, type));
    }
}

internal sealed class Call(PathNode source, PathFunction function, PathNode[] arguments) : PathNode
{
    public override List<PathValue> Evaluate(PathContext context, PathValue focus, int index)
    {
        context.Step();
        return function(context, source.Evaluate(context, focus, index), arguments, focus, index);
    }
}
