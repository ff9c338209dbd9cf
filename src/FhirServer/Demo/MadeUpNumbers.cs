using System.Globalization;

namespace FhirEmr.FhirServer.Demo;

/// <summary>Invented identifiers of the right shape, each a pure function of its key.</summary>
/// <remarks>
/// Shapes: specification of the billing bridge, NPI check digit and member-ID shapes. NPIs start with 2 and EINs with 89 because
/// neither range has been issued: no demo claim can carry the number of a real provider.
/// </remarks>
internal static class MadeUpNumbers
{
    private const string MbiLetters = "ACDEFGHJKMNPQRTUVWXY";
    private const string MbiLettersAndDigits = "ACDEFGHJKMNPQRTUVWXY0123456789";

    /// <summary>Position by position alphabet of a Medicare Beneficiary Identifier, up to the two scenario digits.</summary>
    private static readonly string[] MbiShape =
    [
        "123456789", MbiLetters, MbiLettersAndDigits, "0123456789", MbiLetters, MbiLettersAndDigits, "0123456789",
        MbiLetters, MbiLetters,
    ];

    /// <summary>A ten-digit NPI with a correct check digit.</summary>
    public static string Npi(string key)
    {
        var body = "2" + Digits("npi", key, 8);
        var checkDigit = (10 - (LuhnSum(body + "0") + 24) % 10) % 10; // 24 stands for the prefix 80840
        return body + checkDigit.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Ten digits, first 1 or 2, and the Luhn total over 80840 and the number a multiple of ten.</summary>
    public static bool IsNpi(string? value) =>
        value is { Length: 10 } && value[0] is '1' or '2' && value.All(char.IsAsciiDigit) && (LuhnSum(value) + 24) % 10 == 0;

    /// <summary>A nine-digit employer number without dash.</summary>
    public static string Ein(string key) => "89" + Digits("ein", key, 7);

    /// <summary>CLIA certificate number: two digits, D, seven digits; 99D is issued to nobody.</summary>
    public static string Clia(string key) => "99D" + Digits("clia", key, 7);

    /// <summary>Nine digits that could be a tax number: not zeros, not all equal, not 123456789.</summary>
    public static bool IsEin(string? value) =>
        value is { Length: 9 } and not "123456789" && value.All(char.IsAsciiDigit) && value.Any(digit => digit != value[0]);

    /// <summary>The four digits that make a ZIP a ZIP+4; never 0000.</summary>
    public static string ZipExtension(string key) =>
        (StableHash.Of("zip4", key) % 8999 + 1001).ToString("D4", CultureInfo.InvariantCulture);

    /// <summary>A member id in the payer's shape; its last two digits are <paramref name="scenarioDigits"/> (see <see cref="MemberScenarios"/>).</summary>
    public static string MemberId(DemoPayer payer, string key, int? scenarioDigits = null)
    {
        var suffix = (scenarioDigits ?? (int)(StableHash.Of("scenario", $"{payer.Id}|{key}") % 100)).ToString("D2", CultureInfo.InvariantCulture);
        return payer.FilingIndicator switch
        {
            DemoPayers.MedicareB => Mbi(key) + suffix,
            DemoPayers.Medicaid => "1" + Digits("medicaid", key, 9) + suffix,
            _ => payer.MemberIdPrefix + Digits(payer.Id, key, 7) + suffix,
        };
    }

    private static string Mbi(string key)
    {
        var bits = StableHash.Of("mbi", key);
        return string.Concat(MbiShape.Select(alphabet =>
        {
            var letter = alphabet[(int)(bits % (ulong)alphabet.Length)];
            bits /= (ulong)alphabet.Length;
            return letter;
        }));
    }

    private static string Digits(string purpose, string key, int count)
    {
        var modulus = 1UL;
        for (var i = 0; i < count; i++)
            modulus *= 10;
        return (StableHash.Of(purpose, key) % modulus).ToString(CultureInfo.InvariantCulture).PadLeft(count, '0');
    }

    private static int LuhnSum(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[digits.Length - 1 - i] - '0';
            if (i % 2 == 1)
                digit = digit > 4 ? digit * 2 - 9 : digit * 2;
            sum += digit;
        }

        return sum;
    }
}
