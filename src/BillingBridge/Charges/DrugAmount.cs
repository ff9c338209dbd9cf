using System.Globalization;
using System.Text.RegularExpressions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>The amount one unit of a drug code is for, as its official description says: <c>…, per 15 mg</c>.</summary>
/// <param name="Unit">mg, mcg, g, ml, units or iu.</param>
internal sealed partial record DrugAmount(decimal Value, string Unit)
{
    private static readonly Dictionary<string, decimal> InMilligrams = new() { ["mcg"] = 0.001m, ["mg"] = 1m, ["g"] = 1000m };

    /// <summary>Null when the description ends in no amount.</summary>
    public static DrugAmount? In(string title)
    {
        if (Ending().Match(title) is not { Success: true } match)
            return null;
        var number = match.Groups[1].Value.Replace(",", "", StringComparison.Ordinal);
        return new DrugAmount(number.Length == 0 ? 1m : decimal.Parse(number, CultureInfo.InvariantCulture), Plain(match.Groups[2].Value));
    }

    /// <summary>A dose in a unit; null when the two cannot be compared.</summary>
    public static decimal? Convert(Quantity dose, string unit)
    {
        var own = Plain(dose.Code ?? dose.Unit ?? "");
        if (own == unit)
            return dose.Value;
        return InMilligrams.TryGetValue(own, out var from) && InMilligrams.TryGetValue(unit, out var to) ? dose.Value * from / to : null;
    }

    private static string Plain(string unit) => unit.ToLowerInvariant() switch
    {
        "ug" or "mcg" or "microgram" or "micrograms" => "mcg",
        "milligram" or "milligrams" => "mg",
        "gm" or "gram" or "grams" => "g",
        "cc" => "ml",
        "unit" or "[usp'u]" or "u" => "units",
        "i.u." or "[iu]" or "international units" => "iu",
        var other => other,
    };

    [GeneratedRegex(@"(?:per|,|up to)\s+(?:up to\s+)?([0-9][0-9,]*(?:\.[0-9]+)?)?\s*(mg|mcg|ug|milligrams?|micrograms?|grams?|gm|g|ml|cc|units?|international units|i\.u\.|iu)\.?$", RegexOptions.IgnoreCase)]
    private static partial Regex Ending();
}
