using FhirEmr.Bench.Spawn;

namespace FhirEmr.Bench.Growth;

/// <summary>What one engine did when the store had grown to so many bundles.</summary>
/// <param name="IngestPerSecond">Resources a second while growing from the size before to this one.</param>
/// <param name="PatientP50">Milliseconds, median of the patient-scoped searches.</param>
/// <param name="StoreP50">Milliseconds, geometric mean of the medians of the searches over all patients.</param>
internal sealed record GrowthPoint(
    Engine Engine, int Bundles, int Resources, double IngestPerSecond, double? ServerCpuMs, double PatientP50, double PatientP95, double StoreP50, double ReadsPerSecond,
    double? BytesPerJsonByte, double? ResidentMb, int Checked, IReadOnlyList<string> Errors);
