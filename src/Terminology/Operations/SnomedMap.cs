using System.Globalization;
using System.Text.RegularExpressions;
using FhirEmr.Terminology.CodeSystems.Editions;
using FhirEmr.Terminology.ConceptMaps.Fhir;
using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.Terminology.Operations;

/// <summary>The extended map from SNOMED CT to ICD-10-CM: in each group the first line, by priority, whose rule holds (billing.md §8.11).</summary>
/// <remarks>Rules ask for sex, age and other findings. They are told as dependencies: gender, age (in years, or with a unit: 5 days), finding (a SNOMED code). What is not known leaves a line a candidate.</remarks>
internal static partial class SnomedMap
{
    private const string Male = "248153007";
    private const string Female = "248152002";
    private const string AgeAtOnset = "445518008";

    public static IEnumerable<TranslationMatch> Translate(SystemCatalog catalog, string code, TranslationRequest request, DateOnly on)
    {
        if (catalog.Editions.Find(CodeSystemUrls.SnomedToIcd10Cm, null, on) is not { } map)
            yield break;
        var lines = map.AllRows(code).Select(row => Line(map, row)).ToArray();
        foreach (var group in lines.GroupBy(l => l.Group).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            foreach (var line in group.OrderBy(l => l.Priority, StringComparer.Ordinal))
            {
                var holds = Holds(line.Rule, request.Dependencies);
                if (holds == false)
                    continue;
                var target = line.Target.Length == 0 ? null : CodeSystems.CodeForm.Shown(CodeSystemUrls.Icd10Cm, CodeSystems.CodeForm.Matching(line.Target));
                yield return new(target is null ? "unmatched" : holds == true ? "relatedto" : "inexact", target is null ? null : CodeSystemUrls.Icd10Cm, target,
                    target is not null && catalog.Find(CodeSystemUrls.Icd10Cm, null, on) is TableSystem icd && icd.FindAnyDay(target) is >= 0 and var row ? icd.Display(row) : null,
                    [new("mapGroup", null, line.Group.TrimStart('0'), null)], CodeSystemUrls.SnomedToIcd10Cm, line.Advice);
                if (holds == true)
                    break;
            }
        }
    }

    /// <summary>Whether a rule holds; null when it asks for what is not known.</summary>
    internal static bool? Holds(string rule, IReadOnlyList<MapDependency> known)
    {
        if (rule is "TRUE" or "OTHERWISE TRUE" or "")
            return true;
        bool? all = true;
        foreach (var part in rule.Split(" AND ", StringSplitOptions.TrimEntries))
        {
            var holds = Condition().Match(part) is { Success: true } condition ? One(condition, known) : null;
            if (holds == false)
                return false;
            if (holds is null)
                all = null;
        }

        return all;
    }

    private static bool? One(Match condition, IReadOnlyList<MapDependency> known)
    {
        var concept = condition.Groups[1].Value;
        switch (concept)
        {
            case Male or Female:
                return Value("gender", known) is "male" or "female" ? Value("gender", known) == (concept == Male ? "male" : "female") : null;
            case AgeAtOnset when condition.Groups[2].Success:
                if (Value("age", known) is not { } age || Days(age) is not { } days || Days($"{condition.Groups[3].Value} {condition.Groups[4].Value}") is not { } limit)
                    return null;
                return condition.Groups[2].Value switch { "<" => days < limit, "<=" => days <= limit, ">" => days > limit, ">=" => days >= limit, _ => days == limit };
            default:
                var findings = known.Where(d => d.Property == "finding").Select(d => d.Value).ToArray();
                return findings.Length == 0 ? null : findings.Contains(concept);
        }
    }

    private static string? Value(string property, IReadOnlyList<MapDependency> known) => known.Where(d => d.Property == property).Select(d => d.Value).FirstOrDefault();

    private static decimal? Days(string age)
    {
        var parts = age.Split(' ', 2, StringSplitOptions.TrimEntries);
        return decimal.TryParse(parts[0], NumberStyles.Number, CultureInfo.InvariantCulture, out var number)
            ? number * (parts.ElementAtOrDefault(1)?.TrimEnd('s') switch { "day" => 1m, "week" => 7m, "month" => 30.4375m, _ => 365.25m })
            : null;
    }

    private static (string Group, string Priority, string Rule, string? Advice, string Target) Line(TableSystem map, int row)
    {
        var properties = map.Properties(row).ToLookup(p => p.Code, p => p.Value);
        return (properties["group"].FirstOrDefault("1"), properties["priority"].FirstOrDefault("1"), properties["rule"].FirstOrDefault(""), properties["advice"].FirstOrDefault(), map.Display(row) ?? "");
    }

    // IFA 445518008 | Age at onset of clinical finding (observable entity) | < 1.0 years
    [GeneratedRegex(@"^(?:IFA|IF)\s+(\d+)\s*\|[^|]*\|\s*(?:(<=|>=|<|>|=)\s*([\d.]+)\s*(\w+))?")]
    private static partial Regex Condition();
}
