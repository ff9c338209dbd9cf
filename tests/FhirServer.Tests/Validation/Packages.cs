using System.Formats.Tar;
using System.IO.Compression;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Validation;
using FhirEmr.FhirServer.Validation.Definitions;
using FhirEmr.Terminology;

namespace FhirEmr.FhirServer.Tests.Validation;

/// <summary>The FHIR packages at hand: R4's own in <c>fhir-packages</c>, four guides beside the repository. Tests that need them skip without.</summary>
internal static class Packages
{
    public const string Core = "hl7.fhir.r4.examples-4.0.1.tgz";
    public const string WhyNot = Core + " is not in fhir-packages.";
    public const string WhyNoGuides = "There are no implementation guides in ../shared/data/fhir-packages.";

    private static readonly Lazy<ProfileValidator?> Shared = new(Make);

    /// <summary>One validator for all tests, over all packages; null when R4's own are not here.</summary>
    public static ProfileValidator? Validator => Shared.Value;

    public static ProfileValidator Needed()
    {
        Assert.SkipWhen(Validator is null, WhyNot);
        return Validator!;
    }

    /// <summary>The same with these definitions stored in the server, which go before those of packages. Needs <see cref="Validator"/>.</summary>
    public static ProfileValidator With(IEnumerable<ReadOnlyMemory<byte>> definitions)
    {
        var stored = new StoredConformance();
        stored.Take(definitions.Select((d, i) => (new ResourceKey("StructureDefinition", $"{i}"), 1, d)));
        return Over(new DefinitionStore(Folder, stored));
    }

    public static string? Find(string file) => new[] { Path.Combine(Root, "fhir-packages", file), Path.Combine(Root, "..", "shared", "data", "fhir-packages", file) }.FirstOrDefault(File.Exists);

    /// <summary>Files of a package, read one after the other.</summary>
    public static IEnumerable<(string Name, byte[] Json)> Files(string package, Func<string, bool> wanted)
    {
        using var tar = new TarReader(new GZipStream(File.OpenRead(Find(package)!), CompressionMode.Decompress));
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is not { } stream || !entry.Name.EndsWith(".json", StringComparison.Ordinal) || !wanted(entry.Name))
                continue;
            var bytes = new byte[entry.Length];
            stream.ReadExactly(bytes);
            yield return (entry.Name[(entry.Name.LastIndexOf('/') + 1)..], bytes);
        }
    }

    private static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "FhirEmr.sln")))
                folder = folder.Parent;
            return folder?.FullName ?? throw new DirectoryNotFoundException("FhirEmr.sln is in no folder above the tests.");
        }
    }

    private static ProfileValidator? Make()
    {
        if (Find(Core) is null)
            return null;
        FhirSchema.WarmUp();
        var folder = Folder;
        foreach (var name in (string[])[Core, .. Guides.All.Select(g => g.File)])
            if (Find(name) is { } file && (!File.Exists(Path.Combine(folder, name)) || new FileInfo(Path.Combine(folder, name)).Length != new FileInfo(file).Length))
                File.Copy(file, Path.Combine(folder, name), overwrite: true);
        var store = new DefinitionStore(folder, new StoredConformance());
        if (store.IsStale)
        {
            DefinitionBuild.Run(folder, CancellationToken.None);
            store.Reload();
        }

        return Over(store);
    }

    private static string Folder => Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "fhiremr-test-definitions")).FullName;

    private static ProfileValidator Over(DefinitionStore store) => new(store, new TerminologyService(null, TimeProvider.System, store).ValueSets, TimeProvider.System);
}

/// <summary>The guides whose examples are validated.</summary>
internal static class Guides
{
    public static (string File, string Version, string Canonical)[] All { get; } =
    [
        ("hl7.fhir.us.core-3.1.1.tgz", "3.1.1", "http://hl7.org/fhir/us/core/"),
        ("hl7.fhir.us.core-6.1.0.tgz", "6.1.0", "http://hl7.org/fhir/us/core/"),
        ("hl7.fhir.us.carin-bb-2.0.0.tgz", "2.0.0", "http://hl7.org/fhir/us/carin-bb/"),
        ("hl7.fhir.us.davinci-pas-2.0.1.tgz", "2.0.1", "http://hl7.org/fhir/us/davinci-pas/"),
    ];
}
