namespace FhirEmr.BillingBridge.X12;

/// <summary>National Provider Identifier: ten digits with a Luhn check digit (billing spec 0.3).</summary>
public static class Npi
{
    /// <summary>Prefix 80840 counted in: its share of the Luhn sum.</summary>
    private const int PrefixSum = 24;

    /// <summary>Whether it is ten digits that begin with 1 or 2 and end with their check digit.</summary>
    public static bool IsValid(string? npi)
    {
        if (npi is not { Length: 10 } || npi[0] is not ('1' or '2') || npi.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return false;

        var sum = PrefixSum;
        for (var i = 0; i < 10; i++)
        {
            var digit = npi[9 - i] - '0';
            if (i % 2 == 1)
                digit = digit * 2 > 9 ? (digit * 2) - 9 : digit * 2;
            sum += digit;
        }

        return sum % 10 == 0;
    }
}
