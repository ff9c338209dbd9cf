namespace FhirEmr.FhirServer.Search.Indexing.Units;

/// <summary>How to convert a UCUM unit to its base units: (value + offset) × numerator ÷ denominator.</summary>
/// <param name="Symbol">The symbol text the index knows the base unit by.</param>
/// <param name="Offset">For temperature scales; 0 for all others.</param>
internal sealed record CanonicalUnit(byte[] Symbol, decimal Numerator, decimal Denominator, decimal Offset)
{
    /// <summary>False when the result is beyond decimal's range; such a value is found by its recorded unit only.</summary>
    public bool TryConvert(decimal value, out decimal converted)
    {
        try
        {
            // Multiply first: 98.6 [degF] then comes out as 310.15 K exactly.
            converted = (value + Offset) * Numerator / Denominator;
            return true;
        }
        catch (OverflowException)
        {
            converted = 0;
            return false;
        }
    }
}
