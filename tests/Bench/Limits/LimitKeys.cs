using System.Globalization;

namespace FhirEmr.Bench.Limits;

/// <summary>Logical ids for the limits' own resources: as long as a UUID, in the order of insertion as a store's would be.</summary>
internal static class LimitKeys
{
    public static string Id(int i) => string.Create(CultureInfo.InvariantCulture, $"{i:x8}-0000-7000-8000-{(long)i * 7919:x12}");
}
