using FhirEmr.FhirServer.Resources;
using GraphQLParser.AST;

namespace FhirEmr.FhirServer.Operations.GraphQl;

/// <summary>A field to be answered: fragments opened, directives read, repeats of it joined.</summary>
internal sealed record SelectedField(GraphQLField Field, string Key, string Name, List<GraphQLSelectionSet> Below)
{
    public bool IsFirst => Has("first");

    public bool IsFlat => Has("flatten");

    public bool IsSingleton => Has("singleton");

    public GraphQLDirective? Slice => Field.Directives?.Items.FirstOrDefault(d => d.Name.StringValue == "slice");

    private bool Has(string directive) => Field.Directives?.Items.Any(d => d.Name.StringValue == directive) == true;
}

/// <summary>Which fields a selection has for a node of a type (spec.graphql.org, CollectFields).</summary>
internal sealed class Selection(GraphQLDocument document, Variables variables)
{
    private readonly Dictionary<(SetsOfField Sets, FhirTypeDef? Type), List<SelectedField>> known = [];

    public Variables Variables => variables;

    /// <param name="applies">Whether a fragment with this condition applies.</param>
    public List<SelectedField> Fields(IEnumerable<GraphQLSelectionSet> sets, Func<GraphQLTypeCondition?, bool> applies)
    {
        var fields = new List<SelectedField>();
        foreach (var set in sets)
            Collect(set, applies, fields, 0);
        return fields;
    }

    /// <summary>The same for a node of a type; a list of a thousand nodes asks once.</summary>
    public List<SelectedField> Fields(List<GraphQLSelectionSet> sets, FhirTypeDef type) => known.TryGetValue((new(sets), type), out var fields)
        ? fields
        : known[(new(sets), type)] = Fields(sets, c => FieldNames.Applies(type, c));

    /// <summary>Every field, whatever the fragments stand on.</summary>
    public List<SelectedField> AllFields(List<GraphQLSelectionSet> sets) => known.TryGetValue((new(sets), null), out var fields)
        ? fields
        : known[(new(sets), null)] = Fields(sets, _ => true);

    /// <summary>Texts of an argument; null when it is absent or null.</summary>
    public IReadOnlyList<string>? Argument(GraphQLArguments? arguments, string name) =>
        arguments?.Items.FirstOrDefault(a => a.Name.StringValue == name) is { } argument ? variables.Of(argument.Value) : null;

    public GraphQLFragmentDefinition Fragment(GraphQLFragmentSpread spread) =>
        document.Definitions.OfType<GraphQLFragmentDefinition>().FirstOrDefault(f => f.FragmentName.Name.StringValue == spread.FragmentName.Name.StringValue)
        ?? throw new GraphQlException($"There is no fragment '{spread.FragmentName.Name.StringValue}'.", spread);

    private void Collect(GraphQLSelectionSet set, Func<GraphQLTypeCondition?, bool> applies, List<SelectedField> into, int depth)
    {
        foreach (var node in set.Selections)
        {
            if (!IsIncluded((node as IHasDirectivesNode)?.Directives))
                continue;
            switch (node)
            {
                case GraphQLField field:
                    Add(field, into);
                    break;
                case GraphQLInlineFragment inline when applies(inline.TypeCondition):
                    Collect(inline.SelectionSet, applies, into, depth + 1);
                    break;
                case GraphQLFragmentSpread spread when Fragment(spread) is var fragment && applies(fragment.TypeCondition):
                    Collect(fragment.SelectionSet, applies, into, depth + 1);
                    break;
            }
        }
    }

    private static void Add(GraphQLField field, List<SelectedField> into)
    {
        var key = (field.Alias?.Name ?? field.Name).StringValue;
        var below = field.SelectionSet;
        // The same field twice is one with both selections; with other arguments it is another one under the same name.
        var same = into.Find(f => f.Key == key && f.Name == field.Name.StringValue && SameArguments(f.Field, field));
        if (same is null)
            into.Add(new(field, key, field.Name.StringValue, below is null ? [] : [below]));
        else if (below is not null)
            same.Below.Add(below);
    }

    private static bool SameArguments(GraphQLField a, GraphQLField b)
    {
        var (one, other) = (a.Arguments?.Items ?? [], b.Arguments?.Items ?? []);
        return one.Count == other.Count && one.Zip(other).All(p => p.First.Name == p.Second.Name && Text(p.First.Value) == Text(p.Second.Value));
    }

    private static string Text(GraphQLValue value) => value switch
    {
        GraphQLVariable v => "$" + v.Name.StringValue,
        GraphQLStringValue s => "\"" + s.Value.ToString(),
        GraphQLIntValue n => n.Value.ToString(),
        GraphQLFloatValue n => n.Value.ToString(),
        GraphQLBooleanValue b => b.BoolValue ? "true" : "false",
        GraphQLEnumValue e => e.Name.StringValue,
        GraphQLListValue l => "[" + string.Join(',', (l.Values ?? []).Select(Text)),
        _ => value.Kind.ToString(),
    };

    private bool IsIncluded(GraphQLDirectives? directives)
    {
        foreach (var directive in directives?.Items ?? [])
        {
            var name = directive.Name.StringValue;
            if (name is not ("include" or "skip"))
                continue;
            if (Argument(directive.Arguments, "if") is not [("true" or "false") and var text])
                throw new GraphQlException($"@{name} needs the argument if: true or false.", directive);
            if ((name == "include") != (text == "true"))
                return false;
        }

        return true;
    }

    /// <summary>The selections of one field in the query: the same list, not an equal one.</summary>
    private readonly struct SetsOfField(List<GraphQLSelectionSet> sets) : IEquatable<SetsOfField>
    {
        private readonly List<GraphQLSelectionSet> sets = sets;

        public bool Equals(SetsOfField other) => ReferenceEquals(sets, other.sets);

        public override bool Equals(object? obj) => obj is SetsOfField other && Equals(other);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(sets);
    }
}
