using System.Security.Cryptography;
using System.Text;

namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>Ids of resources that messages make: the same fact of the same sender always gets the same one, so that a repeat finds it and two at once meet.</summary>
internal static class Hl7Id
{
    /// <summary>40 characters; what is hashed cannot be read out of them.</summary>
    public static string Of(string sender, string kind, params ReadOnlySpan<string?> parts)
    {
        var text = new StringBuilder(sender).Append('\n').Append(kind);
        foreach (var part in parts)
            text.Append('\n').Append(part?.Replace("\n", " ", StringComparison.Ordinal));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 20));
    }
}
