using static Hl7.Fhir.Model.CapabilityStatement;

namespace FhirEmr.FhirServer.Interactions.System;

/// <summary>What a slice does that no table of interactions, parameters or operations tells.</summary>
internal interface ICapability
{
    /// <summary>The implementation guide it follows; null for none.</summary>
    string? Guide => null;

    /// <summary>Adds what it does with the type.</summary>
    void AddTo(ResourceComponent resource);
}
