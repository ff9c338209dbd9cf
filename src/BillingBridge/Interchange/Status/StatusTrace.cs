using System.Globalization;

namespace FhirEmr.BillingBridge.Interchange.Status;

/// <summary>TRN02 of a 276: the file's control number and the place of the claim in it, so that an answer finds its claim without our number.</summary>
internal static class StatusTrace
{
    /// <param name="numbers">Of the file.</param>
    /// <param name="index">Of the claim in the file, from 0.</param>
    public static string Of(FileNumbers numbers, int index) => string.Create(CultureInfo.InvariantCulture, $"S{numbers.Interchange}-{index + 1}");

    /// <summary>ISA13 and index; null when the trace is not one of ours.</summary>
    public static (string Interchange, int Index)? Read(string trace) =>
        trace is ['S', ..] && trace.Split('-') is [{ Length: 10 } interchange, var n]
        && int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? (interchange[1..], number - 1)
            : null;
}
