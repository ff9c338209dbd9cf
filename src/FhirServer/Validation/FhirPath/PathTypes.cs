using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Validation.FhirPath;

/// <summary>Whether a value is of a type or of one that specialises it.</summary>
internal static class PathTypes
{
    public static bool Is(PathValue value, string type)
    {
        var actual = value.TypeName;
        if (actual == type)
            return true;
        if (!value.IsElement)
            return false;
        var node = value.Item.Any;

        // System.Boolean and boolean are told apart by nobody who writes constraints (R4's own que-7 says 'answer is Boolean').
        if (node.Type.IsPrimitive)
            return actual.Equals(type, StringComparison.OrdinalIgnoreCase) || Parent(actual) == type || (type is "Element");
        if (node.Type.IsResource)
            return type is "Resource" || (type is "DomainResource" && actual is not ("Bundle" or "Binary" or "Parameters"));
        return type is "Element" || (type is "BackboneElement" && actual.Contains('.', StringComparison.Ordinal)) || Parent(actual) == type;
    }

    /// <summary>The type that a datatype specialises, where there is one.</summary>
    public static string? Parent(string type) => type switch
    {
        "code" or "id" or "markdown" => "string",
        "url" or "canonical" or "oid" or "uuid" => "uri",
        "positiveInt" or "unsignedInt" => "integer",
        "Age" or "Count" or "Distance" or "Duration" or "MoneyQuantity" or "SimpleQuantity" => "Quantity",
        _ => ModelInfo.IsKnownResource(type) ? "DomainResource" : null,
    };
}
