namespace FhirEmr.FhirServer.Validation.Definitions;

/// <summary>Where FHIR packages lie. Bound from <c>Definitions</c>.</summary>
public sealed class DefinitionsOptions
{
    /// <summary>Folder of <c>*.tgz</c> packages; it may be absent. What is worked out from them is kept there as <c>definitions.bin</c>.</summary>
    public string Folder { get; set; } = "./fhir-packages";
}
