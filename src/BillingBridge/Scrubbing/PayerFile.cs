using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.Terminology;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>The practice's payer rows, <see cref="Name"/> in the folder of tables: a JSON array, each row only what differs from the defaults of its family.</summary>
public static class PayerFile
{
    public const string Name = "payer-rows.json";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>The rows, or what is wrong with the file in sentences: a row that was misread would hold or let go claims that nobody meant.</summary>
    public static (IReadOnlyList<PayerProfile> Rows, IReadOnlyList<string> Faults) Read(string json, ITerminology terminology)
    {
        JsonArray array;
        try
        {
            array = JsonNode.Parse(json, documentOptions: new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }) as JsonArray ?? throw new JsonException("it is not an array of rows.");
        }
        catch (JsonException e)
        {
            return ([], [$"{Name} cannot be read: {e.Message}"]);
        }

        var (rows, faults) = (new List<PayerProfile>(), new List<string>());
        var known = RuleBook.Rules(terminology, EditTables.None).Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var (i, row) in array.Index())
        {
            try
            {
                var profile = Row(row as JsonObject ?? throw new JsonException("it is no object."));
                faults.AddRange(Faults(profile, known).Select(f => $"{Name}, row {i + 1}: {f}"));
                rows.Add(profile);
            }
            catch (JsonException e)
            {
                faults.Add($"{Name}, row {i + 1}: {e.Message}");
            }
        }

        return (rows, faults);
    }

    private static PayerProfile Row(JsonObject row)
    {
        var families = Enum.GetValues<PayerFamily>().ToDictionary(f => JsonNamingPolicy.CamelCase.ConvertName(f.ToString()));
        var name = row.FirstOrDefault(p => p.Key.Equals("family", StringComparison.OrdinalIgnoreCase)).Value?.ToString();
        if (name is null || !families.TryGetValue(name, out var family))
            throw new JsonException($"family is {(name is null ? "missing" : $"'{name}'")}; it is one of {string.Join(", ", families.Keys)}.");
        var whole = JsonSerializer.SerializeToNode(PayerDirectory.DefaultOf(family), Format)!.AsObject();
        foreach (var (member, value) in row)
            whole[JsonNamingPolicy.CamelCase.ConvertName(member)] = value?.DeepClone();
        return whole.Deserialize<PayerProfile>(Format)!;
    }

    private static IEnumerable<string> Faults(PayerProfile row, HashSet<string> known)
    {
        if (!IsRegex(row.MemberIdPattern))
            yield return $"memberIdPattern '{row.MemberIdPattern}' is no regular expression.";
        if (row.To < row.From)
            yield return "to lies before from.";
        foreach (var rule in row.Overrides.Select(o => o.RuleId).Where(id => !known.Contains(id) && !id.StartsWith("PAY-", StringComparison.Ordinal)))
            yield return $"overrides names rule {rule}, which there is none of (docs/scrub-rules.md).";
        foreach (var rule in row.Rules.Where(r => !r.Id.StartsWith("PAY-", StringComparison.Ordinal)))
            yield return $"rules has {rule.Id}: the payer's own rules are PAY-001 and on.";
    }

    private static bool IsRegex(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.None, TimeSpan.FromSeconds(1));
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
