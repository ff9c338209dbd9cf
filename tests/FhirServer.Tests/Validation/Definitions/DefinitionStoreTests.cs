using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Validation.Definitions;

namespace FhirEmr.FhirServer.Tests.Validation.Definitions;

public sealed class DefinitionStoreTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("fhir-emr-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Versions_lie_side_by_side_and_the_newest_active_one_is_meant_without_a_version()
    {
        Pack("a", "1.0.0", ("v1", Set("1.9.0", "active", "nine")), ("v2", Set("1.10.0", "active", "ten")), ("v3", Set("2.0.0", "draft", "draft")));
        using var store = Built();

        Assert.Contains("ten", Find(store, null), StringComparison.Ordinal);
        Assert.Contains("nine", Find(store, "1.9.0"), StringComparison.Ordinal);
        Assert.Contains("draft", Find(store, "2"), StringComparison.Ordinal);
        Assert.Null(store.Find("ValueSet", "urn:vs", "3"));
        Assert.Null(store.Find("ValueSet", "urn:none", null));
    }

    [Fact]
    public void What_is_stored_goes_before_packages_and_counts_the_generation_up()
    {
        Pack("a", "1.0.0", ("v1", Set("1.0.0", "active", "packed")));
        var stored = new StoredConformance();
        DefinitionBuild.Run(folder, CancellationToken.None);
        using var store = new DefinitionStore(folder, stored);
        var before = store.Generation;

        stored.Take([(new("ValueSet", "1"), 1, Encoding.UTF8.GetBytes(Set("1.0.0", "active", "mine")))]);

        Assert.True(store.Generation > before);
        Assert.Contains("mine", Find(store, null), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_what_is_stored_the_newest_version_counts_however_late_the_others_come()
    {
        var stored = new StoredConformance();
        using var store = new DefinitionStore(Path.Combine(folder, "none"), stored);
        ResourceKey one = new("ValueSet", "1"), other = new("ValueSet", "2");

        stored.Take([(one, 2, Encoding.UTF8.GetBytes(Set("1.0.0", "active", "second"))), (one, 1, Encoding.UTF8.GetBytes(Set("1.0.0", "active", "first")))]);
        stored.Take([(other, 1, Encoding.UTF8.GetBytes("""{"resourceType":"ValueSet","status":"active"}"""))]);
        Assert.Contains("second", Find(store, null), StringComparison.Ordinal);
        Assert.Equal(2, stored.Count("ValueSet"));

        var before = store.Generation;
        stored.Take([(one, 1, Encoding.UTF8.GetBytes(Set("1.0.0", "active", "first")))]);
        Assert.Equal(before, store.Generation);
        stored.Take([(one, 3, default)]);
        stored.Take([(one, 2, Encoding.UTF8.GetBytes(Set("1.0.0", "active", "second")))]);
        Assert.Null(store.Find("ValueSet", "urn:vs", null));
        Assert.Equal(1, stored.Count("ValueSet"));
        stored.Forget("ValueSet");
        Assert.Equal(0, stored.Count("ValueSet"));
    }

    [Fact]
    public void A_package_that_breaks_keeps_what_it_gave_and_says_what_is_wrong()
    {
        var file = Pack("a", "1.0.0", ("v1", Set("1.0.0", "active", "good")));
        Pack("b", "1.0.0", ("v1", Set("2.0.0", "active", "other")));
        DefinitionBuild.Run(folder, CancellationToken.None);
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^60]);

        var reports = DefinitionBuild.Run(folder, CancellationToken.None);
        using var store = new DefinitionStore(folder, new StoredConformance());

        Assert.True(reports[0].IsKept);
        Assert.Contains("cannot be read to its end", Assert.Single(reports[0].Problems), StringComparison.Ordinal);
        Assert.Empty(reports[1].Problems);
        Assert.Contains("good", Find(store, "1.0.0"), StringComparison.Ordinal);
    }

    [Fact]
    public void Dependencies_that_are_not_there_are_listed()
    {
        Pack("a", "1.0.0", ("v1", Set("1.0.0", "active", "x")));
        using var store = Built();

        Assert.Equal([("a#1.0.0", "not.there#3.0.0")], PackageReport.Missing(store.Packages));
    }

    [Fact]
    public void Without_a_folder_there_is_nothing_and_nothing_fails()
    {
        using var store = new DefinitionStore(Path.Combine(folder, "none"), new StoredConformance());

        Assert.Null(store.Find("ValueSet", "urn:vs", null));
        Assert.False(store.IsStale);
        Assert.Empty(store.Packages);
    }

    [Fact]
    public void A_file_that_was_cut_short_is_none()
    {
        Pack("a", "1.0.0", ("v1", Set("1.0.0", "active", "x")));
        DefinitionBuild.Run(folder, CancellationToken.None);
        var path = Path.Combine(folder, DefinitionBuild.FileName);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^5]);

        Assert.Null(DefinitionFile.Open(path));
    }

    private DefinitionStore Built()
    {
        DefinitionBuild.Run(folder, CancellationToken.None);
        return new(folder, new StoredConformance());
    }

    private static string? Find(DefinitionStore store, string? version) => store.Find("ValueSet", "urn:vs", version) is { } json ? Encoding.UTF8.GetString(json.Span) : null;

    private static string Set(string version, string status, string title) =>
        $$"""{"resourceType":"ValueSet","url":"urn:vs","version":"{{version}}","text":{"status":"empty"},"status":"{{status}}","title":"{{title}}"}""";

    private string Pack(string id, string version, params (string Name, string Json)[] files)
    {
        var path = Path.Combine(folder, $"{id}-{version}.tgz");
        using var tar = new TarWriter(new GZipStream(File.Create(path), CompressionMode.Compress), TarEntryFormat.Ustar);
        var dependencies = id == "a" ? "{\"not.there\":\"3.0.0\"}" : "{}";
        Add("package.json", $$"""{"name":"{{id}}","version":"{{version}}","dependencies":{{dependencies}},"fhirVersions":["4.0.1"]}""");
        foreach (var (name, json) in files)
            Add(name + ".json", json);
        return path;

        void Add(string name, string json) => tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "package/" + name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(json)) });
    }
}
