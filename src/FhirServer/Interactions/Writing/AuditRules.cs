using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>AuditEvents are appended only, whoever has stored them (security.md S-52): what was written of a use stays as it was written.</summary>
/// <remarks>The same content again changes nothing, and is no change: imports and restores repeat themselves.</remarks>
internal static class AuditRules
{
    public const string Type = "AuditEvent";

    public static FhirFault IsKept(ResourceKey key) =>
        FhirFault.Of(FaultKind.MethodNotAllowed, $"{key} is part of the audit: AuditEvents are created and read, and never changed or removed, whoever asks.");
}
