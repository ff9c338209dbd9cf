using System.Text;
using FhirEmr.FhirServer.Resources;
using GraphQLParser.AST;

namespace FhirEmr.FhirServer.Operations.GraphQl;

/// <summary>Fields by scope: the one place that says which there are, for checking, for answering and for introspection.</summary>
internal static class FieldNames
{
    public static readonly string[] OfConnection = ["count", "offset", "pagesize", "edges", "first", "previous", "next", "last"];
    public static readonly string[] OfEdge = ["mode", "score", "resource"];

    /// <summary>Null when there is no such field here.</summary>
    public static FieldMeaning? Find(Scope scope, string name) => (name, scope) switch
    {
        ("__typename", _) => new FieldMeaning.TypeName(),
        ("__schema" or "__type", _) => new FieldMeaning.Introspect(),
        (_, Scope.Query) => ResourceTypes.Exists(name) ? new FieldMeaning.ReadById(name) : Searching(name),
        (_, Scope.Node node) => OfNode(node.Type, name),
        (_, Scope.AnyResource) => ResourceTypes.All.Select(t => OfNode(FhirSchema.Resource(t)!, name)).FirstOrDefault(f => f is not null),
        ("edges", Scope.Connection c) => new FieldMeaning.Edges(c.Type),
        (_, Scope.Connection) => OfConnection.Contains(name) ? new FieldMeaning.Plain() : null,
        ("resource", Scope.Edge e) => new FieldMeaning.EdgeResource(e.Type),
        (_, Scope.Edge) => OfEdge.Contains(name) ? new FieldMeaning.Plain() : null,
        (_, Scope.Introspection) => new FieldMeaning.Introspect(),
        _ => null,
    };

    public static FieldMeaning? OfNode(FhirTypeDef type, string name)
    {
        if (type.Properties.Find(Encoding.UTF8.GetBytes(name)) is { } property)
            return new FieldMeaning.Element(property, false);
        if (name is ['_', .. var primitive] && type.Properties.Find(Encoding.UTF8.GetBytes(primitive)) is { Type.IsPrimitive: true } of)
            return new FieldMeaning.Element(of, true);
        if (type == FhirSchema.ReferenceType && name == "resource")
            return new FieldMeaning.Referenced();
        if (!type.IsResource)
            return null;
        return name == "resourceType" ? new FieldMeaning.ResourceType() : Searching(name);
    }

    /// <summary>Where the selections below a field stand; null when the field has no fields of its own.</summary>
    public static Scope? Below(FieldMeaning field) => field switch
    {
        FieldMeaning.Element { IsElementOfPrimitive: true } => new Scope.Node(FhirSchema.PrimitiveElement),
        FieldMeaning.Element { Property.Type: null } => new Scope.AnyResource(),
        FieldMeaning.Element { Property.Type: { } type } => type.IsPrimitive ? null : new Scope.Node(type),
        FieldMeaning.Referenced => new Scope.AnyResource(),
        FieldMeaning.ReadById read => new Scope.Node(FhirSchema.Resource(read.Type)!),
        FieldMeaning.Search { IsConnection: true } search => new Scope.Connection(search.Type),
        FieldMeaning.Search search => new Scope.Node(FhirSchema.Resource(search.Type)!),
        FieldMeaning.Edges edges => new Scope.Edge(edges.Type),
        FieldMeaning.EdgeResource resource => new Scope.Node(FhirSchema.Resource(resource.Type)!),
        FieldMeaning.Introspect => new Scope.Introspection(),
        _ => null,
    };

    /// <summary>Names that a typist may have meant.</summary>
    public static IEnumerable<string> Known(Scope scope) => scope switch
    {
        Scope.Query => ResourceTypes.All.SelectMany(t => new[] { t, t + "List", t + "Connection" }),
        Scope.Node { Type: { IsResource: true } type } => type.Properties.Entries.Select(e => e.Key).Concat(ResourceTypes.All.SelectMany(t => new[] { t + "List", t + "Connection" })),
        Scope.Node { Type: var type } => type.Properties.Entries.Select(e => e.Key).Concat(type == FhirSchema.ReferenceType ? ["resource"] : []),
        Scope.Connection => OfConnection,
        Scope.Edge => OfEdge,
        _ => [],
    };

    /// <summary>Name of a type in the graph: FHIR's own, backbone elements run together (<c>PatientContact</c>).</summary>
    public static string TypeName(FhirTypeDef type)
    {
        if (type == FhirSchema.PrimitiveElement)
            return "ElementBase";
        var name = new StringBuilder();
        foreach (var part in type.Name.Split('.', '#', '-'))
            name.Append(name.Length == 0 ? part[..1] : part[..1].ToUpperInvariant()).Append(part.AsSpan(1));
        return name.ToString();
    }

    /// <summary>Fragments apply to resources by their type, to everything else by its name.</summary>
    public static bool Applies(FhirTypeDef type, GraphQLTypeCondition? condition) => condition is null
        || condition.Type.Name.StringValue is var name && (name == TypeName(type) || name == type.Name || (type.IsResource && name == "Resource"));

    private static FieldMeaning.Search? Searching(string name)
    {
        if (name.EndsWith("List", StringComparison.Ordinal) && ResourceTypes.Exists(name[..^4]))
            return new(name[..^4], false);
        return name.EndsWith("Connection", StringComparison.Ordinal) && ResourceTypes.Exists(name[..^10]) ? new(name[..^10], true) : null;
    }
}
