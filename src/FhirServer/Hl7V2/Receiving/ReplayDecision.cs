using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Hl7V2.Receiving;

/// <summary>What a person says of a message that is taken in again.</summary>
/// <param name="Patient">Who it is about; null for looking again.</param>
/// <param name="CreatesPatient">They are new here.</param>
internal sealed record ReplayDecision(ResourceKey? Patient, bool CreatesPatient);
