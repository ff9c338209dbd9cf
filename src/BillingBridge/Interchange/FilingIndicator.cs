using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>Coverage → SBR09, claim filing indicator.</summary>
internal static class FilingIndicator
{
    private static readonly HashSet<string> X12Codes =
        ["11", "12", "13", "14", "15", "16", "17", "AM", "BL", "CH", "CI", "DS", "FI", "HM", "LM", "MA", "MB", "MC", "OF", "TV", "VA", "WC", "ZZ"];

    /// <summary>An X12 code as it stands; HL7 coverage types by table; else what the payer's name says; CI when nothing does.</summary>
    public static string Of(Coverage? coverage, Organization? payor)
    {
        foreach (var coding in coverage?.Type?.Coding ?? [])
        {
            if (coding.Code is { } code && (coding.System?.StartsWith("https://x12.org", StringComparison.Ordinal) == true ? code : FromHl7(code)) is { } found
                && X12Codes.Contains(found))
            {
                return found;
            }
        }

        var name = $"{payor?.Name} {coverage?.Type?.Text}".ToUpperInvariant();
        return name switch
        {
            _ when name.Contains("MEDICAID", StringComparison.Ordinal) => "MC",
            _ when name.Contains("MEDICARE ADVANTAGE", StringComparison.Ordinal) => "16",
            _ when name.Contains("MEDICARE", StringComparison.Ordinal) => "MB",
            _ when name.Contains("BLUE CROSS", StringComparison.Ordinal) || name.Contains("BLUE SHIELD", StringComparison.Ordinal) => "BL",
            _ when name.Contains("TRICARE", StringComparison.Ordinal) => "CH",
            _ => "CI",
        };
    }

    // http://terminology.hl7.org/CodeSystem/v3-ActCode (coverage types) and source-of-payment typology.
    private static string? FromHl7(string code) => code switch
    {
        "HMO" => "HM",
        "PPO" => "12",
        "POS" => "13",
        "WCBPOL" or "95" => "WC",
        "AUTOPOL" => "AM",
        "LIABPOL" => "LM",
        "SUBSIDIZ" or "MCPOL" or "2" => "MC",
        "RETIRE" or "1" => "MB",
        "MILITARY" => "CH",
        "VET" or "32" => "VA",
        _ => null,
    };
}
