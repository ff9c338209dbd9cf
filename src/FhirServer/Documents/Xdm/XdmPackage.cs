using System.IO.Compression;
using System.Security.Cryptography;
using System.Xml;
using System.Xml.Linq;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Documents.Xdm;

/// <summary>One document of a package.</summary>
/// <param name="Name">Its URI in the metadata.</param>
internal sealed record XdmDocument(string Name, string MediaType, ReadOnlyMemory<byte> Content);

/// <summary>A package as Direct messages carry it: a zip with <c>IHE_XDM/[subset]/METADATA.XML</c> and the documents that it names.</summary>
/// <remarks>
/// IHE ITI Technical Framework 3, XDM. Nothing is ever written to disk or found by a path of the archive's own: entries are read as streams into
/// memory, and only those that the metadata names (security S-75). A link, an absolute name or one with <c>..</c> refuses the whole package, as does
/// what unpacks to more than <see cref="MaxBytes"/> or more than a hundred times its size, and a document that is not what the metadata says.
/// </remarks>
internal sealed record XdmPackage(IReadOnlyList<XdmDocument> Documents)
{
    public const int MaxEntries = 10_000;
    public const long MaxBytes = 200L * 1024 * 1024;

    /// <summary>One entry, unpacked; and how small it may have been. The first mebibyte is free: a page of blanks is no attack.</summary>
    private const int MaxRatio = 100;
    private const long FreeBytes = 1024 * 1024;

    /// <summary>Of one METADATA.XML: it is read into a tree.</summary>
    private const long MaxMetadata = 4 * 1024 * 1024;
    private const int MaxElements = 100_000;

    private const int UnixType = 0xF000, UnixFile = 0x8000, UnixFolder = 0x4000;

    private static readonly XNamespace Rim = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0";

    /// <summary>Whether the bytes begin as a zip archive does.</summary>
    public static bool Looks(ReadOnlySpan<byte> bytes) => bytes.StartsWith("PK\u0003\u0004"u8);

    /// <returns>The package, or a sentence that says why it is refused.</returns>
    public static (XdmPackage? Package, string? Fault) Read(ReadOnlyMemory<byte> zip)
    {
        try
        {
            using var stream = new MemoryStream(zip.ToArray(), writable: false);
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read);
            if (archive.Entries.Count > MaxEntries)
                return (null, $"The package has {archive.Entries.Count} entries; at most {MaxEntries} are read.");
            var entries = new Dictionary<string, ZipArchiveEntry>(StringComparer.OrdinalIgnoreCase);
            foreach (var entry in archive.Entries)
            {
                if (Wrong(entry) is { } why)
                    return (null, $"The package has an entry that {why}: it is refused as a whole.");
                if (!entries.TryAdd(entry.FullName, entry))
                    return (null, "The package has two entries of one name: it is refused as a whole.");
            }

            return Read(entries);
        }
        catch (Exception e) when (e is InvalidDataException or XmlException)
        {
            return (null, $"The package cannot be read: {e.Message}");
        }
    }

    private static (XdmPackage?, string?) Read(Dictionary<string, ZipArchiveEntry> entries)
    {
        var left = MaxBytes;
        var documents = new List<XdmDocument>();
        var subsets = entries.Keys.Where(n => n.Split('/') is ["IHE_XDM", _, "METADATA.XML"] or ["IHE_XDM", _, "metadata.xml"]).Order(StringComparer.Ordinal).ToArray();
        if (subsets.Length == 0)
            return (null, "The package has no IHE_XDM/SUBSET01/METADATA.XML: it is no XDM package.");
        foreach (var subset in subsets)
        {
            using var reader = SafeXml.Read(Bytes(entries[subset], ref left, MaxMetadata), 64, MaxElements);
            reader.MoveToContent();
            var metadata = (XElement)XNode.ReadFrom(reader);
            foreach (var described in metadata.DescendantsAndSelf(Rim + "ExtrinsicObject"))
            {
                if (Slot(described, "URI") is not { } uri)
                    return (null, "The metadata names a document without its URI.");
                var name = subset[..(subset.LastIndexOf('/') + 1)] + uri;
                if (uri.Split('/').Contains("..") || !entries.TryGetValue(name, out var entry))
                    return (null, "The metadata names a document that is not in the package.");
                var content = Bytes(entry, ref left);
                if (Slot(described, "size") is { } size && size != content.Length.ToString(System.Globalization.CultureInfo.InvariantCulture))
                    return (null, "A document of the package has another size than its metadata says.");
                if (Slot(described, "hash") is { } hash && !string.Equals(hash, Hash(content), StringComparison.OrdinalIgnoreCase))
                    return (null, "A document of the package has another hash than its metadata says: it was changed on its way.");
                documents.Add(new(uri, described.Attribute("mimeType")?.Value.Trim().ToLowerInvariant() ?? "application/octet-stream", content));
            }
        }

        return documents.Count == 0 ? (null, "The metadata names no document.") : (new(documents), null);
    }

    /// <summary>SHA-1 as XDS has it (ITI TF-3 4.2.3.2.10): it finds what was broken on the way, and is trusted with nothing more.</summary>
    public static string Hash(ReadOnlySpan<byte> content)
    {
#pragma warning disable CA5350 // the standard's hash
        return Convert.ToHexStringLower(SHA1.HashData(content));
#pragma warning restore CA5350
    }

    private static string? Wrong(ZipArchiveEntry entry)
    {
        var name = entry.FullName;
        if (name.Length == 0 || name[0] is '/' or '\\' || name.Contains('\\', StringComparison.Ordinal) || name.Contains(':', StringComparison.Ordinal) || name.Any(char.IsControl))
            return "has an absolute or foreign name";
        if (name.Split('/').Contains(".."))
            return "leads out of the package";
        if (((entry.ExternalAttributes >> 16) & UnixType) is not (0 or UnixFile or UnixFolder))
            return "is a link or a device";
        return entry.IsEncrypted ? "is encrypted" : null;
    }

    private static byte[] Bytes(ZipArchiveEntry entry, ref long left, long limit = MaxBytes)
    {
        var most = Math.Min(Math.Min(left, limit), FreeBytes + (entry.CompressedLength * MaxRatio));
        using var source = entry.Open();
        using var whole = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int count; (count = source.Read(buffer)) > 0;)
        {
            if (whole.Length + count > most)
                throw new InvalidDataException("it unpacks to more than it may.");
            whole.Write(buffer, 0, count);
        }

        left -= whole.Length;
        return whole.ToArray();
    }

    private static string? Slot(XElement described, string name) => described.Elements(Rim + "Slot").Where(s => s.Attribute("name")?.Value == name)
        .SelectMany(s => s.Descendants(Rim + "Value")).Select(v => v.Value.Trim()).FirstOrDefault(v => v.Length > 0);
}
