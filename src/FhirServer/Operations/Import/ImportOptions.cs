namespace FhirEmr.FhirServer.Operations.Import;

/// <summary>From where records may be taken in. Bound from <c>Import</c>; nothing is open that is not named here.</summary>
public sealed class ImportOptions
{
    /// <summary>Servers that files may be fetched from, as <c>https://host</c> or <c>https://host:port</c> (security S-76). Compared whole: neither subdomains nor other ports.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>A folder of this machine whose files operators may name as <c>file:name</c>; null for none.</summary>
    public string? Folder { get; set; }

    /// <summary>Most bytes of one file, decompressed (security S-75).</summary>
    public long FileBytes { get; set; } = 1024L * 1024 * 1024;

    /// <summary>How many times larger than itself a compressed file may become (security S-75).</summary>
    public int CompressionRatio { get; set; } = 100;
}
