using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Operations.GraphQl;

/// <summary>Where in the graph a selection stands, and so which fields it may name.</summary>
internal abstract record Scope
{
    /// <summary>The system: <c>Patient(id:)</c>, <c>PatientList()</c>, <c>PatientConnection()</c>.</summary>
    public sealed record Query : Scope;

    /// <summary>A resource, datatype or backbone element.</summary>
    public sealed record Node(FhirTypeDef Type) : Scope;

    /// <summary>A resource whose type shows only when it is read.</summary>
    public sealed record AnyResource : Scope;

    public sealed record Connection(string Type) : Scope;

    public sealed record Edge(string Type) : Scope;

    /// <summary>Below <c>__schema</c> or <c>__type</c>; checked while it is answered.</summary>
    public sealed record Introspection : Scope;
}

/// <summary>What a field name means in its scope.</summary>
internal abstract record FieldMeaning
{
    /// <param name="IsElementOfPrimitive"><c>_birthDate</c>: id and extensions of the primitive.</param>
    public sealed record Element(JsonProperty Property, bool IsElementOfPrimitive) : FieldMeaning;

    public sealed record TypeName : FieldMeaning;

    public sealed record ResourceType : FieldMeaning;

    /// <summary><c>resource</c> of a Reference.</summary>
    public sealed record Referenced : FieldMeaning;

    public sealed record ReadById(string Type) : FieldMeaning;

    public sealed record Search(string Type, bool IsConnection) : FieldMeaning;

    /// <summary>count, offset, pagesize, first, previous, next, last; mode, score.</summary>
    public sealed record Plain : FieldMeaning;

    public sealed record Edges(string Type) : FieldMeaning;

    public sealed record EdgeResource(string Type) : FieldMeaning;

    public sealed record Introspect : FieldMeaning;
}
