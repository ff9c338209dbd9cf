using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.GraphQl;

/// <summary>The types of the graph as tools ask for them (<c>__schema</c>): R4's own structure and this server's search parameters.</summary>
/// <remarks>Made on first use and kept: it follows from the program alone. The introspection types themselves are the client's own.</remarks>
internal sealed class GraphQlSchema
{
    private readonly SearchParameters parameters;
    private readonly SortedDictionary<string, GraphQlType> types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GraphQlArgument[]> searchArguments = new(StringComparer.Ordinal);
    private readonly Lazy<bool> built;

    public GraphQlSchema(SearchParameters parameters)
    {
        this.parameters = parameters;
        built = new(() =>
        {
            Build();
            return true;
        });
    }

    public IReadOnlyCollection<GraphQlType> Types => built.Value ? types.Values : [];

    public GraphQlType? Find(string name) => built.Value ? types.GetValueOrDefault(name) : null;

    public GraphQlType Query => Find("Query")!;

    public IReadOnlyList<GraphQlDirective> Directives =>
    [
        new("include", "Only when the condition is true.", ["FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"], [Argument("if", NonNull(Scalar("Boolean")))]),
        new("skip", "Not when the condition is true.", ["FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"], [Argument("if", NonNull(Scalar("Boolean")))]),
        new("first", "The first element only.", ["FIELD"], []),
        new("flatten", "The children take the place of the field.", ["FIELD"], []),
        new("singleton", "One value, not a list, where a parent is flattened.", ["FIELD"], []),
        new("slice", "Appends to the name of each element what the expression gives for it.", ["FIELD"], [Argument("path", NonNull(Scalar("String")))]),
    ];

    private void Build()
    {
        foreach (var scalar in new[] { "Boolean", "Float", "ID", "Int", "String" })
            Scalar(scalar);
        var resource = types["Resource"] = new("INTERFACE", "Resource", "Any resource; select by fragment, as in ... on Patient.");
        resource.Fields.AddRange([new("id", Scalar("ID")), new("resourceType", Scalar("String"))]);

        foreach (var name in ResourceTypes.All)
            Of(FhirSchema.Resource(name)!);
        Of(FhirSchema.PrimitiveElement);
        foreach (var name in ResourceTypes.All)
        {
            var type = types[name];
            type.Interfaces.Add(resource);
            resource.PossibleTypes.Add(type);
            type.Fields.Add(new("resourceType", Scalar("String")));
        }

        var query = types["Query"] = new("OBJECT", "Query", "What a query at the system may ask for.");
        foreach (var name in ResourceTypes.All)
        {
            var connection = Connection(name);
            query.Fields.Add(new(name, types[name]) { Arguments = [Argument("id", NonNull(Scalar("ID")))] });
            query.Fields.Add(new(name + "List", ListOf(types[name])) { Arguments = SearchArguments(name) });
            query.Fields.Add(new(name + "Connection", connection) { Arguments = [.. SearchArguments(name), Argument("_cursor", Scalar("String"))] });
            Reverse(name, connection);
        }
    }

    /// <summary>Fields of other resources by which those of this type that refer to them are found.</summary>
    private void Reverse(string name, GraphQlType connection)
    {
        var arguments = (GraphQlArgument[])[Argument("_reference", NonNull(Scalar("String"))), .. SearchArguments(name)];
        foreach (var target in parameters.Of(name).Where(p => p is { Kind: SearchParamType.Reference, IsSupported: true }).SelectMany(p => p.Targets).Distinct())
        {
            if (!types.TryGetValue(target, out var type) || type.Fields.Exists(f => f.Name == name + "List"))
                continue;
            type.Fields.Add(new(name + "List", ListOf(types[name])) { Arguments = arguments });
            type.Fields.Add(new(name + "Connection", connection) { Arguments = arguments });
        }
    }

    private GraphQlType Of(FhirTypeDef def)
    {
        var name = FieldNames.TypeName(def);
        if (types.TryGetValue(name, out var known))
            return known;

        var type = types[name] = new("OBJECT", name, null);
        foreach (var (property, element) in def.Properties.Entries.OrderBy(e => e.Value.Ordinal).ThenBy(e => e.Key, StringComparer.Ordinal))
        {
            var of = element.Type is null ? types["Resource"] : element.Type.IsPrimitive ? Scalar(element.Type) : Of(element.Type);
            type.Fields.Add(new(property, element.IsList ? ListOf(of) : of) { Arguments = element.Type is { IsPrimitive: false } complex ? ElementArguments(complex) : [] });
            if (element.Type is { IsPrimitive: true } && def != FhirSchema.PrimitiveElement)
                type.Fields.Add(new("_" + property, element.IsList ? ListOf(Of(FhirSchema.PrimitiveElement)) : Of(FhirSchema.PrimitiveElement)));
        }

        if (def == FhirSchema.ReferenceType)
            type.Fields.Add(new("resource", types["Resource"]) { Arguments = [Argument("optional", Scalar("Boolean")), Argument("type", Scalar("String"))] });
        return type;
    }

    private GraphQlArgument[] ElementArguments(FhirTypeDef type) =>
    [
        Argument("fhirpath", Scalar("String")), Argument("_offset", Scalar("Int")), Argument("_count", Scalar("Int")),
        .. type.Properties.Entries.Where(e => e.Value.Type is { IsPrimitive: true }).OrderBy(e => e.Value.Ordinal).ThenBy(e => e.Key, StringComparer.Ordinal).Select(e => Argument(e.Key, Scalar("String"))),
    ];

    private GraphQlArgument[] SearchArguments(string type)
    {
        if (searchArguments.TryGetValue(type, out var known))
            return known;
        return searchArguments[type] =
        [
            Argument("fhirpath", Scalar("String")), Argument("_count", Scalar("Int")), Argument("_sort", Scalar("String")),
            .. parameters.Of(type).Where(p => p.IsSupported).Select(p => Argument(p.Code.Replace('-', '_'), ListOf(Scalar("String")))),
        ];
    }

    private GraphQlType Connection(string name)
    {
        var edge = types[name + "Edge"] = new("OBJECT", name + "Edge", null);
        edge.Fields.AddRange([new("mode", Scalar("String")), new("score", Scalar("Float")), new("resource", types[name])]);
        var connection = types[name + "Connection"] = new("OBJECT", name + "Connection", null);
        connection.Fields.AddRange([new("count", Scalar("Int")), new("offset", Scalar("Int")), new("pagesize", Scalar("Int")), new("edges", ListOf(edge))]);
        connection.Fields.AddRange(new[] { "first", "previous", "next", "last" }.Select(f => new GraphQlField(f, Scalar("String"))));
        return connection;
    }

    private GraphQlType Scalar(FhirTypeDef primitive) => primitive.Primitive switch
    {
        PrimitiveKind.Boolean => Scalar("Boolean"),
        PrimitiveKind.Integer or PrimitiveKind.PositiveInt or PrimitiveKind.UnsignedInt => Scalar("Int"),
        PrimitiveKind.Decimal => Scalar("Float"),
        PrimitiveKind.String => Scalar("String"),
        PrimitiveKind.Id => Scalar("ID"),
        _ => Scalar(primitive.Name),
    };

    private GraphQlType Scalar(string name) => types.TryGetValue(name, out var known) ? known : types[name] = new("SCALAR", name, null);

    private static GraphQlArgument Argument(string name, GraphQlType type) => new(name, type);

    private static GraphQlType ListOf(GraphQlType type) => new("LIST", null, null) { OfType = type };

    private static GraphQlType NonNull(GraphQlType type) => new("NON_NULL", null, null) { OfType = type };
}
