using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.FhirServer.Validation.Definitions;

/// <summary>Definitions by canonical URL: those stored in the server first, then those of packages, read on demand.</summary>
/// <remarks>Nothing is opened until the first question. One instance serves all threads; what it has read is given away, not kept.</remarks>
internal sealed class DefinitionStore(string folder, StoredConformance stored) : ICanonicalSource, IDisposable
{
    private static readonly PackageReport[] None = [];

    private readonly Lock gate = new();
    private volatile Opened? opened;
    private long packageGeneration;

    public string Folder => folder;

    public long Generation => Interlocked.Read(ref packageGeneration) + stored.Generation;

    /// <summary>What is known of the packages in use; empty when there are none, or nothing has been built of them.</summary>
    public IReadOnlyList<PackageReport> Packages => Current.File?.Packages ?? None;

    /// <summary>Whether R4's own definitions are here.</summary>
    public bool HasBase => Current.Index.TryFind("StructureDefinition", "http://hl7.org/fhir/StructureDefinition/Patient", null, out _, out _);

    /// <summary>Whether packages were added, replaced or taken away since the file was built.</summary>
    public bool IsStale => Current.File is { } file ? file.Fingerprint != DefinitionBuild.Fingerprint(folder) : DefinitionBuild.Packages(folder).Count > 0;

    public IReadOnlyList<DefinitionEntry> Entries => Current.File?.Entries ?? [];

    private Opened Current => opened ?? Open();

    public ReadOnlyMemory<byte>? Find(string resourceType, string url, string? version)
    {
        if (stored.Find(resourceType, url, version) is { } own)
            return own;
        var current = Current;
        return current.Index.TryFind(resourceType, url, version, out var entry, out _) ? current.File!.Read(entry) : default(ReadOnlyMemory<byte>?);
    }

    public IEnumerable<string> All(string resourceType) => stored.Urls(resourceType).Concat(Current.Index.Urls(resourceType)).Distinct();

    /// <summary>Uses the file as it is on disk now; what was in use before stays so when it cannot be opened.</summary>
    public void Reload()
    {
        lock (gate)
        {
            if (opened is null || DefinitionFile.Open(Path.Combine(folder, DefinitionBuild.FileName)) is not { } file)
                return;
            opened = new(file); // the old one may still be read: its handle closes when it is collected
        }

        Interlocked.Increment(ref packageGeneration);
    }

    public void Dispose() => opened?.File?.Dispose();

    private Opened Open()
    {
        lock (gate)
            return opened ??= new(DefinitionFile.Open(Path.Combine(folder, DefinitionBuild.FileName)));
    }

    private sealed class Opened(DefinitionFile? file)
    {
        public DefinitionFile? File { get; } = file;

        public DefinitionIndex<bool> Index { get; } = new((file?.Entries ?? []).Select(e => (e, true)));
    }
}
