using System.Globalization;
using System.Text;
using System.Text.Json;

namespace FhirEmr.Conformance.Tests.Search;

/// <summary>What our own count needs of one resource in the input files, read with System.Text.Json and nothing of the server's.</summary>
internal sealed record SyntheaRecord(string Type, string Id)
{
    public string? Patient { get; private init; }

    public string? Status { get; private init; }

    /// <summary>Codings of <c>code</c>, as system|code.</summary>
    public IReadOnlyList<string> Codes { get; private init; } = [];

    /// <summary>First and last calendar day, where it took place.</summary>
    public (string First, string Last)? Days { get; private init; }

    /// <summary>When it took place, for the order of a sorted answer.</summary>
    public DateTimeOffset? At { get; private init; }

    /// <summary>Name parts, folded.</summary>
    public IReadOnlyList<string> Names { get; private init; } = [];

    /// <summary>What an ExplanationOfBenefit's reference parameters point at, as Type/id.</summary>
    public IReadOnlySet<string> References { get; private init; } = new HashSet<string>();

    /// <summary>Each resource once: the same hospital stands in many files.</summary>
    public static IReadOnlyList<SyntheaRecord> ReadAll(IEnumerable<string> files)
    {
        var all = new Dictionary<(string, string), SyntheaRecord>();
        foreach (var file in files)
        {
            using var bundle = JsonDocument.Parse(File.ReadAllBytes(file));
            var entries = bundle.RootElement.GetProperty("entry").EnumerateArray().ToArray();
            var urls = entries.ToDictionary(
                e => e.GetProperty("fullUrl").GetString()!, e => $"{Text(e.GetProperty("resource"), "resourceType")}/{Text(e.GetProperty("resource"), "id")}");
            foreach (var entry in entries)
            {
                var record = Read(entry.GetProperty("resource"), urls);
                all[(record.Type, record.Id)] = record;
            }
        }

        return [.. all.Values];
    }

    /// <summary>Lower case, without accents.</summary>
    public static string Fold(string text) => new(
        [.. text.Normalize(NormalizationForm.FormD).Where(c => CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark).Select(char.ToLowerInvariant)]);

    private static SyntheaRecord Read(JsonElement resource, Dictionary<string, string> urls)
    {
        var (from, to) = resource.TryGetProperty("period", out var period)
            ? (Text(period, "start"), Text(period, "end"))
            : (Text(resource, "effectiveDateTime"), Text(resource, "effectiveDateTime"));
        return new(Text(resource, "resourceType")!, Text(resource, "id")!)
        {
            Patient = (Resolve(resource, "subject") ?? Resolve(resource, "patient"))?.Split('/')[1],
            Status = Text(resource, "status"),
            Codes = resource.TryGetProperty("code", out var code) && code.TryGetProperty("coding", out var codings)
                ? [.. codings.EnumerateArray().Select(c => $"{Text(c, "system")}|{Text(c, "code")}")]
                : [],
            Days = from is not null ? (from[..10], (to ?? "9999-12-31")[..10]) : null,
            At = from is not null ? DateTimeOffset.Parse(from, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) : null,
            Names = [.. Items(resource, "name").SelectMany(n => Strings(n, "given").Concat(Strings(n, "prefix")).Concat(Strings(n, "suffix")).Append(Text(n, "family")).OfType<string>()).Select(Fold)],
            References = new[] { Resolve(resource, "patient"), Resolve(resource, "provider"), Resolve(resource, "claim"), Resolve(resource, "facility"), Resolve(resource, "enterer") }
                .Concat(Items(resource, "careTeam").Select(c => Resolve(c, "provider")))
                .Concat(Items(resource, "item").SelectMany(i => Items(i, "encounter")).Select(e => Resolve(e)))
                .OfType<string>().ToHashSet(),
        };

        string? Resolve(JsonElement parent, string? name = null)
        {
            var reference = parent;
            if (name is not null && !parent.TryGetProperty(name, out reference))
                return null;
            return Text(reference, "reference") is { } written && urls.TryGetValue(written, out var key) ? key : null;
        }
    }

    private static IEnumerable<JsonElement> Items(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray().Where(i => i.ValueKind == JsonValueKind.Object) : [];

    private static IEnumerable<string> Strings(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray().Select(i => i.GetString()!) : [];

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
