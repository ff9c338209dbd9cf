using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Interactions.System;

/// <summary>How large a Bundle may be; the CapabilityStatement says the same.</summary>
internal static class BundleLimits
{
    public const int MaxEntries = 10_000;
    public const int MaxBytes = 64 * 1024 * 1024;

    public static FhirFault? Fault(int entries) => entries <= MaxEntries ? null
        : FhirFault.Of(FaultKind.TooLarge, $"The Bundle has {entries} entries; at most {MaxEntries} are taken at once. Split it.", "Bundle.entry");
}
