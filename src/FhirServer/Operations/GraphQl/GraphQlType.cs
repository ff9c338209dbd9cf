namespace FhirEmr.FhirServer.Operations.GraphQl;

/// <summary>A type as introspection shows it (spec.graphql.org, Introspection).</summary>
internal sealed record GraphQlType(string Kind, string? Name, string? Description)
{
    public GraphQlType? OfType { get; init; }

    public List<GraphQlField> Fields { get; } = [];

    public List<GraphQlType> Interfaces { get; } = [];

    public List<GraphQlType> PossibleTypes { get; } = [];
}

internal sealed record GraphQlField(string Name, GraphQlType Type)
{
    public IReadOnlyList<GraphQlArgument> Arguments { get; init; } = [];
}

internal sealed record GraphQlArgument(string Name, GraphQlType Type);

internal sealed record GraphQlDirective(string Name, string Description, IReadOnlyList<string> Locations, IReadOnlyList<GraphQlArgument> Arguments);
