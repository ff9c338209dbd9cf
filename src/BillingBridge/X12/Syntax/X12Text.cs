using System.Globalization;

namespace FhirEmr.BillingBridge.X12.Syntax;

/// <summary>Amounts, dates and times as X12 writes them.</summary>
internal static class X12Text
{
    /// <summary>Type R: no trailing zeros, no thousands mark, minus kept: 140.00 → <c>140</c>, 28.50 → <c>28.5</c>.</summary>
    public static string Amount(decimal value) => value.ToString("0.##########", CultureInfo.InvariantCulture);

    public static bool TryAmount(string text, out decimal value) => decimal.TryParse(
        text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);

    /// <summary>CCYYMMDD.</summary>
    public static string Date(DateOnly value) => value.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    public static bool TryDate(string text, out DateOnly value) =>
        DateOnly.TryParseExact(text, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out value);

    /// <summary>HHMM.</summary>
    public static string Time(TimeOnly value) => value.ToString("HHmm", CultureInfo.InvariantCulture);
}
