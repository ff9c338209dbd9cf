using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using FhirEmr.FhirServer.Resources;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace FhirEmr.FhirServer.Security.Encryption;

/// <summary>Data Protection's keys, which encrypt the seeds of authenticators, as XML that a key-encryption key has wrapped.</summary>
internal sealed class KeyRingXml(EncryptionKeys keys) : IXmlEncryptor
{
    private const string Name = "data-protection key";

    /// <summary>Of Data Protection's own files: what it wants encrypted, and what it finds encrypted.</summary>
    private static readonly XNamespace Files = "http://schemas.asp.net/2015/03/dataProtection";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(Wrap(plaintextElement, keys.Wrapping), typeof(KeyRingXmlDecryptor));

    public static XElement Open(XElement wrapped, Func<string, KeyEncryptionKey?> find)
    {
        var id = (string?)wrapped.Attribute("by") ?? "";
        var by = find(id) ?? throw new CryptographicException($"A key of the accounts needs the key-encryption key {id}, which is not there.");
        return XElement.Load(SafeXml.Read(by.Unwrap(Convert.FromBase64String(wrapped.Value), Name), maxDepth: 16));
    }

    /// <summary>Wraps the keys in a folder anew, and those that were not wrapped yet; answers how many.</summary>
    public static int Rewrap(string folder, KeyEncryptionKey by, Func<string, KeyEncryptionKey?> find)
    {
        var count = 0;
        foreach (var path in Directory.GetFiles(folder, "key-*.xml"))
        {
            var file = XElement.Load(SafeXml.Read(File.ReadAllBytes(path), maxDepth: 16));
            foreach (var wrapped in file.Descendants("wrappedKey").ToArray())
                wrapped.ReplaceWith(Wrap(Open(wrapped, find), by));
            foreach (var plain in file.Descendants().Where(e => (string?)e.Attribute(Files + "requiresEncryption") == "true").ToArray())
                plain.ReplaceWith(new XElement(Files + "encryptedSecret", new XAttribute("decryptorType", typeof(KeyRingXmlDecryptor).AssemblyQualifiedName!), Wrap(plain, by)));
            OwnerOnly.WriteFile(path, Encoding.UTF8.GetBytes(file.ToString()));
            count++;
        }

        return count;
    }

    private static XElement Wrap(XElement plain, KeyEncryptionKey by) => new("wrappedKey", new XAttribute("by", by.Id),
        Convert.ToBase64String(by.Wrap(Encoding.UTF8.GetBytes(plain.ToString(SaveOptions.DisableFormatting)), Name)));
}

/// <summary>What Data Protection makes by name when it reads a key that <see cref="KeyRingXml"/> has wrapped.</summary>
internal sealed class KeyRingXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) => KeyRingXml.Open(encryptedElement, services.GetRequiredService<EncryptionKeys>().FindKeyEncryptionKey);
}
