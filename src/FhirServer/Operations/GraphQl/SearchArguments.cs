using System.Globalization;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using GraphQLParser.AST;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.GraphQl;

/// <summary>Arguments of a List or Connection → the search they stand for (graphql.html#searching).</summary>
internal sealed class SearchArguments(SearchParameters parameters, Selection selection)
{
    /// <summary>Parameters of a search beside those of its type.</summary>
    public static readonly string[] Shaping = ["_count", "_sort", "_total", "_filter", "_has", "_text", "_content", "_list", "_query"];

    private static readonly string[] Never = ["_include", "_revinclude", "_contained", "_containedType", "_elements", "_summary"];

    /// <summary>Search parameter by its name in the graph, where <c>_</c> stands for <c>-</c>.</summary>
    public static string GraphName(string code) => code.Replace('-', '_');

    /// <param name="from">The resource the field stands in; null at the root.</param>
    public Asked Read(GraphQLField field, string type, ResourceKey? from)
    {
        var (criteria, cursor, fhirPath, hasCount) = (new List<KeyValuePair<string, string>>(), (string?)null, (string?)null, false);
        var hasReference = false;
        foreach (var argument in field.Arguments?.Items ?? [])
        {
            var name = argument.Name.StringValue;
            if (selection.Variables.Of(argument.Value) is not { Count: > 0 } values)
                continue; // null: as if it were not there
            switch (name)
            {
                case "_cursor" or "cursor" when from is null:
                    cursor = values[0];
                    break;
                case "_cursor" or "cursor":
                    throw new GraphQlException("A cursor can be followed at the root of a query only (graphql.html#reverse).", argument);
                case "fhirpath":
                    fhirPath = values[0];
                    break;
                case "_reference" when from is { } key:
                    criteria.Add(new(Referring(type, values[0], key, argument), key.ToString()));
                    hasReference = true;
                    break;
                case "id":
                    throw new GraphQlException($"{field.Name.StringValue} takes _id, not id.", argument);
                case "_count" when !int.TryParse(values[0], CultureInfo.InvariantCulture, out var count) || count < 1:
                    throw new GraphQlException($"_count: {values[0]} cannot be read: write a number from 1.", argument, "value");
                default:
                    hasCount |= name == "_count";
                    criteria.Add(new(Code(type, name, argument), string.Join(',', values.Select(v => Shaping.Contains(name) ? v : v.Replace(",", "\\,", StringComparison.Ordinal)))));
                    break;
            }
        }

        if (from is not null && !hasReference)
            throw new GraphQlException($"{field.Name.StringValue} inside a resource needs _reference: the search parameter of {type} by which it refers to this one, as in {field.Name.StringValue}(_reference: patient).", field, "required");
        if (cursor is not null && criteria.Count > 0)
            throw new GraphQlException("A cursor stands for the whole search: give no other arguments with it.", field);
        return new(criteria, cursor, fhirPath, hasCount);
    }

    private string Code(string type, string name, ASTNode at)
    {
        if (Never.Contains(name))
            throw new GraphQlException($"'{name}' is not supported in GraphQL: select what you need (graphql.html#searching).", at, "not-supported");
        if (Shaping.Contains(name) || parameters.Find(type, name) is not null)
            return name;
        var all = parameters.Of(type);
        return all.FirstOrDefault(p => GraphName(p.Code) == name)?.Code
            ?? throw new GraphQlException($"{type} has no search parameter '{name}'."
                + (NearestName.Of(name, all.Where(p => p.IsSupported).Select(p => GraphName(p.Code)).Concat(Shaping)) is { } near ? $" Did you mean '{near}'?" : ""), at);
    }

    private string Referring(string type, string name, ResourceKey key, ASTNode at)
    {
        var code = Code(type, name, at);
        var param = parameters.Find(type, code);
        if (param is not { Kind: SearchParamType.Reference })
            throw new GraphQlException($"_reference: '{name}' of {type} is no reference.", at, "value");
        if (param.Targets.Count > 0 && !param.Targets.Contains(key.Type))
            throw new GraphQlException($"_reference: '{name}' of {type} never refers to a {key.Type}; it refers to {string.Join(", ", param.Targets)}.", at, "value");
        return code;
    }

    /// <param name="HasCount">Whether the client said how many it wants.</param>
    internal sealed record Asked(IReadOnlyList<KeyValuePair<string, string>> Criteria, string? Cursor, string? FhirPath, bool HasCount);
}
