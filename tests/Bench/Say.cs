using System.Diagnostics;
using System.Globalization;

namespace FhirEmr.Bench;

/// <summary>Progress goes to standard error, so that standard output holds the report alone.</summary>
internal static class Say
{
    private static readonly long Start = Stopwatch.GetTimestamp();

    public static void Line(FormattableString text) =>
        Console.Error.WriteLine($"[{Stopwatch.GetElapsedTime(Start).TotalSeconds.ToString("F1", CultureInfo.InvariantCulture),6}] {FormattableString.Invariant(text)}");
}
