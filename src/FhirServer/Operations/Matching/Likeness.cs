using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Operations.Matching;

/// <summary>Whether somebody here is the one described, where something is to be written into their record and no person looks on.</summary>
/// <param name="Certain">The one who is; null when nobody is, or it is not certain.</param>
/// <param name="Candidates">Who may be, the likeliest first.</param>
/// <param name="Doubt">Why a person has to say; null when one is certain, and when nobody is alike.</param>
internal sealed record Likeness(StoredResource? Certain, IReadOnlyList<(StoredResource Patient, MatchScore Score)> Candidates, string? Doubt)
{
    /// <summary>Said of those who are only a little like somebody here.</summary>
    public const string NotSure = "Nobody here is this patient with any likelihood; some are a little like them.";

    /// <param name="isCut">Not all who share something with the one described were compared.</param>
    public static Likeness Of(PatientTraits asked, IReadOnlyList<StoredResource> found, bool isCut)
    {
        var graded = found.Select(f => (Patient: f, Traits: PatientTraits.Of(f.Json)))
            .Where(f => f.Traits.ReplacedBy is null)
            .Select(f => (f.Patient, f.Traits, Score: MatchScore.Of(asked, f.Traits))).Where(f => f.Score.Grade != MatchScore.CertainlyNot)
            .OrderByDescending(f => f.Score.Value).ThenBy(f => f.Patient.Sid).ToList();
        var candidates = graded.ConvertAll(g => (g.Patient, g.Score));
        if (graded is [{ Score.Grade: MatchScore.Certain } best, ..] && graded.Count(g => g.Score.Grade == MatchScore.Certain) == 1 && !isCut)
            // Two numbers of one authority are two records, or two people; but for one who has both.
            return asked.Identifiers.Exists(n => IsOther(n, asked, best.Traits)) ? new(null, candidates, "Somebody very like the patient is here under another number of the same authority.") : new(best.Patient, candidates, null);
        return graded.Exists(g => g.Score.Grade is MatchScore.Certain or MatchScore.Probable) ? new(null, candidates, "Somebody like the patient is here, and it is not certain that they are the same.")
            : graded.Count > 0 || isCut ? new(null, candidates, NotSure) : new(null, [], null);
    }

    /// <summary>Whether those described have, of the number's authority, none that the record has, which has others.</summary>
    private static bool IsOther(PersonIdentifier number, PatientTraits asked, PatientTraits there) => number is { System: { Length: > 0 } system, IsOfRecord: true }
        && NumbersOf(there, system).ToArray() is { Length: > 0 } others && !NumbersOf(asked, system).Intersect(others).Any();

    private static IEnumerable<string> NumbersOf(PatientTraits traits, string system) => traits.Identifiers.Where(i => i.System == system && i.IsOfRecord).Select(i => i.Value);
}
