using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Interactions.System;

/// <summary>How large a Bundle may be; the CapabilityStatement says the same.</summary>
internal static class BundleLimits
{
    public const int MaxEntries = 10_000;
    public const int MaxBytes = 64 * 1024 * 1024;

    /// <summary>Bytes of answers after which entries that only read are refused: XML, an Idempotency-Key and a job need the whole answer in memory.</summary>
    public const long MaxAnswerBytes = 64 * 1024 * 1024;

    /// <summary>Whether so many bytes leave no room for what the entry asks for. What writes is always done, for its answer is small.</summary>
    public static bool IsFull(long answered, FhirRequest entry) => answered >= MaxAnswerBytes && (entry.Method is "GET" or "HEAD" || entry.Target.IsSearch);

    public static FhirFault Full() => FhirFault.Of(FaultKind.TooCostly,
        $"The entries before this one were answered with {MaxAnswerBytes / (1024 * 1024)} MiB, the most one Bundle carries: send this entry again by itself, or ask for fewer with _count.");

    public static FhirFault? Fault(int entries) => entries <= MaxEntries ? null
        : FhirFault.Of(FaultKind.TooLarge, $"The Bundle has {entries} entries; at most {MaxEntries} are taken at once. Split it.", "Bundle.entry");
}
