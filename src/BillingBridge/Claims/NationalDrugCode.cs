namespace FhirEmr.BillingBridge.Claims;

/// <summary>The shapes of an NDC: ten digits in three parts as on the package, eleven digits 5-4-2 as on a claim (rule DRG-002).</summary>
public static class NationalDrugCode
{
    /// <summary>Eleven digits: 4-4-2 gets a leading zero, 5-3-2 a middle one, 5-4-1 one before the last; null when it is none of them.</summary>
    public static string? Eleven(string ndc)
    {
        var parts = ndc.Trim().Split('-');
        if (parts.Any(p => p.Length == 0 || !p.All(char.IsAsciiDigit)))
            return null;
        return parts switch
        {
            [{ Length: 11 } whole] => whole,
            [{ Length: 4 or 5 } labeler, { Length: 3 or 4 } product, { Length: 1 or 2 } package]
                when labeler.Length + product.Length + package.Length is 10 or 11 =>
                labeler.PadLeft(5, '0') + product.PadLeft(4, '0') + package.PadLeft(2, '0'),
            _ => null,
        };
    }
}
