using FhirEmr.FhirServer.Resources;
using GraphQLParser.AST;

namespace FhirEmr.FhirServer.Operations.GraphQl;

/// <summary>Checks a query before anything is read: fields, directives and fragments exist, and it stays within its limits.</summary>
/// <remarks>security.md §8: depth 8, 500 fields, 50 aliases. Introspection goes deeper by nature, so its depth is not counted.</remarks>
/// <param name="mayIntrospect">Patients and who speaks for them have no use for the schema (security.md §8).</param>
internal sealed class QueryCheck(Selection selection, bool mayIntrospect = true)
{
    public const int MaxDepth = 8;
    public const int MaxFields = 500;
    public const int MaxAliases = 50;
    private const int MaxFragmentDepth = 20;

    private static readonly string[] Directives = ["include", "skip", "first", "flatten", "singleton", "slice"];

    private readonly HashSet<string> open = new(StringComparer.Ordinal);
    private int fields;
    private int aliases;

    public void Check(GraphQLSelectionSet set, Scope scope) => Check(set, scope, 1);

    private void Check(GraphQLSelectionSet set, Scope scope, int depth)
    {
        foreach (var node in set.Selections)
        {
            CheckDirectives((node as IHasDirectivesNode)?.Directives);
            switch (node)
            {
                case GraphQLField field:
                    CheckField(field, scope, depth);
                    break;
                case GraphQLInlineFragment inline:
                    Check(inline.SelectionSet, Narrowed(scope, inline.TypeCondition), depth);
                    break;
                case GraphQLFragmentSpread spread:
                    var name = spread.FragmentName.Name.StringValue;
                    if (!open.Add(name))
                        throw new GraphQlException($"The fragment '{name}' contains itself.", spread);
                    if (open.Count > MaxFragmentDepth)
                        throw new GraphQlException($"Fragments stand more than {MaxFragmentDepth} deep in each other.", spread, "too-costly");
                    var fragment = selection.Fragment(spread);
                    Check(fragment.SelectionSet, Narrowed(scope, fragment.TypeCondition), depth);
                    open.Remove(name);
                    break;
            }
        }
    }

    private void CheckField(GraphQLField field, Scope scope, int depth)
    {
        if (++fields > MaxFields)
            throw new GraphQlException($"The query has more than {MaxFields} fields, counting those of fragments wherever they are used.", field, "too-costly");
        if (field.Alias is not null && ++aliases > MaxAliases)
            throw new GraphQlException($"The query has more than {MaxAliases} aliases.", field, "too-costly");
        if (!mayIntrospect && (field.Name.StringValue is "__schema" or "__type"))
            throw new GraphQlException("The schema is not shown to patients: what can be asked is in the CapabilityStatement.", field, "forbidden", 403);
        if (depth > MaxDepth && scope is not Scope.Introspection)
            throw new GraphQlException($"The query is more than {MaxDepth} fields deep.", field, "too-costly");

        var name = field.Name.StringValue;
        if (FieldNames.Find(scope, name) is not { } meaning)
            throw new GraphQlException($"{Described(scope)} has no field '{name}'."
                + (NearestName.Of(name, FieldNames.Known(scope)) is { } near ? $" Did you mean '{near}'?" : ""), field);

        var below = FieldNames.Below(meaning);
        if (scope is Scope.Introspection)
        {
            if (field.SelectionSet is { } deeper)
                Check(deeper, scope, depth + 1);
            return;
        }

        if (below is null && field.SelectionSet is not null)
            throw new GraphQlException($"'{name}' is a single value: it has no fields to select.", field);
        if (below is not null && field.SelectionSet is null)
            throw new GraphQlException($"'{name}' has fields of its own: select some of them, as in {name} {{ {string.Join(' ', FieldNames.Known(below).Take(2).DefaultIfEmpty("id"))} }}.", field);
        if (below is null && field.Arguments is { Items.Count: > 0 } && meaning is FieldMeaning.Element)
            throw new GraphQlException($"'{name}' is a single value: it takes no arguments (graphql.html#list).", field);
        if (below is not null)
            Check(field.SelectionSet!, ByArgument(meaning, field, below), depth + 1);
    }

    /// <summary><c>resource(type: Patient)</c> selects from a Patient.</summary>
    private Scope ByArgument(FieldMeaning meaning, GraphQLField field, Scope below)
    {
        if (meaning is not FieldMeaning.Referenced || selection.Argument(field.Arguments, "type") is not [var type])
            return below;
        return FhirSchema.Resource(type) is { } known
            ? new Scope.Node(known)
            : throw new GraphQlException($"'{type}' is not a resource type of FHIR R4.{(NearestName.Of(type, ResourceTypes.All) is { } near ? $" Did you mean '{near}'?" : "")}", field, "value");
    }

    private static Scope Narrowed(Scope scope, GraphQLTypeCondition? condition)
    {
        if (condition is null)
            return scope;
        var name = condition.Type.Name.StringValue;
        if (FhirSchema.Resource(name) is { } resource && scope is Scope.AnyResource or Scope.Node { Type.IsResource: true })
            return new Scope.Node(FhirSchema.Resource(name)!);
        if (scope is Scope.Node node && !FieldNames.Applies(node.Type, condition) && FhirSchema.Resource(name) is null)
            throw new GraphQlException($"A fragment on '{name}' cannot stand inside {Described(scope)}.", condition);
        return scope;
    }

    private static void CheckDirectives(GraphQLDirectives? directives)
    {
        foreach (var directive in directives?.Items ?? [])
        {
            var name = directive.Name.StringValue;
            if (!Directives.Contains(name))
                throw new GraphQlException($"There is no directive @{name}; there are {string.Join(", ", Directives.Select(d => "@" + d))}.", directive);
            if (name == "slice" && directive.Arguments?.Items.Any(a => a.Name.StringValue is "path" or "fhirpath") != true)
                throw new GraphQlException("@slice needs the argument path: a FHIRPath expression, an element such as \"use\", or \"$index\".", directive);
        }
    }

    private static string Described(Scope scope) => scope switch
    {
        Scope.Query => "The system",
        Scope.Node node => FieldNames.TypeName(node.Type),
        Scope.AnyResource => "No resource type",
        Scope.Connection c => $"{c.Type}Connection",
        _ => "An edge",
    };
}
