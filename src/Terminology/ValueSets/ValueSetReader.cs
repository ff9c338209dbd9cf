using System.Globalization;
using System.Text.Json;
using FhirEmr.Terminology.CodeSystems.Fhir;

namespace FhirEmr.Terminology.ValueSets;

/// <summary>ValueSet as JSON → <see cref="ValueSetDefinition"/>. Throws <see cref="JsonException"/> and <see cref="FormatException"/> for what is none.</summary>
internal static class ValueSetReader
{
    private const string TooCostly = "http://hl7.org/fhir/StructureDefinition/valueset-toocostly";
    private const string Unclosed = "http://hl7.org/fhir/StructureDefinition/valueset-unclosed";

    public static ValueSetDefinition Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, JsonElements.Deep);
        return Read(document.RootElement);
    }

    public static ValueSetDefinition Read(JsonElement valueSet)
    {
        if (valueSet.Text("resourceType") != "ValueSet")
            throw new FormatException("This is no ValueSet.");
        var compose = valueSet.ValueKind == JsonValueKind.Object && valueSet.TryGetProperty("compose", out var composed) ? composed : default;
        return new(
            valueSet.Text("url"), valueSet.Text("version"), valueSet.Text("name"), valueSet.Text("title"), valueSet.Text("status"), valueSet.Text("copyright"),
            DateOnly.TryParseExact(compose.Text("lockedDate"), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var locked) ? locked : null,
            compose.Flag("inactive") ?? true,
            [.. compose.Each("include").Select(ReadPart)], [.. compose.Each("exclude").Select(ReadPart)],
            valueSet.TryGetProperty("expansion", out var expansion) && expansion.ValueKind == JsonValueKind.Object ? ReadExpansion(expansion) : null);
    }

    private static ValueSetPart ReadPart(JsonElement part)
    {
        var system = part.Text("system");
        return new(system, part.Text("version"),
            [.. part.Each("concept").Where(c => c.Text("code") is not null).Select(c => ReadCode(c, system ?? "", part.Text("version")))],
            [.. part.Each("filter").Select(f => new ValueSetFilter(f.Text("property") ?? "", f.Text("op") ?? "", f.Text("value") ?? ""))],
            [.. part.Each("valueSet").Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!)]);
    }

    private static ListedCode ReadCode(JsonElement concept, string system, string? version) => new(
        system, version, concept.Text("code")!, concept.Text("display"), concept.Flag("abstract") ?? false, concept.Flag("inactive"),
        [.. concept.Each("designation").Where(d => d.Text("value") is not null).Select(d => d.ToDesignation(d.Text("value")!))]);

    /// <summary>Null for what is only a part of the whole: a page, or one cut short.</summary>
    private static List<ListedCode>? ReadExpansion(JsonElement expansion)
    {
        var all = new List<ListedCode>();
        var listed = 0;
        Collect(expansion);
        var isCut = expansion.Each("extension").Any(e => e.Text("url") is TooCostly or Unclosed);
        var isPage = expansion.Number("total") > listed;
        return isCut || isPage ? null : all;

        void Collect(JsonElement holder)
        {
            foreach (var contains in holder.Each("contains"))
            {
                listed++;
                if (contains.Text("system") is { } system && contains.Text("code") is not null)
                    all.Add(ReadCode(contains, system, contains.Text("version")));
                Collect(contains);
            }
        }
    }
}
