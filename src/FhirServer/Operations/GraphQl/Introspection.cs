using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Operations.GraphQl;

/// <summary>Answers <c>__schema</c> and <c>__type</c> for one query.</summary>
internal sealed class Introspection(GraphQlSchema schema)
{
    /// <summary>The whole schema as GraphiQL asks for it has about a third of this.</summary>
    private const int MaxValues = 3_000_000;

    private int values;

    public OutField Root(SelectedField field, Selection selection)
    {
        var found = field.Name == "__schema" ? (object)schema
            : selection.Argument(field.Field.Arguments, "name") is [var name] ? schema.Find(name)
            : throw new GraphQlException("__type needs the argument name.", field.Field, "required");
        return Field(field, found, selection);
    }

    private OutField Field(SelectedField field, object? value, Selection selection)
    {
        var isList = value is IEnumerable<object>;
        var target = new OutField(field.Key, isList, "introspection") { ShowsEmpty = true };
        foreach (var item in value is IEnumerable<object> list ? list : value is null ? [] : [value])
        {
            if (++values > MaxValues)
                throw new GraphQlException("The introspection asks for too much at once: nest less deeply.", field.Field, "too-costly");
            target.Items.Add(item switch
            {
                string text => new OutValue.Text(text),
                bool truth => new OutValue.Truth(truth),
                _ => Object(item, field, selection),
            });
        }

        return target;
    }

    private OutValue.Object Object(object item, SelectedField field, Selection selection)
    {
        if (field.Below.Count == 0)
            throw new GraphQlException($"'{field.Name}' has fields of its own: select some of them.", field.Field);
        var inner = new OutValue.Object();
        foreach (var below in selection.AllFields(field.Below))
            inner.Fields.Add(Field(below, Resolve(item, below), selection));
        return inner;
    }

    private static object? Resolve(object item, SelectedField field) => (item, field.Name) switch
    {
        (GraphQlSchema, "__typename") => "__Schema",
        (GraphQlSchema s, "types") => s.Types,
        (GraphQlSchema s, "queryType") => s.Query,
        (GraphQlSchema, "mutationType" or "subscriptionType" or "description") => null,
        (GraphQlSchema s, "directives") => s.Directives,
        (GraphQlType, "__typename") => "__Type",
        (GraphQlType t, "kind") => t.Kind,
        (GraphQlType t, "name") => t.Name,
        (GraphQlType t, "description") => t.Description,
        (GraphQlType t, "fields") => t.Kind is "OBJECT" or "INTERFACE" ? t.Fields : null,
        (GraphQlType t, "interfaces") => t.Kind is "OBJECT" or "INTERFACE" ? t.Interfaces : null,
        (GraphQlType t, "possibleTypes") => t.Kind == "INTERFACE" ? t.PossibleTypes : null,
        (GraphQlType t, "ofType") => t.OfType,
        (GraphQlType, "enumValues" or "inputFields" or "specifiedByURL" or "isOneOf") => null,
        (GraphQlField, "__typename") => "__Field",
        (GraphQlField f, "name") => f.Name,
        (GraphQlField f, "args") => f.Arguments,
        (GraphQlField f, "type") => f.Type,
        (GraphQlArgument, "__typename") => "__InputValue",
        (GraphQlArgument a, "name") => a.Name,
        (GraphQlArgument a, "type") => a.Type,
        (GraphQlArgument, "defaultValue") => null,
        (GraphQlDirective, "__typename") => "__Directive",
        (GraphQlDirective d, "name") => d.Name,
        (GraphQlDirective d, "description") => d.Description,
        (GraphQlDirective d, "locations") => d.Locations,
        (GraphQlDirective d, "args") => d.Arguments,
        (GraphQlDirective, "isRepeatable") => false,
        (GraphQlField or GraphQlArgument, "isDeprecated") => false,
        (GraphQlField or GraphQlArgument, "description" or "deprecationReason") => null,
        _ => throw new GraphQlException($"Introspection has no field '{field.Name}' there."
            + (NearestName.Of(field.Name, ["types", "queryType", "directives", "kind", "name", "fields", "interfaces", "possibleTypes", "ofType", "args", "type", "description", "locations"]) is { } near ? $" Did you mean '{near}'?" : ""), field.Field),
    };
}
