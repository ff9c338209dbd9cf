using System.Text.Json;
using GraphQLParser.AST;

namespace FhirEmr.FhirServer.Operations.GraphQl;

/// <summary>Values of arguments as texts, or lists of texts: FHIR parameters are texts whatever GraphQL calls them. Null is no value.</summary>
internal sealed class Variables
{
    private readonly Dictionary<string, IReadOnlyList<string>?> values = new(StringComparer.Ordinal);

    /// <exception cref="GraphQlException">A mandatory variable has no value, or one is an object.</exception>
    public Variables(GraphQLOperationDefinition operation, IReadOnlyDictionary<string, JsonElement> given)
    {
        foreach (var definition in operation.Variables?.Items ?? [])
        {
            var name = definition.Variable.Name.StringValue;
            if (given.TryGetValue(name, out var value))
                values[name] = OfJson(name, value, definition);
            else
                values[name] = definition.DefaultValue is { } initial ? Of(initial) : null;
            if (values[name] is null && definition.Type is GraphQLNonNullType)
                throw new GraphQlException($"The variable ${name} needs a value.", definition, "required");
        }
    }

    /// <summary>Null for null, else the texts; one unless a list stands there.</summary>
    public IReadOnlyList<string>? Of(GraphQLValue value) => value switch
    {
        GraphQLNullValue => null,
        GraphQLVariable variable => values.TryGetValue(variable.Name.StringValue, out var known)
            ? known
            : throw new GraphQlException($"The variable ${variable.Name.StringValue} is not declared by the operation.", variable),
        GraphQLStringValue text => [text.Value.ToString()],
        GraphQLIntValue number => [number.Value.ToString()],
        GraphQLFloatValue number => [number.Value.ToString()],
        GraphQLBooleanValue truth => [truth.BoolValue ? "true" : "false"],
        GraphQLEnumValue name => [name.Name.StringValue],
        GraphQLListValue list => [.. (list.Values ?? []).SelectMany(v => Of(v) ?? [])],
        _ => throw new GraphQlException("An object is no value of any argument here: give a text, a number or a list of them.", value, "value"),
    };

    private static IReadOnlyList<string>? OfJson(string name, JsonElement value, ASTNode at) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Number => [value.GetRawText()],
        JsonValueKind.True => ["true"],
        JsonValueKind.False => ["false"],
        JsonValueKind.Array => [.. value.EnumerateArray().SelectMany(v => OfJson(name, v, at) ?? [])],
        _ => throw new GraphQlException($"The variable ${name} is an object: give a text, a number or a list of them.", at, "value"),
    };
}
