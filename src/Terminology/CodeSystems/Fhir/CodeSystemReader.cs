using System.Text.Json;

namespace FhirEmr.Terminology.CodeSystems.Fhir;

/// <summary>CodeSystem as JSON → its concepts (codesystem.html). Throws <see cref="JsonException"/> and <see cref="FormatException"/> for what is none.</summary>
internal sealed class CodeSystemReader
{
    private const string Known = "http://hl7.org/fhir/concept-properties#";
    private readonly List<ResourceConcept> concepts = [];
    private readonly Dictionary<string, int> rows = new(StringComparer.Ordinal);
    private readonly List<(string Parent, string Child)> links = [];
    private readonly Dictionary<string, string> meanings = new(StringComparer.Ordinal);

    private CodeSystemReader()
    {
    }

    public static CodeSystemResource Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, JsonElements.Deep);
        return Read(document.RootElement);
    }

    public static CodeSystemResource Read(JsonElement resource)
    {
        if (resource.Text("resourceType") != "CodeSystem" || resource.Text("url") is not { } url)
            throw new FormatException("This is no CodeSystem with a url.");
        var header = new CodeSystemHeader(url, resource.Text("version"),
            resource.Text("content") switch
            {
                "complete" => ContentMode.Complete,
                "fragment" or "example" => ContentMode.Fragment,
                null when resource.TryGetProperty("concept", out _) => ContentMode.Complete,
                _ => ContentMode.NotPresent,
            },
            resource.Text("title") ?? resource.Text("name"), resource.Text("copyright"),
            !resource.TryGetProperty("caseSensitive", out var sensitive) || sensitive.ValueKind != JsonValueKind.False);
        var reader = new CodeSystemReader();
        foreach (var property in resource.Each("property"))
        {
            // A system may call the well-known properties as it likes; their uri tells which they are.
            if (property.Text("code") is { } code)
                reader.meanings[code] = property.Text("uri") is { } uri && uri.StartsWith(Known, StringComparison.Ordinal) ? uri[Known.Length..] : code;
        }

        reader.Add(resource, CodeSystemContent.None);
        foreach (var (parent, child) in reader.links)
        {
            if (reader.rows.TryGetValue(parent, out var above) && reader.rows.TryGetValue(child, out var below))
                reader.Link(above, below);
        }

        return new(header, reader.concepts);
    }

    private void Add(JsonElement holder, int parent)
    {
        foreach (var element in holder.Each("concept"))
        {
            if (element.Text("code") is not { } code)
                continue;
            // Listed again (below a second parent): the first one stays, its places add up.
            if (!rows.TryGetValue(code, out var row))
            {
                rows[code] = row = concepts.Count;
                concepts.Add(ReadConcept(element, code));
            }

            if (parent >= 0)
                Link(parent, row);
            Add(element, row);
        }
    }

    private ResourceConcept ReadConcept(JsonElement element, string code)
    {
        var concept = new ResourceConcept(code) { Display = element.Text("display"), Definition = element.Text("definition") };
        foreach (var designation in element.Each("designation"))
        {
            if (designation.Text("value") is { } value)
                concept.Designations.Add(designation.ToDesignation(value));
        }

        foreach (var property in element.Each("property"))
        {
            if (property.Text("code") is not { } name || ReadValue(property, name) is not { } value)
                continue;
            switch (meanings.GetValueOrDefault(name, name))
            {
                case "parent" or "subsumedBy":
                    links.Add((value.Value, code));
                    break;
                case "child":
                    links.Add((code, value.Value));
                    break;
                case "notSelectable" or "abstract":
                    concept.IsAbstract |= value.Value == "true";
                    break;
                case "inactive":
                    concept.IsInactive |= value.Value == "true";
                    break;
                case "status":
                    concept.IsInactive |= value.Value is "retired" or "inactive";
                    concept.Properties.Add(value);
                    break;
                default:
                    concept.Properties.Add(value);
                    break;
            }
        }

        return concept;
    }

    private static ConceptProperty? ReadValue(JsonElement property, string name)
    {
        foreach (var member in property.EnumerateObject())
        {
            if (!member.Name.StartsWith("value", StringComparison.Ordinal) || member.Name.Length == 5)
                continue;
            var type = member.Name[5..];
            return member.Value.ValueKind switch
            {
                JsonValueKind.String => new(name, char.ToLowerInvariant(type[0]) + type[1..], member.Value.GetString()!),
                JsonValueKind.Object when member.Value.Text("code") is { } code =>
                    new(name, type, code) { System = member.Value.Text("system"), Description = member.Value.Text("display") },
                JsonValueKind.True or JsonValueKind.False or JsonValueKind.Number => new(name, type.ToLowerInvariant(), member.Value.GetRawText()),
                _ => null,
            };
        }

        return null;
    }

    private void Link(int parent, int child)
    {
        if (parent == child || concepts[child].Parents.Contains(parent))
            return;
        concepts[child].Parents.Add(parent);
        concepts[parent].Children.Add(child);
    }
}
