namespace FhirEmr.BillingBridge.Claims;

/// <summary>A US ZIP code as people write it; X12 writes the digits alone.</summary>
internal static class ZipCode
{
    /// <summary>Nine digits with their dash, <c>01840-1234</c>; anything else as it stands.</summary>
    public static string? Written(string? postalCode) =>
        postalCode is { Length: 9 } && postalCode.All(char.IsAsciiDigit) ? $"{postalCode[..5]}-{postalCode[5..]}" : postalCode;
}
