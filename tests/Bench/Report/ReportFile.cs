using System.Text.Json;

namespace FhirEmr.Bench.Report;

/// <summary>Figures as JSON, for later runs and for comparing.</summary>
internal static class ReportFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static void Write<T>(string path, T figures) => File.WriteAllText(path, JsonSerializer.Serialize(figures, Json));

    public static T Read<T>(string path) =>
        JsonSerializer.Deserialize<T>(File.ReadAllText(path), Json) ?? throw new BenchException($"{path} holds no figures.");
}
