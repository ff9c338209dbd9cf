using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.CdsHooks;

/// <summary>Whether a diagnosis could be said more exactly, by the ICD-10-CM release in force on a day.</summary>
internal sealed class SpecificCodes(ITerminology terminology)
{
    public const string Topic = "diagnosis-specificity";

    /// <summary>Choices that a card offers to take up; more are a list nobody reads.</summary>
    private const int MostChoices = 8;

    private static readonly string[] Reasons = [OverrideReasons.NotDocumented, OverrideReasons.Intended, OverrideReasons.NotToday];

    /// <summary>A heading, which no payer takes, or an unspecified code that has specific neighbours; null for all others and for codes that no release here knows.</summary>
    public Unspecific? Find(CodeableConcept? concept, DateOnly day)
    {
        foreach (var coding in concept?.Coding ?? [])
        {
            if (coding is not { System: { } system, Code: { Length: > 0 } code } || CodeSystemUrls.Canonical(system) != CodeSystemUrls.Icd10Cm || terminology.Find(CodeSystemUrls.Icd10Cm, code, day) is not { } own)
                continue;
            if (!own.IsBillable)
                return new Unspecific(coding, own, true, [.. Below(own.Code, day).Take(MostChoices)]);
            if (!Says(own, "unspecified"))
                continue;
            var parent = own.Code.Length > 3 ? own.Code[..^1].TrimEnd('.') : null;
            var choices = parent is null ? [] : terminology.Children(CodeSystemUrls.Icd10Cm, parent, day).Where(c => c.IsBillable && c.Code != own.Code && c.Code.Length == own.Code.Length && !Says(c, "unspecified")).Take(MostChoices).ToList();
            if (choices.Count > 0)
                return new Unspecific(coding, own, false, choices);
        }

        return null;
    }

    /// <summary>The card of a diagnosis.</summary>
    /// <param name="where">What carries it, as a reference.</param>
    /// <param name="changed">That resource with another coding in the place of the unspecific one; null where it cannot be changed.</param>
    public static CdsCard Card(Unspecific found, string? where, Func<Coding, Resource>? changed)
    {
        var title = found.Own.Display is { } display ? $"{found.Own.Code} ({display})" : found.Own.Code;
        return new CdsCard(Topic, found.IsHeading ? CdsIndicator.Warning : CdsIndicator.Info, found.IsHeading ? $"{title} is a heading: no payer takes it as a diagnosis" : $"{title} has more specific codes beside it")
        {
            Detail = found.Choices.Count == 0 ? null : string.Join('\n', found.Choices.Select(c => $"- {c.Code} {CdsCardWriter.Escape(c.Display)}").Prepend($"By {found.Own.Edition}:\n")),
            Facts = where is null ? [] : [where],
            Suggestions = changed is null ? [] : [.. found.Choices.Select(c => new CdsSuggestion(
                $"{c.Code} {c.Display}".TrimEnd(), [new CdsAction(CdsActionType.Update, $"Write {c.Code} in the place of {found.Own.Code}", changed(new Coding(CodeSystemUrls.Icd10Cm, c.Code, c.Display)))]))],
            OverrideReasons = Reasons,
        };
    }

    /// <summary>A copy of the diagnosis with one coding in the place of another.</summary>
    public static Condition Changed(Condition condition, Coding old, Coding with)
    {
        var copy = (Condition)condition.DeepCopy();
        Replace(copy.Code, old, with);
        return copy;
    }

    /// <summary>A concept with one coding in the place of another.</summary>
    public static void Replace(CodeableConcept? concept, Coding old, Coding with)
    {
        if (concept is null)
            return;
        var at = concept.Coding.FindIndex(c => c.System == old.System && c.Code == old.Code);
        if (at < 0)
            return;
        concept.Coding[at] = (Coding)with.DeepCopy();
        concept.Text = with.Display; // the words were those of the other code
    }

    /// <summary>What may be billed below a heading; specific codes first.</summary>
    private IEnumerable<Concept> Below(string heading, DateOnly day)
    {
        var (found, open) = (new List<Concept>(), new Queue<string>([heading]));
        while (open.TryDequeue(out var code) && found.Count < 10 * MostChoices)
            foreach (var child in terminology.Children(CodeSystemUrls.Icd10Cm, code, day))
            {
                if (child.IsBillable)
                    found.Add(child);
                else
                    open.Enqueue(child.Code);
            }

        return found.OrderBy(c => Says(c, "unspecified")).ThenBy(c => c.Code, StringComparer.Ordinal);
    }

    private static bool Says(Concept concept, string word) => concept.Display?.Contains(word, StringComparison.OrdinalIgnoreCase) == true;
}

/// <param name="Coding">As the record has it.</param>
/// <param name="IsHeading">It groups codes and is none itself.</param>
internal sealed record Unspecific(Coding Coding, Concept Own, bool IsHeading, IReadOnlyList<Concept> Choices);
