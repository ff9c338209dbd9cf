using FhirEmr.FhirServer.Resources;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Parameters;

/// <summary>Which datatypes a parameter of a kind can be indexed by (search.html#ptypes).</summary>
internal static class ParameterFit
{
    private static readonly string[] Texts = ["string", "markdown", "code", "id", "uri", "url", "canonical", "oid", "uuid", "time"];

    /// <summary>The kinds a custom parameter may have.</summary>
    public static IReadOnlyList<SearchParamType> Kinds { get; } =
    [
        SearchParamType.Token, SearchParamType.String, SearchParamType.Date, SearchParamType.Reference, SearchParamType.Number,
        SearchParamType.Quantity, SearchParamType.Uri,
    ];

    public static bool Fits(SearchParamType kind, string datatype) => kind switch
    {
        SearchParamType.Token => Texts.Contains(datatype) || IsNumber(datatype) || IsDate(datatype)
            || datatype is "boolean" or "Coding" or "CodeableConcept" or "Identifier" or "ContactPoint" or "Money" || IsQuantity(datatype),
        SearchParamType.String => Texts.Contains(datatype) || datatype is "HumanName" or "Address" or "boolean" || IsNumber(datatype) || IsDate(datatype),
        SearchParamType.Date => IsDate(datatype) || datatype is "Period" or "Timing",
        SearchParamType.Reference => datatype is "Reference" or "canonical" or "uri",
        SearchParamType.Number => IsNumber(datatype) || datatype == "Range",
        SearchParamType.Quantity => IsQuantity(datatype) || datatype is "Money" or "Range" or "SampledData",
        SearchParamType.Uri => datatype is "uri" or "url" or "canonical" or "oid" or "uuid" or "string" or "id" or "markdown",
        _ => false,
    };

    /// <summary>The kinds that fit a datatype, for messages.</summary>
    public static IEnumerable<string> KindsFor(string datatype) => Kinds.Where(k => Fits(k, datatype)).Select(k => k.ToString().ToLowerInvariant());

    private static bool IsNumber(string datatype) => datatype is "integer" or "decimal" or "positiveInt" or "unsignedInt";

    private static bool IsDate(string datatype) => datatype is "date" or "dateTime" or "instant";

    private static bool IsQuantity(string datatype) => datatype is "Quantity" or "SimpleQuantity" or "Age" or "Duration" or "Count" or "Distance" or "MoneyQuantity";
}
