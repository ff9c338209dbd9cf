using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Outbound;
using FhirEmr.FhirServer.Storage;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Operations.Import;

/// <summary>Where files may come from, and how each is read: allowed servers, Binaries of this one, and one folder.</summary>
internal sealed class ImportSources(IOptions<ImportOptions> options, GuardedHttpClient outbound, IResourceStore store, ContentStore contents, LocalAddress address)
{
    public const string FileScheme = "file:";

    private const string FolderRight = "job.manage";

    private readonly ImportOptions open = options.Value;

    /// <summary>The import folder of this node, whole; null when it has none.</summary>
    public string? Folder { get; } = options.Value.Folder is { Length: > 0 } folder ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) : null;

    /// <summary>Why it cannot be taken from there; null when it may be tried. Said at the kick-off and again when it is fetched.</summary>
    public string? Fault(string url, AccessPlan access)
    {
        if (BinaryOf(url) is not null)
            return null;
        if (url.StartsWith(FileScheme, StringComparison.Ordinal))
            return !access.Holds(FolderRight) ? $"{url}: files of the server take the right {FolderRight}."
                : PathOf(url, out var why) is null ? $"{url}: {why}" : null;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("https" or "http"))
            return $"{ImportErrors.Name(url)}: give an https address, Binary/[id] of this server, or file:name below the import folder.";
        return !open.AllowedOrigins.Any(o => IsOrigin(o, address))
            ? $"{address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)} is not among the servers that files may be fetched from: an operator names them in Import:AllowedOrigins."
            : outbound.Fault(address) is { } fault ? $"{ImportErrors.Name(url)}: {fault}" : null;
    }

    /// <summary>A <c>file:</c> that is not in this node's folder, which may be asked for.</summary>
    public bool IsMissing(string url) => url.StartsWith(FileScheme, StringComparison.Ordinal) && !(PathOf(url, out _) is { } path && File.Exists(path));

    /// <exception cref="ImportFaultException">It is not there, or not open to who asks.</exception>
    /// <exception cref="OutboundException">The other server did not give it.</exception>
    public async Task<Stream> OpenAsync(string url, AccessPlan access, CancellationToken ct)
    {
        if (Fault(url, access) is { } fault)
            throw new ImportFaultException(fault) { IsOfNode = url.StartsWith(FileScheme, StringComparison.Ordinal) && Folder is null };
        if (BinaryOf(url) is { } binary)
            return await OpenAsync(binary, access, ct);
        if (!url.StartsWith(FileScheme, StringComparison.Ordinal))
            return await outbound.OpenAsync(new Uri(url), ct);
        try
        {
            return new FileStream(PathOf(url, out _)!, FileMode.Open, FileAccess.Read, FileShare.Read, 128 * 1024, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImportFaultException($"{url} is not in the import folder, or cannot be read.") { IsOfNode = true };
        }
    }

    private ResourceKey? BinaryOf(string url) => address.TryGetKey(url, out var key) && key.Type == AccessPlan.Binary ? key : null;

    private async Task<Stream> OpenAsync(ResourceKey binary, AccessPlan access, CancellationToken ct)
    {
        if (!access.Of(binary.Type).Allows(Interaction.Read) || await store.ReadAsync(binary, access, ct) is not { IsDeleted: false } stored)
            throw new ImportFaultException($"{binary} is not known here.");
        if (ContentPointer.Find(stored.Json.Span, out _, out _) is { } content)
            return new PiecedStream(contents.ReadAsync(content, 0, content.Size, access, ct));
        var data = FhirJsonReader.Read(stored.Json, out _)!.Root.Child("data");
        if (!data.Exists)
            return Stream.Null;
        return new Base64Reader(data.Utf8.ToArray());
    }

    /// <summary>The file's path; null, and why, when it lies outside of the folder or behind a link.</summary>
    private string? PathOf(string url, out string? why)
    {
        why = "no import folder is configured (Import:Folder).";
        if (Folder is not { } root)
            return null;
        why = "it must lie below the import folder, and not behind a link.";
        var name = url[FileScheme.Length..];
        if (name.Length == 0 || Path.IsPathRooted(name) || name.Contains('\0', StringComparison.Ordinal))
            return null;
        var path = Path.GetFullPath(Path.Combine(root, name));
        if (!path.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            return null;
        for (var at = path; at.Length > root.Length; at = Path.GetDirectoryName(at)!)
            if (new FileInfo(at) is { LinkTarget: not null })
                return null;
        why = null;
        return path;
    }

    private static bool IsOrigin(string allowed, Uri address) => Uri.TryCreate(allowed, UriKind.Absolute, out var origin)
        && origin.Scheme == address.Scheme && origin.IdnHost.Equals(address.IdnHost, StringComparison.OrdinalIgnoreCase) && origin.Port == address.Port;
}
