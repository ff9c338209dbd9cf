using System.Globalization;
using System.Text.RegularExpressions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>A documented quantity of a supply → units of its HCPCS code, by what the official description says one unit is: <c>each</c>, <c>per 50 strips</c>, <c>per square centimeter</c>.</summary>
internal static partial class SupplyUnits
{
    private const string Count = "each";

    // What units are called in descriptions, in UCUM and in charts; others are compared as they are written.
    private static readonly Dictionary<string, string> Names = new()
    {
        [""] = Count,
        ["1"] = Count,
        ["ea"] = Count,
        ["piece"] = Count,
        ["unit"] = Count,
        ["count"] = Count,
        ["item"] = Count,
        ["cc"] = "ml",
        ["milliliter"] = "ml",
        ["cubic centimeter"] = "ml",
        ["cm3"] = "ml",
        ["milligram"] = "mg",
        ["gram"] = "g",
        ["gm"] = "g",
        ["ounce"] = "oz",
        ["oz_av"] = "oz",
        ["fluid ounce"] = "fluid oz",
        ["foz_us"] = "fluid oz",
        ["square centimeter"] = "cm2",
        ["sq cm"] = "cm2",
        ["square inche"] = "sin_i",
        ["square inch"] = "sin_i",
        ["sq in"] = "sin_i",
        ["sq. in"] = "sin_i",
        ["linear yard"] = "yard",
        ["yd_i"] = "yard",
        ["inche"] = "inch",
        ["in_i"] = "inch",
        ["ft_i"] = "foot",
    };

    /// <summary>Null when the quantity cannot be counted in the code's units: of a code whose description is not known, only one piece can.</summary>
    public static decimal? Of(Quantity documented, string? title)
    {
        if (documented.Value is not { } value || value <= 0m || documented.Comparator is not null)
            return null;
        var unit = Plain(documented.Code ?? documented.Unit ?? "");
        if (title is null)
            return unit == Count && value == 1m ? 1m : null;
        if (Per().Matches(title).LastOrDefault() is not { } per)
            return (unit == Count || Plain(Each().Match(title).Groups[1].Value) == unit) && decimal.Truncate(value) == value ? value : null;

        var size = per.Groups[1] is { Success: true, Value: var number } ? decimal.Parse(number.Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) : 1m;
        var thing = Plain(per.Groups[2].Value);
        // Pieces are what a number of things is a number of; one box or one pair is not said to be one piece.
        var isSame = thing == unit || (unit == Count && size > 1m && !Measures().IsMatch(thing));
        return isSame ? Math.Ceiling(value / size)
            : DrugAmount.Convert(new Quantity { Value = value, Code = unit }, thing) is { } converted ? Math.Ceiling(converted / size)
            : null;
    }

    private static string Plain(string unit)
    {
        var plain = unit.Trim('{', '}', '[', ']', ' ', '.').ToLowerInvariant();
        if (plain.Length > 3 && plain.EndsWith('s'))
            plain = plain[..^1];
        return Names.GetValueOrDefault(plain, plain);
    }

    [GeneratedRegex(@"\bper\s+(?:([0-9][0-9,]*(?:\.[0-9]+)?)\s*)?([a-z. ]*?)\s*(?=[,;()]|$| of\b| or\b| - )", RegexOptions.IgnoreCase)]
    private static partial Regex Per();

    [GeneratedRegex(@"\beach\s+([a-z]+)\.?$", RegexOptions.IgnoreCase)]
    private static partial Regex Each();

    [GeneratedRegex(@"^(ml|mg|mcg|g|oz|fluid oz|cm2|sin_i|yard|inch|foot|pound|pint|gallon|hour|day|week|month|minute|.*curie)$")]
    private static partial Regex Measures();
}
