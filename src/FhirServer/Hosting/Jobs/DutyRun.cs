using System.Text.Json;

namespace FhirEmr.FhirServer.Hosting.Jobs;

/// <summary>How a duty ended the last time, as its row keeps it.</summary>
/// <param name="Began">Null when it has never run.</param>
/// <param name="Failures">In a row.</param>
/// <param name="Error">Class of the fault; what it says stands in the log.</param>
internal sealed record DutyRun(DateTimeOffset? Began, double Seconds, int Failures, string? Error)
{
    public static readonly DutyRun Never = new(null, 0, 0, null);

    public string Write() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    public static DutyRun Read(string progress) => progress.Length == 0 ? Never : JsonSerializer.Deserialize<DutyRun>(progress, JsonSerializerOptions.Web) ?? Never;
}
