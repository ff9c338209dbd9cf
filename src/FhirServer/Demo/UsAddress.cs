using System.Text.RegularExpressions;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Demo;

/// <summary>Brings an address to the form X12 wants: two-letter state, ZIP of five or nine digits, a street for providers.</summary>
internal static partial class UsAddress
{
    /// <summary>Name, code and a ZIP that exists in the state: its capital's, for addresses that come without one.</summary>
    private static readonly (string Name, string Code, string Zip)[] States =
    [
        ("Alabama", "AL", "36104"), ("Alaska", "AK", "99801"), ("Arizona", "AZ", "85007"), ("Arkansas", "AR", "72201"),
        ("California", "CA", "95814"), ("Colorado", "CO", "80203"), ("Connecticut", "CT", "06106"), ("Delaware", "DE", "19901"),
        ("District of Columbia", "DC", "20001"), ("Florida", "FL", "32301"), ("Georgia", "GA", "30334"), ("Hawaii", "HI", "96813"),
        ("Idaho", "ID", "83702"), ("Illinois", "IL", "62701"), ("Indiana", "IN", "46204"), ("Iowa", "IA", "50309"),
        ("Kansas", "KS", "66603"), ("Kentucky", "KY", "40601"), ("Louisiana", "LA", "70802"), ("Maine", "ME", "04330"),
        ("Maryland", "MD", "21401"), ("Massachusetts", "MA", "02108"), ("Michigan", "MI", "48933"), ("Minnesota", "MN", "55102"),
        ("Mississippi", "MS", "39201"), ("Missouri", "MO", "65101"), ("Montana", "MT", "59601"), ("Nebraska", "NE", "68508"),
        ("Nevada", "NV", "89701"), ("New Hampshire", "NH", "03301"), ("New Jersey", "NJ", "08608"), ("New Mexico", "NM", "87501"),
        ("New York", "NY", "12207"), ("North Carolina", "NC", "27601"), ("North Dakota", "ND", "58501"), ("Ohio", "OH", "43215"),
        ("Oklahoma", "OK", "73102"), ("Oregon", "OR", "97301"), ("Pennsylvania", "PA", "17101"), ("Puerto Rico", "PR", "00901"),
        ("Rhode Island", "RI", "02903"), ("South Carolina", "SC", "29201"), ("South Dakota", "SD", "57501"), ("Tennessee", "TN", "37219"),
        ("Texas", "TX", "78701"), ("Utah", "UT", "84111"), ("Vermont", "VT", "05602"), ("Virginia", "VA", "23219"),
        ("Washington", "WA", "98501"), ("West Virginia", "WV", "25301"), ("Wisconsin", "WI", "53703"), ("Wyoming", "WY", "82001"),
    ];

    /// <summary>A person's address: state as code, ZIP completed. Lines and city stay as they are, also when missing.</summary>
    public static void Tidy(Address address)
    {
        address.State = StateCode(address.State);
        address.PostalCode = Zip(address.PostalCode, address.State);
    }

    /// <summary>A provider's address: also a street (no PO box, which PRV-004 refuses) and ZIP+4.</summary>
    public static void Complete(Address address, string key)
    {
        address.State = StateCode(address.State) ?? "MA";
        var street = address.Line.Select(line => PoBox().Replace(line ?? "", "").Trim(' ', ',')).Where(line => line.Length > 0).ToList();
        address.Line = street.Count > 0 ? street : [$"{StableHash.Of("street", key) % 900 + 100} Main Street"];
        if (string.IsNullOrWhiteSpace(address.City))
            address.City = "Springfield";

        var zip = Zip(address.PostalCode, address.State) ?? Zip(null, "MA")!;
        address.PostalCode = zip.Length == 9 ? zip : zip + MadeUpNumbers.ZipExtension(key);
        address.Country ??= "US";
    }

    /// <summary>Two-letter code for a state's name or code; the input when it is neither.</summary>
    public static string? StateCode(string? state) =>
        Find(state) is { Code: { } code } ? code : state;

    private static (string Name, string Code, string Zip) Find(string? state) => Array.Find(
        States,
        known => string.Equals(known.Name, state?.Trim(), StringComparison.OrdinalIgnoreCase)
            || string.Equals(known.Code, state?.Trim(), StringComparison.OrdinalIgnoreCase));

    /// <summary>Five or nine digits. Spreadsheets eat leading zeros (<c>1960</c> in Massachusetts is <c>01960</c>).</summary>
    private static string? Zip(string? postalCode, string? state)
    {
        if (postalCode is not null && postalCode.Any(char.IsAsciiLetter))
            return postalCode; // not a US code: not ours to mend

        var digits = string.Concat((postalCode ?? "").Where(char.IsAsciiDigit));
        return digits.Length switch
        {
            5 or 9 => digits,
            3 or 4 => digits.PadLeft(5, '0'),
            8 => digits.PadLeft(9, '0'),
            _ => Find(state).Zip ?? postalCode,
        };
    }

    [GeneratedRegex(@"\b(P\.?\s*O\.?\s*|POST\s+OFFICE\s+)BOX\s*\S*", RegexOptions.IgnoreCase)]
    private static partial Regex PoBox();
}
