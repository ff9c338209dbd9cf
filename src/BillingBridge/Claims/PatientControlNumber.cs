using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>The number by which a payer's answers find their claim again, CLM01 (billing spec 1.4).</summary>
public static class PatientControlNumber
{
    // Without E, I, O, U: the number is read over the telephone and must not spell words.
    private const string Alphabet = "0123456789ABCDFGHJKLMNPQRSTVWXYZ";

    /// <summary>
    /// 16 characters from the encounter and the payer's rank, so that the same claim always has the same
    /// number; a replacement adds <c>R1</c>, <c>R2</c> ... and stays within twenty.
    /// </summary>
    public static string Of(string encounterId, int rank, int version = 0)
    {
        var text = new StringBuilder(Stem(encounterId), 20);
        text.Append(CultureInfo.InvariantCulture, $"{rank}");
        if (version > 0)
            text.Append(CultureInfo.InvariantCulture, $"R{version}");
        return text.ToString();
    }

    /// <summary>What all numbers of an encounter begin with.</summary>
    internal static string Stem(string encounterId)
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

        return text.ToString();
    }

    /// <summary>Line control number: the claim's number and the line's.</summary>
    public static string Line(string patientControlNumber, int sequence) => string.Create(CultureInfo.InvariantCulture, $"{patientControlNumber}-{sequence}");
}
