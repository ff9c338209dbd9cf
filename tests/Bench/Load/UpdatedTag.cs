using System.Globalization;

namespace FhirEmr.Bench.Load;

/// <summary>The tag that updates leave, so that a search can ask for exactly the updated ones.</summary>
internal static class UpdatedTag
{
    public const string System = "urn:fhir-emr:bench";
    public const int Codes = 4;

    public static string Code(Random random) => string.Create(CultureInfo.InvariantCulture, $"updated-{random.Next(Codes)}");
}
