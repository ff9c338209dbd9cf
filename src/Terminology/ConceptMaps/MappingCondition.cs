using System.Globalization;

namespace FhirEmr.Terminology.ConceptMaps;

/// <summary>When a target of a map applies. Null members do not matter.</summary>
/// <remarks>Written in the map files as <c>age=18-39;patient=new;class=AMB;reason=no;payer=medicare;sex=female;followup=no;from=2018-01-01</c>.</remarks>
/// <param name="MinAge">Youngest age, itself included.</param>
/// <param name="MaxAge">Oldest age, itself included.</param>
public sealed record MappingCondition(
    Age? MinAge = null, Age? MaxAge = null, string? Sex = null, bool? IsNewPatient = null, string? EncounterClass = null,
    bool? HasReason = null, bool? IsFollowUp = null, bool? IsMedicare = null, DateOnly? From = null, DateOnly? To = null)
{
    /// <summary>True unless something known speaks against it.</summary>
    public bool Allows(MappingContext context) =>
        (MinAge is not { } min || min.Of(context) is not { } age || age >= min.Number)
        && (MaxAge is not { } max || max.Of(context) is not { } old || old <= max.Number)
        && (Sex is null || context.Sex is not ("female" or "male") || Sex == context.Sex)
        && Agrees(IsNewPatient, context.IsNewPatient)
        && (EncounterClass is null || context.EncounterClass is null || EncounterClass == Kind(context.EncounterClass))
        && Agrees(HasReason, context.HasReason)
        && Agrees(IsFollowUp, context.IsFollowUp)
        && Agrees(IsMedicare, context.IsMedicare)
        && (From is not { } first || context.ServiceDate is not { } day || day >= first)
        && (To is not { } last || context.ServiceDate is not { } date || date <= last);

    internal static MappingCondition Parse(string text)
    {
        var condition = new MappingCondition();
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = part.Split('=') is [var k, var v] ? (k, v) : throw new FormatException($"'{part}' is not key=value.");
            var ages = value.Split('-');
            condition = key switch
            {
                "age" => condition with { MinAge = Age.Parse(ages[0]), MaxAge = Age.Parse(ages[1]) },
                "sex" => condition with { Sex = value },
                "patient" => condition with { IsNewPatient = value == "new" },
                "class" => condition with { EncounterClass = value },
                "reason" => condition with { HasReason = value == "yes" },
                "followup" => condition with { IsFollowUp = value == "yes" },
                "payer" => condition with { IsMedicare = value == "medicare" },
                "from" => condition with { From = DateOnly.ParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture) },
                "to" => condition with { To = DateOnly.ParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture) },
                _ => throw new FormatException($"'{key}' is not a condition of a map."),
            };
        }

        return condition;
    }

    private static bool Agrees(bool? wanted, bool? known) => wanted is null || known is null || wanted == known;

    // v3-ActEncounterCode: acute, non-acute, observation and short stays are stays; everything else comes and goes.
    private static string Kind(string encounterClass) => encounterClass switch
    {
        "EMER" => "EMER",
        "IMP" or "ACUTE" or "NONAC" or "OBSENC" or "SS" => "IMP",
        _ => "AMB",
    };
}

/// <summary>An age limit in whole years or in days.</summary>
public readonly record struct Age(int Number, bool IsDays)
{
    internal int? Of(MappingContext context) => IsDays ? context.AgeDays : context.AgeYears;

    internal static Age? Parse(string text) => text.Length == 0 ? null
        : text[^1] == 'd' ? new(int.Parse(text[..^1], CultureInfo.InvariantCulture), true)
        : new(int.Parse(text, CultureInfo.InvariantCulture), false);
}
