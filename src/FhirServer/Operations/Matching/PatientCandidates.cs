using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Operations.Matching;

/// <summary>Whether a record that a number leads to is the patient who is meant.</summary>
internal static class PatientCandidates
{
    private const int MostLinks = 8;

    /// <summary>Of a record that was merged away, the one that replaced it; null when that is not here or not the caller's to read, and when links lead in a circle: nothing is to be written into the one that was replaced.</summary>
    public static async Task<StoredResource?> SurvivorAsync(IResourceStore store, StoredResource patient, AccessPlan access, CancellationToken ct)
    {
        for (var links = 0; links < MostLinks; links++)
        {
            if (PatientTraits.Of(patient.Json).ReplacedBy is not { } reference || !ResourceKey.TryParseRelative(reference, out var key, out _))
                return patient;
            if (await store.ReadAsync(key, access, ct) is not { IsDeleted: false } next)
                return null;
            patient = next;
        }

        return null;
    }

    /// <summary>Why nothing is written into a record that somebody names.</summary>
    public static string MergedAway(ResourceKey named, ResourceKey? survivor) => survivor is { } other
        ? $"{named} was merged into {other}: when that is who is meant, name {other}." : $"{named} was merged into a record that is not here, or not yours to read.";

    /// <summary>Why a number cannot be meant, by birth date and names; null when nothing speaks against it.</summary>
    public static string? Contradiction(PatientTraits asked, PatientTraits stored)
    {
        if (asked.BirthDate is { } said && stored.BirthDate is { } known && !said.StartsWith(known, StringComparison.Ordinal) && !known.StartsWith(said, StringComparison.Ordinal))
            return "The number is a patient's here whose birth date is another.";
        if (asked.Names.Count == 0 || stored.Names.Count == 0)
            return null;
        if (new Comparison(asked, stored).IsGivenDifferent)
            return "The number is a patient's here whose given name is another.";
        var sharesFamily = asked.Names.SelectMany(n => n.Family).Intersect(stored.Names.SelectMany(n => n.Family)).Any();
        return sharesFamily || (asked.BirthDate is not null && stored.BirthDate is not null) || !asked.Names.Exists(n => n.Family.Count > 0) || !stored.Names.Exists(n => n.Family.Count > 0)
            ? null // married, or written otherwise: given name and birth date agree
            : "The number is a patient's here whose family name is another.";
    }
}
