using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>Deterministic control numbers and idempotency keys (billing spec 1.4, 1.5).</summary>
/// <remarks>Keys are joined by colons: FHIR ids have none, and a bar would have to be escaped in every search for a key.</remarks>
public static class ClaimKeys
{
    // Without E, I, O, U: the number is read over the telephone and must not spell words.
    private const string Alphabet = "0123456789ABCDFGHJKLMNPQRSTVWXYZ";

    /// <summary>
    /// Patient control number: 16 characters from the encounter and the payer's rank, so that the same claim always has the same
    /// number; a replacement adds <c>R1</c>, <c>R2</c> ... and stays within twenty.
    /// </summary>
    public static string PatientControlNumber(string encounterId, int rank, int version = 0)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(encounterId));
        var text = new StringBuilder("E", 20);
        var bits = 0;
        var buffer = 0;
        foreach (var b in hash)
        {
            buffer = (buffer << 8) | b;
            bits += 8;
            while (bits >= 5 && text.Length < 15)
            {
                text.Append(Alphabet[(buffer >> (bits - 5)) & 31]);
                bits -= 5;
            }
        }

        text.Append(CultureInfo.InvariantCulture, $"{rank}");
        if (version > 0)
            text.Append(CultureInfo.InvariantCulture, $"R{version}");
        return text.ToString();
    }

    /// <summary>Line control number: the claim's number and the line's.</summary>
    public static string Line(string patientControlNumber, int sequence) => string.Create(CultureInfo.InvariantCulture, $"{patientControlNumber}-{sequence}");

    /// <summary>Claim creation: encounter, coverage, rank, version.</summary>
    public static string Claim(string encounterId, string? coverageId, int rank, int version = 0) =>
        string.Create(CultureInfo.InvariantCulture, $"claim:{encounterId}:{coverageId ?? "none"}:{rank}:{version}");

    /// <summary>The worklist task of one failed scrub; <paramref name="round"/> tells a second failure of the same claim from the first.</summary>
    public static string FixScrub(string claimKey, string round) => $"fix-scrub:{claimKey}:{round}";

    /// <summary>A UUID made from a key, for resources that have no identifier to be conditional on.</summary>
    public static string Uuid(string key)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(key))[..16];
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80); // RFC 9562 version 8: custom
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }
}
