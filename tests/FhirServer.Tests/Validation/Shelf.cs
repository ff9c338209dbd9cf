using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Validation;
using FhirEmr.FhirServer.Validation.Definitions;

namespace FhirEmr.FhirServer.Tests.Validation;

/// <summary>A validator over a few definitions written in a test: what needs no packages is tested without them.</summary>
internal static class Shelf
{
    public static ProfileValidator Of(params string[] definitions)
    {
        var stored = new StoredConformance();
        stored.Take(definitions.Select((d, i) => (new ResourceKey("StructureDefinition", $"{i}"), 1, (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(d))));
        return new(new DefinitionStore(Path.Combine(Path.GetTempPath(), "no-such-folder-of-packages"), stored), null, TimeProvider.System);
    }

    /// <summary>A profile: the elements are lines of JSON as they stand in a snapshot.</summary>
    public static string Profile(string name, string type, params string[] elements) =>
        $$$"""
        {"resourceType":"StructureDefinition","url":"urn:test:{{{name}}}","version":"1","name":"Test","status":"active","kind":"resource","abstract":false,
         "type":"{{{type}}}","derivation":"constraint","snapshot":{"element":[{"id":"{{{type}}}","path":"{{{type}}}"}{{{string.Concat(elements.Select(e => "," + e))}}}]}}
        """;

    public static ValidationReport Check(this ProfileValidator validator, string json, params string[] profiles) =>
        validator.Validate(new(Encoding.UTF8.GetBytes(json), profiles), new ValidationOptions(), TestContext.Current.CancellationToken);

    /// <summary>Ids and paths of the errors.</summary>
    public static string[] Errors(this ValidationReport report) => [.. report.Issues.Where(i => i.Severity == Severity.Error).Select(i => $"{i.Id} {i.Path}")];
}
