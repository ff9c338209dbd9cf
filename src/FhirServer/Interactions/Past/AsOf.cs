using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Interactions.Past;

/// <summary>The parameter <c>_asOf</c>: an instant, to the second or finer and with its offset.</summary>
internal static class AsOf
{
    public const string Name = "_asOf";

    /// <summary>The instant asked for; null when none is, and the fault says how one is written.</summary>
    public static (DateTimeOffset? Instant, FhirFault? Fault) Read(FhirRequest request)
    {
        var given = request.Query.Where(p => p.Key == Name).Select(p => p.Value).ToArray();
        return given switch
        {
            [] => (null, null),
            [var text] => Parse(text) is { } instant ? (instant, null) : (null, Unreadable(text)),
            _ => (null, FhirFault.Of(FaultKind.Invalid, "_asOf names one instant: give it once.", code: "value")),
        };
    }

    /// <summary>Null when the text is no instant.</summary>
    public static DateTimeOffset? Parse(string text) =>
        FhirDate.TryParse(Encoding.UTF8.GetBytes(text.Replace(' ', '+')), out var date) && date is { HasTime: true, Offset: { } offset }
            ? new DateTimeOffset(Math.Clamp(date.Local.Ticks - offset.Ticks, 0, DateTime.MaxValue.Ticks), TimeSpan.Zero)
            : null;

    public static FhirFault Unreadable(string text) => FhirFault.Of(FaultKind.Invalid, $"_asOf={text} is no instant: write it as in 2026-01-31T08:00:00Z.", code: "value");
}
