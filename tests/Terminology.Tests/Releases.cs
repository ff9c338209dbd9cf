using FhirEmr.Terminology.Import;
using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.Tests;

/// <summary>A throw-away terminology folder and the small release files tests write into it.</summary>
internal sealed class Releases : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("fhiremr-terms-");

    public Releases() => Service = Open();

    public string Folder => Path.Combine(root.FullName, "terminology");

    public TerminologyService Service { get; private set; }

    /// <summary>What a restart sees.</summary>
    public TerminologyService Open(ValueSets.ResourceShelf? resources = null) => new(Folder, TimeProvider.System, resources);

    public string File(string name, string content) => File(name, System.Text.Encoding.UTF8.GetBytes(content));

    public string File(string name, byte[] content)
    {
        var path = Path.Combine(root.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllBytes(path, content);
        return path;
    }

    public ImportReport Import(ReleaseKind kind, string name, string content, ImportOptions? options = null) =>
        Service.Import(kind, File(name, content), options, TestContext.Current.CancellationToken);

    /// <summary>A line of the ICD-10-CM order file.</summary>
    public static string Order(int number, string code, bool isBillable, string title) =>
        $"{number:00000} {code,-7} {(isBillable ? 1 : 0)} {(title.Length > 60 ? title[..60] : title),-60} {title}\n";

    public static ConceptTable Table(params ConceptRow[] rows) => ConceptTable.Build(rows);

    public void Dispose() => root.Delete(recursive: true);
}
