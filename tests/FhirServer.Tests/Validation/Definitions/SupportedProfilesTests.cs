using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using FhirEmr.FhirServer.Validation.Definitions;

namespace FhirEmr.FhirServer.Tests.Validation.Definitions;

public sealed class SupportedProfilesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("fhir-emr-profiles-").FullName;

    [Fact]
    public void Profiles_of_guides_are_listed_by_type_once_R4_itself_is_here()
    {
        Package("guide", Definition("http://guide/patient", "Patient", "constraint"), Definition("http://guide/retired", "Patient", "constraint", "retired"), Definition("http://guide/extension", "Extension", "constraint", kind: "complex-type"));
        Build();
        using (var store = new DefinitionStore(folder, new StoredConformance()))
            Assert.Empty(SupportedProfiles.Of(store)); // nothing to build on

        Package("base", Definition("http://hl7.org/fhir/StructureDefinition/Patient", "Patient", "specialization"), Definition("http://hl7.org/fhir/StructureDefinition/vitalsigns", "Observation", "constraint"));
        Build();
        using (var store = new DefinitionStore(folder, new StoredConformance()))
        {
            var profiles = SupportedProfiles.Of(store);
            Assert.Equal(["http://guide/patient"], profiles["Patient"]);
            Assert.Empty(profiles["Observation"]); // R4's own go without saying
            Assert.Single(profiles);
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string Definition(string url, string type, string derivation, string status = "active", string kind = "resource") => $$"""
        {"resourceType":"StructureDefinition","url":"{{url}}","version":"1.0.0","name":"X","status":"{{status}}","kind":"{{kind}}","abstract":false,"type":"{{type}}","derivation":"{{derivation}}",
         "baseDefinition":"http://hl7.org/fhir/StructureDefinition/{{type}}","snapshot":{"element":[{"id":"{{type}}","path":"{{type}}","min":0,"max":"*"}]} }
        """;

    private void Build() => DefinitionBuild.Run(folder, CancellationToken.None);

    private void Package(string name, params string[] definitions)
    {
        using var tar = new TarWriter(new GZipStream(File.Create(Path.Combine(folder, $"{name}-1.0.0.tgz")), CompressionLevel.Fastest));
        foreach (var (i, json) in definitions.Prepend($$"""{"name":"{{name}}","version":"1.0.0"}""").Index())
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, i == 0 ? "package/package.json" : $"package/StructureDefinition-{i}.json") { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(json)) });
    }
}
