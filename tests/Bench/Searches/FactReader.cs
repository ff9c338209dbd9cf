using System.Globalization;
using System.Text.Json;

namespace FhirEmr.Bench.Searches;

/// <summary>Reads <see cref="Facts"/> from the JSON of one resource. Nothing of the server's code is used: it is what we check.</summary>
/// <param name="resolve">Turns a reference as written into <c>Type/id</c> as stored; null when it leads nowhere.</param>
internal sealed class FactReader(Func<string, string?> resolve)
{
    public Facts Read(string key, JsonElement resource)
    {
        var (type, id) = (key[..key.IndexOf('/', StringComparison.Ordinal)], key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        var references = new HashSet<string>(StringComparer.Ordinal);
        Collect(resource, references);
        return new Facts(type, id)
        {
            Patient = Reference(resource, "subject") ?? Reference(resource, "patient"),
            Encounter = Reference(resource, "encounter"),
            ServiceProvider = Reference(resource, "serviceProvider"),
            Participants = [.. Items(resource, "participant").Select(p => Reference(p, "individual")).OfType<string>()],
            References = references,
            Codes = [.. Concepts(resource, type switch { "Immunization" => "vaccineCode", "MedicationRequest" => "medicationCodeableConcept", _ => "code" })],
            Categories = [.. Concepts(resource, "category")],
            ClinicalStatus = [.. Concepts(resource, "clinicalStatus")],
            Tags = resource.TryGetProperty("meta", out var meta) ? [.. Items(meta, "tag").Select(Coding)] : [],
            Identifiers = [.. Items(resource, "identifier").Select(i => new Token(Text(i, "system"), Text(i, "value")))],
            Class = resource.TryGetProperty("class", out var coding) && coding.ValueKind == JsonValueKind.Object ? Coding(coding) : null,
            Status = Text(resource, "status"),
            Gender = Text(resource, "gender"),
            Date = Date(type, resource),
            Birth = FhirTime.Span(Text(resource, "birthDate")),
            HasAbatement = resource.TryGetProperty("abatementDateTime", out _) || resource.TryGetProperty("abatementPeriod", out _),
            Quantity = Quantity(resource),
            Names = [.. Names(type, resource).Select(TextFold.Fold)],
            Families = [.. type == "Patient" ? Items(resource, "name").Select(n => Text(n, "family")).OfType<string>().Select(TextFold.Fold) : []],
            Cities = [.. Items(resource, "address").Select(a => Text(a, "city")).OfType<string>().Select(TextFold.Fold)],
            HasPostalCode = Items(resource, "address").Any(a => Text(a, "postalCode") is not null),
        };
    }

    private static Span? Date(string type, JsonElement resource) => type switch
    {
        "Encounter" => FhirTime.Period(resource, "period"),
        "Observation" or "DiagnosticReport" => FhirTime.Span(Text(resource, "effectiveDateTime")) ?? FhirTime.Period(resource, "effectivePeriod"),
        "Procedure" => FhirTime.Span(Text(resource, "performedDateTime")) ?? FhirTime.Period(resource, "performedPeriod"),
        "Immunization" => FhirTime.Span(Text(resource, "occurrenceDateTime")),
        "Claim" or "ExplanationOfBenefit" => FhirTime.Span(Text(resource, "created")),
        _ => null,
    };

    private static Measured? Quantity(JsonElement resource) =>
        resource.TryGetProperty("valueQuantity", out var quantity) && quantity.TryGetProperty("value", out var value)
            ? new Measured(decimal.Parse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture), Text(quantity, "system"), Text(quantity, "code"))
            : null;

    private static IEnumerable<string> Names(string type, JsonElement resource)
    {
        if (type == "Organization")
            return Strings(resource, "alias").Concat(Text(resource, "name") is { } name ? [name] : []);
        if (type is not ("Patient" or "Practitioner"))
            return [];
        return Items(resource, "name").SelectMany(n =>
            ((string?[])[Text(n, "family"), Text(n, "text")]).OfType<string>().Concat(Strings(n, "given")).Concat(Strings(n, "prefix")).Concat(Strings(n, "suffix")));
    }

    private string? Reference(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var reference) && reference.ValueKind == JsonValueKind.Object && Text(reference, "reference") is { } written
            ? resolve(written)
            : null;

    private void Collect(JsonElement element, HashSet<string> references)
    {
        if (element.ValueKind == JsonValueKind.Array)
            foreach (var item in element.EnumerateArray())
                Collect(item, references);
        if (element.ValueKind != JsonValueKind.Object)
            return;
        foreach (var member in element.EnumerateObject())
            if (member.NameEquals("reference") && member.Value.ValueKind == JsonValueKind.String)
            {
                if (resolve(member.Value.GetString()!) is { } target)
                    references.Add(string.Intern(target));
            }
            else
            {
                Collect(member.Value, references);
            }
    }

    private static IEnumerable<Token> Concepts(JsonElement resource, string name) => Items(resource, name).SelectMany(c => Items(c, "coding")).Select(Coding);

    private static Token Coding(JsonElement coding) => new(Text(coding, "system"), Text(coding, "code"));

    /// <summary>The elements of an array, or the one object that stands where R4 allows only one.</summary>
    private static IEnumerable<JsonElement> Items(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out var value))
            return [];
        return value.ValueKind switch
        {
            JsonValueKind.Array => value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.Object),
            JsonValueKind.Object => [value],
            _ => [],
        };
    }

    private static IEnumerable<string> Strings(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!)
            : [];

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? string.Intern(value.GetString()!) : null;
}
