namespace FhirEmr.FhirServer.CdsHooks;

/// <summary>Where CDS services answer, beside the FHIR base.</summary>
internal static class CdsPaths
{
    public const string Services = "/cds-services";
}
