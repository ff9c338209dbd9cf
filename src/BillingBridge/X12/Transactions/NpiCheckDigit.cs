namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>National Provider Identifier: ten digits, first 1 or 2, Luhn with the prefix 80840 (which adds 24).</summary>
internal static class NpiCheckDigit
{
    public static bool IsValid(string? npi)
    {
        if (npi is not { Length: 10 } || npi[0] is not ('1' or '2') || !npi.All(char.IsAsciiDigit))
            return false;

        var sum = 24;
        for (var i = 0; i < 10; i++)
        {
            var digit = npi[i] - '0';
            var doubled = i % 2 == 0 ? digit * 2 : digit;
            sum += doubled > 9 ? doubled - 9 : doubled;
        }

        return sum % 10 == 0;
    }
}
