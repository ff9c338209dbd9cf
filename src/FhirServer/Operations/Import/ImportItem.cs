using System.Globalization;
using System.Text;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Operations.Export;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Operations.Import;

/// <summary>A line as it will be written, or why it is not.</summary>
internal sealed class ImportItem(NdJsonLine line)
{
    public NdJsonLine Line { get; } = line;

    public FhirNode Resource { get; private set; }

    /// <summary>Under which key it is written; default when it cannot be.</summary>
    public ResourceKey Key { get; private set; }

    /// <summary>It brings no id: it gets one of ours.</summary>
    public bool IsNewId { get; private set; }

    public RestoredVersion? Restored { get; private set; }

    public FhirFault? Fault { get; set; }

    /// <summary>What stands there stays.</summary>
    public bool IsSkipped { get; set; }

    /// <summary>The content of a large Binary is stored ahead of it.</summary>
    public ContentPointer? Ahead { get; set; }

    public bool IsWritten => Fault is null && !IsSkipped;

    /// <summary>With its content replaced by a pointer.</summary>
    public void Replace(FhirNode resource, ContentPointer? ahead) => (Resource, Ahead) = (resource, ahead);

    /// <param name="type">What the manifest says it is; null for anything.</param>
    /// <param name="rename">Its new key; null to keep what it has.</param>
    public static ImportItem Read(NdJsonLine line, string? type, bool keepsVersion, Func<ResourceKey, ResourceKey>? rename, long now)
    {
        var item = new ImportItem(line);
        item.Fault = item.Read(type, keepsVersion, rename, now);
        return item;
    }

    private FhirFault? Read(string? type, bool keepsVersion, Func<ResourceKey, ResourceKey>? rename, long now)
    {
        if (Line.IsTooLong)
            return FhirFault.Of(FaultKind.TooLarge, $"The line has more than {NdJsonLine.MostBytes} bytes.");
        if (RequestBody.Read(Line.Bytes, FhirFormats.JsonMediaType, out var resource) is { } unreadable)
            return unreadable;
        Resource = resource;
        if (type is not null && resource.Type.Name != type)
            return FhirFault.Of(FaultKind.Invalid, $"This is a {resource.Type.Name}, and the file is one of {type} resources.", code: "value");
        var id = resource.TextOf("id");
        IsNewId = id is null;
        var own = new ResourceKey(resource.Type.Name, id ?? NewId.Next());
        Key = rename is null || IsNewId ? own : rename(own);
        return keepsVersion ? Version(now) : null;
    }

    private FhirFault? Version(long now)
    {
        var meta = Resource.Child("meta");
        var number = meta.Exists ? meta.TextOf("versionId") : null;
        var updated = meta.Exists ? meta.TextOf("lastUpdated") : null;
        if (number is null && updated is null)
            return null; // it never had one
        if (!int.TryParse(number ?? "1", NumberStyles.None, CultureInfo.InvariantCulture, out var version) || version is 0 or > 1_000_000_000)
            return FhirFault.Of(FaultKind.Invalid, "The versionId is no number, so it cannot be kept: import it without versions=keep.", $"{Resource.Type.Name}.meta.versionId", "value");
        var at = now;
        if (updated is not null)
        {
            if (!FhirDate.TryParse(Encoding.UTF8.GetBytes(updated), out _) || !DateTimeOffset.TryParse(updated, CultureInfo.InvariantCulture, out var instant))
                return FhirFault.Of(FaultKind.Invalid, "lastUpdated cannot be read.", $"{Resource.Type.Name}.meta.lastUpdated", "value");
            at = instant.ToUnixTimeMilliseconds();
            if (at > now || at <= 0)
                return FhirFault.Of(FaultKind.Invalid, "lastUpdated lies in the future, so it cannot be kept.", $"{Resource.Type.Name}.meta.lastUpdated", "value");
        }

        Restored = new(version, at);
        return null;
    }
}
