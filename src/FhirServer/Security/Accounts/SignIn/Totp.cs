using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FhirEmr.FhirServer.Security.Accounts.SignIn;

/// <summary>Codes of an authenticator app: RFC 6238 with its defaults (SHA-1, 30 seconds, six digits), which every app knows.</summary>
internal static class Totp
{
    public const int SeedBytes = 20;
    private const int StepSeconds = 30;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static byte[] NewSeed() => RandomNumberGenerator.GetBytes(SeedBytes);

    public static long StepAt(DateTimeOffset time) => time.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>The time step that the code belongs to: now, or one before or after, since clocks differ; null when it is wrong.</summary>
    public static long? Match(byte[] seed, string code, DateTimeOffset now)
    {
        if (code.Length != 6)
            return null;
        var typed = Encoding.ASCII.GetBytes(code);
        long? match = null;
        foreach (var step in (long[])[StepAt(now) - 1, StepAt(now), StepAt(now) + 1])
            if (CryptographicOperations.FixedTimeEquals(typed, Encoding.ASCII.GetBytes(Code(seed, step))))
                match = step;
        return match;
    }

    public static string Code(byte[] seed, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> mac = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // RFC 6238's default, and what authenticator apps compute; HMAC does not rest on collisions
        HMACSHA1.HashData(seed, counter, mac);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(mac[(mac[^1] & 0x0F)..]) & int.MaxValue; // RFC 4226 §5.3
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>RFC 4648 base 32 without padding, as authenticator apps take it.</summary>
    public static string Text(byte[] seed)
    {
        var text = new StringBuilder();
        var (buffer, bits) = (0, 0);
        foreach (var b in seed)
        {
            (buffer, bits) = ((buffer << 8) | b, bits + 8);
            while (bits >= 5)
            {
                bits -= 5;
                text.Append(Base32[(buffer >> bits) & 31]);
            }
        }

        if (bits > 0)
            text.Append(Base32[(buffer << (5 - bits)) & 31]);
        return text.ToString();
    }

    /// <summary>What the QR code of an enrolment says.</summary>
    public static string Uri(byte[] seed, string userName) =>
        $"otpauth://totp/FhirEmr:{System.Uri.EscapeDataString(userName)}?secret={Text(seed)}&issuer=FhirEmr";
}
