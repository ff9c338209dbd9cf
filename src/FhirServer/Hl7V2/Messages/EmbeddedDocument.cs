using System.Security.Cryptography;
using FhirEmr.FhirServer.Hl7V2.Syntax;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>OBX-5 of type ED: a document in the message.</summary>
internal sealed record EmbeddedDocument(string ContentType, byte[] Bytes)
{
    /// <summary>Null, with a fault, when it cannot be read.</summary>
    public static EmbeddedDocument? Read(MessageScope scope, Segment obx)
    {
        var value = obx[5].First;
        var (type, subtype, encoding) = (value[2], value[3], value[4]);
        if (value[5] is not { } text)
        {
            scope.Fault(ErrorCodes.RequiredFieldMissing, "OBX-5 of type ED has no data in its fifth component.", value.Component(5));
            return null;
        }

        byte[] bytes;
        switch (encoding?.ToUpperInvariant())
        {
            case "BASE64" or null:
                try
                {
                    bytes = Convert.FromBase64String(text.Replace("\n", "", StringComparison.Ordinal));
                    break;
                }
                catch (FormatException)
                {
                    scope.Fault(ErrorCodes.DataType, "The document in OBX-5 is not Base64.", value.Component(5));
                    return null;
                }

            case "HEX" when text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit):
                bytes = Convert.FromHexString(text);
                break;
            case "A":
                bytes = System.Text.Encoding.UTF8.GetBytes(text);
                break;
            default:
                scope.Fault(ErrorCodes.DataType, "The fourth component of OBX-5 must be Base64, Hex or A, as the data is.", value.Component(4));
                return null;
        }

        return new(ContentTypeOf(type, subtype, bytes), bytes);
    }

    /// <summary>Its content as a Binary of its own, whose id says what is in it: the same document is stored once.</summary>
    public (MappedResource Binary, Attachment Attachment) Store(MessageScope scope, ErrorLocation origin, string? title)
    {
        var binary = new Binary { Id = scope.Id("document", scope.Patient, Convert.ToHexStringLower(SHA256.HashData(Bytes))), ContentType = ContentType, Data = Bytes, SecurityContext = scope.Subject };
        return (new(binary, origin, scope.AsOf), new Attachment
        {
            ContentType = ContentType,
            Url = $"Binary/{binary.Id}",
            Title = title,
        });
    }

    /// <summary>By what it is where that can be seen: what the sender calls it decides how a browser would show it.</summary>
    private static string ContentTypeOf(string? type, string? subtype, ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith("%PDF-"u8) ? "application/pdf"
        : bytes.StartsWith((ReadOnlySpan<byte>)[0xff, 0xd8, 0xff]) ? "image/jpeg"
        : bytes.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4e, 0x47]) ? "image/png"
        : (type?.ToUpperInvariant(), subtype?.ToUpperInvariant()) switch
        {
            (_, "RTF") => "application/rtf",
            ("TEXT", _) or (_, "TXT" or "PLAIN") => "text/plain; charset=utf-8",
            (_, "TIFF" or "TIF") => "image/tiff",
            _ => "application/octet-stream",
        };
}
