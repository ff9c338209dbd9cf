namespace FhirEmr.FhirServer.Rest;

/// <summary>Which media types a PATCH may come in (http.html#patch).</summary>
internal static class PatchFormat
{
    public const string JsonPatch = "application/json-patch+json";

    /// <summary>For messages.</summary>
    public const string Taken = "JSON Patch as application/json-patch+json, or a FHIRPath Patch (a Parameters resource) as application/fhir+json or application/fhir+xml";

    /// <summary>Null when the type is taken.</summary>
    public static FhirFault? Refusal(string mediaType) => mediaType switch
    {
        JsonPatch or "application/fhir+json" or "application/json" or "text/json" or "application/json+fhir"
            or "application/fhir+xml" or "application/xml" or "text/xml" or "application/xml+fhir" => null,
        "application/xml-patch+xml" => FhirFault.Of(FaultKind.UnsupportedMediaType, $"XML Patch (application/xml-patch+xml) is not taken here: send {Taken}."),
        "application/merge-patch+json" => FhirFault.Of(FaultKind.UnsupportedMediaType, $"JSON Merge Patch (application/merge-patch+json) is no patch of FHIR: send {Taken}."),
        _ => FhirFault.Of(FaultKind.UnsupportedMediaType, $"Content-Type '{mediaType}' is no patch format: send {Taken}."),
    };
}
