namespace FhirEmr.FhirServer.Resources;

/// <summary>How a primitive type is written in JSON and what its text must look like (datatypes.html#primitive).</summary>
internal enum PrimitiveKind : byte
{
    None, Boolean, Integer, PositiveInt, UnsignedInt, Decimal, String, Code, Id, Uri, Url, Canonical, Oid, Uuid,
    Date, DateTime, Instant, Time, Base64Binary, Markdown, Xhtml,
}

/// <summary>One R4 type: resource, datatype, backbone element or primitive.</summary>
internal sealed class FhirTypeDef(int id, string name, bool isResource, PrimitiveKind primitive)
{
    public int Id { get; } = id;

    /// <summary>FHIR name: <c>Patient</c>, <c>Quantity</c>, <c>dateTime</c>, <c>Patient.contact</c>.</summary>
    public string Name { get; } = name;

    public bool IsResource { get; } = isResource;

    public PrimitiveKind Primitive { get; } = primitive;

    public bool IsPrimitive => Primitive != PrimitiveKind.None;

    /// <summary>JSON property name → element; choice elements appear once per type (<c>valueQuantity</c>).</summary>
    public Utf8Table<JsonProperty> Properties { get; set; } = new();

    /// <summary>Bit per element ordinal that must be present.</summary>
    public UInt128 Mandatory { get; set; }

    /// <summary>Element names by ordinal, for messages.</summary>
    public string[] Elements { get; set; } = [];

    public override string ToString() => Name;
}

/// <summary>What one JSON property of a type means.</summary>
/// <param name="NameId">Interned element name without the choice suffix (<c>value</c> for <c>valueQuantity</c>).</param>
/// <param name="Ordinal">Position in the type; all forms of a choice share it, so two of them are seen as a repeat.</param>
/// <param name="Type">Type of the value; null for <c>contained</c> and other places where any resource may stand.</param>
/// <param name="Codes">Allowed codes where the binding is required and enumerated by the specification.</param>
internal sealed record JsonProperty(int NameId, int Ordinal, FhirTypeDef? Type, bool IsList, Utf8Table<string>? Codes, string? Binding);
