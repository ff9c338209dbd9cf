using System.Diagnostics.Metrics;

namespace FhirEmr.FhirServer.Validation;

/// <summary>What operators may want to watch; counts only, never what was validated.</summary>
internal static class ValidationMeter
{
    private static readonly Meter Meter = new("FhirEmr.Validation");
    private static readonly Counter<long> Constraints = Meter.CreateCounter<long>("fhiremr.validation.constraints_unsupported", description: "Constraints that could not be evaluated.");

    public static void Unsupported() => Constraints.Add(1);
}
