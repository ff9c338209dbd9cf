using System.Globalization;

namespace FhirEmr.FhirServer.Resources;

/// <summary>FHIR <c>instant</c> in the one form this server writes: UTC with milliseconds.</summary>
internal static class FhirInstant
{
    public static string Format(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static DateTimeOffset FromMilliseconds(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
