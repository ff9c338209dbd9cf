using System.Text.Json;
using FhirEmr.Terminology.CodeSystems.Fhir;

namespace FhirEmr.Terminology.ConceptMaps.Fhir;

/// <summary>ConceptMap as JSON → <see cref="MapDefinition"/> (conceptmap.html). Throws <see cref="JsonException"/> and <see cref="FormatException"/> for what is none.</summary>
internal static class MapReader
{
    public static MapDefinition Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, JsonElements.Deep);
        var map = document.RootElement;
        if (map.Text("resourceType") != "ConceptMap")
            throw new FormatException("This is no ConceptMap.");
        var (lines, unmapped) = (new List<MapLine>(), new List<UnmappedRule>());
        foreach (var group in map.Each("group"))
        {
            var (source, target) = (group.Text("source"), group.Text("target"));
            foreach (var element in group.Each("element"))
            {
                if (element.Text("code") is not { } code)
                    continue;
                var targets = element.Each("target").ToArray();
                lines.AddRange(targets.Length == 0
                    ? [new(source, code, element.Text("display"), null, null, null, "unmatched", null, [], [])]
                    : targets.Select(t => new MapLine(source, code, element.Text("display"), target, t.Text("code"), t.Text("display"),
                        t.Text("equivalence") ?? "relatedto", t.Text("comment"), Dependencies(t, "dependsOn"), Dependencies(t, "product"))));
            }

            if (group.TryGetProperty("unmapped", out var rule) && rule.Text("mode") is { } mode)
                unmapped.Add(new(source, target, mode, rule.Text("code"), rule.Text("display"), rule.Text("url")));
        }

        return new(map.Text("url"), map.Text("sourceUri") ?? map.Text("sourceCanonical"), map.Text("targetUri") ?? map.Text("targetCanonical"), lines, unmapped);
    }

    private static MapDependency[] Dependencies(JsonElement target, string name) =>
        [.. target.Each(name).Where(d => d.Text("property") is not null && d.Text("value") is not null)
            .Select(d => new MapDependency(d.Text("property")!, d.Text("system"), d.Text("value")!, d.Text("display")))];
}
