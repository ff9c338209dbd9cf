using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>What a node is to the index.</summary>
internal enum Datatype : byte
{
    Unknown,
    Other,
    Boolean,
    Number,
    Text,
    Code,
    Uri,
    Canonical,
    Date,
    Coding,
    CodeableConcept,
    Identifier,
    ContactPoint,
    Quantity,
    Money,
    Range,
    SampledData,
    Reference,
    Period,
    Timing,
    HumanName,
    Address,
    Resource,
}

/// <summary>Maps the R4 types to the kinds the index tells apart, once per type.</summary>
internal static class Datatypes
{
    private static Datatype[] byTypeId = new Datatype[256];

    public static Datatype Of(FhirNode node)
    {
        var type = node.Type;
        var known = Volatile.Read(ref byTypeId);
        if (type.Id < known.Length && known[type.Id] is not Datatype.Unknown and var kind)
            return kind;

        // Two threads may do this at once; both write the same answer, and a lost write is found out again.
        var found = KindOf(type);
        if (type.Id >= known.Length)
        {
            Array.Resize(ref known, (type.Id + 1) * 2);
            Volatile.Write(ref byTypeId, known);
        }

        known[type.Id] = found;
        return found;
    }

    private static Datatype KindOf(FhirTypeDef type) => type.Primitive switch
    {
        PrimitiveKind.Boolean => Datatype.Boolean,
        PrimitiveKind.Integer or PrimitiveKind.PositiveInt or PrimitiveKind.UnsignedInt or PrimitiveKind.Decimal => Datatype.Number,
        PrimitiveKind.Code => Datatype.Code,
        PrimitiveKind.Canonical => Datatype.Canonical,
        PrimitiveKind.Uri or PrimitiveKind.Url or PrimitiveKind.Oid or PrimitiveKind.Uuid => Datatype.Uri,
        PrimitiveKind.Date or PrimitiveKind.DateTime or PrimitiveKind.Instant => Datatype.Date,
        PrimitiveKind.None => type.IsResource ? Datatype.Resource : Complex(type.Name),
        _ => Datatype.Text,
    };

    private static Datatype Complex(string name) => name switch
    {
        "Coding" => Datatype.Coding,
        "CodeableConcept" => Datatype.CodeableConcept,
        "Identifier" => Datatype.Identifier,
        "ContactPoint" => Datatype.ContactPoint,
        "Quantity" or "SimpleQuantity" or "Age" or "Duration" or "Count" or "Distance" or "MoneyQuantity" => Datatype.Quantity,
        "Money" => Datatype.Money,
        "Range" => Datatype.Range,
        "SampledData" => Datatype.SampledData,
        "Reference" => Datatype.Reference,
        "Period" => Datatype.Period,
        "Timing" => Datatype.Timing,
        "HumanName" => Datatype.HumanName,
        "Address" => Datatype.Address,
        _ => Datatype.Other,
    };
}
