using FhirEmr.Terminology.ConceptMaps;

namespace FhirEmr.Terminology;

/// <summary>Codes and their meaning on a date. Everything else in this project serves these questions.</summary>
/// <remarks>
/// Codes are matched without dots, upper-cased and trimmed; <see cref="Concept.Code"/> is returned in display form (<c>E11.42</c>).
/// Every question takes a date because code sets change on 1 October, 1 January and, some years, 1 April:
/// a claim is judged by the code set in force on its date of service, not today's.
/// </remarks>
public interface ITerminology
{
    /// <summary>The concept, or null when the editions in force on <paramref name="asOf"/> do not have it.</summary>
    Concept? Find(string system, string code, DateOnly asOf);

    /// <summary>Whether a table can answer for this system on this date, and whether it is complete or our demo fragment.</summary>
    TableState StateOf(string system, DateOnly asOf);

    /// <summary>Direct children, in code order; empty for leaves and unknown codes.</summary>
    IReadOnlyList<Concept> Children(string system, string code, DateOnly asOf);

    /// <summary>Ranked search by words or code prefix, best first.</summary>
    IReadOnlyList<ConceptHit> Search(string system, string text, DateOnly asOf, int limit);

    /// <summary>Targets our ConceptMaps give for a source code, best first; empty when unmapped.</summary>
    IReadOnlyList<ConceptMapping> Translate(string sourceSystem, string sourceCode, string targetSystem);

    /// <summary>
    /// The targets that fit what is known: age bands, new or established patient, encounter class, dates. Ordered by
    /// <see cref="ConceptMapping.Group"/>, best first inside a group; bill the first of each group.
    /// </summary>
    IReadOnlyList<ConceptMapping> Translate(string sourceSystem, string sourceCode, string targetSystem, MappingContext context) =>
        Translate(sourceSystem, sourceCode, targetSystem);

    /// <summary>As <see cref="StateOf"/>, for the modifiers of a system: CPT codes and CPT modifiers come in separate files.</summary>
    TableState StateOfModifiers(string system, DateOnly asOf) => StateOf(system, asOf);

    /// <summary>The code as every known edition has it, oldest first: to say until when a code was valid.</summary>
    IReadOnlyList<Concept> History(string system, string code) => [];
}

/// <summary>One code of one system, as it stood on the date asked for.</summary>
/// <param name="System">Canonical URL, see <see cref="CodeSystemUrls"/>.</param>
/// <param name="Code">Display form: ICD-10-CM with its dot.</param>
/// <param name="Display">Long title; our own wording for demo CPT codes, null for a CPT code known by shape only.</param>
/// <param name="IsBillable">False for headers (order-file flag 0): they group, they are not reported.</param>
/// <param name="ValidFrom">First day in force, when the release says.</param>
/// <param name="ValidTo">Last day in force, when the release says.</param>
/// <param name="Edition">The release that answered, e.g. <c>icd10cm-2022</c>; findings quote it.</param>
/// <param name="Properties">Release columns worth keeping (HCPCS coverage, BETOS, type of service ...), <c>kind</c> code or modifier, <c>parent</c>, <c>shortTitle</c>.</param>
public sealed record Concept(
    string System, string Code, string? Display, bool IsBillable, DateOnly? ValidFrom, DateOnly? ValidTo, string Edition,
    IReadOnlyDictionary<string, string> Properties);

/// <summary>A search hit and its score; higher is better, comparable within one answer only.</summary>
public sealed record ConceptHit(Concept Concept, double Score);

/// <summary>One target of a concept map.</summary>
/// <param name="Equivalence">FHIR <c>concept-map-equivalence</c>: equivalent, wider, narrower, inexact ...</param>
/// <param name="NeedsChoice">True when a coder must choose (rule DX-025).</param>
/// <param name="Advice">What to check before using the target, in words; may be null.</param>
public sealed record ConceptMapping(string System, string Code, string? Display, string Equivalence, bool NeedsChoice, string? Advice)
{
    /// <summary>Mappings of one group are alternatives; each group adds a code of its own (vaccine and its administration).</summary>
    public int Group { get; init; } = 1;

    /// <summary>A modifier the target is reported with (95 for telehealth visits); may be null.</summary>
    public string? Modifier { get; init; }

    /// <summary>When the target applies; null when always.</summary>
    public MappingCondition? When { get; init; }
}

/// <summary>What a system's table can answer on a date.</summary>
public enum TableState
{
    /// <summary>No edition in force: rules say "not evaluated".</summary>
    None,

    /// <summary>Only our demo fragment: presence proves, absence does not.</summary>
    Fragment,

    /// <summary>A whole release: absence means the code is not valid.</summary>
    Complete,
}
