using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>Who saw a patient, also where a role stands for the person, and in which taxonomies they practise.</summary>
internal sealed class Clinicians(IEnumerable<PractitionerRole> roles)
{
    private readonly IReadOnlyList<PractitionerRole> roles = [.. roles];

    /// <summary>Who saw the patient: the primary performer or attender, else the first practitioner; null when nobody is named.</summary>
    public string? Of(Encounter encounter) => encounter.Participant
        .OrderBy(p => p.Type.Exists(t => t.HasAny("PPRF", "ATND")) ? 0 : 1)
        .Select(p => Behind(p.Individual))
        .FirstOrDefault(r => r is not null);

    /// <summary>Who rendered a claim: the first practitioner of its care team, else its provider.</summary>
    public string? Of(Claim claim) => claim.CareTeam.Select(t => Behind(t.Provider)).FirstOrDefault(p => p is not null) ?? Behind(claim.Provider);

    /// <summary>The practitioner a reference means, as <c>Practitioner/12</c>; null when it means nobody known.</summary>
    public string? Behind(ResourceReference? reference) => reference?.Reference switch
    {
        { } practitioner when practitioner.StartsWith("Practitioner/", StringComparison.Ordinal) => practitioner,
        { } role when role.StartsWith("PractitionerRole/", StringComparison.Ordinal) => roles.FirstOrDefault(r => $"PractitionerRole/{r.Id}" == role)?.Practitioner?.Reference,
        _ => null,
    };

    /// <summary>Whether two people may be of one specialty: they share a taxonomy, or one has none on record.</summary>
    public bool ShareTaxonomy(string? one, string? other)
    {
        var (ours, theirs) = (Taxonomies(one), Taxonomies(other));
        return ours.Count == 0 || theirs.Count == 0 || ours.Overlaps(theirs);
    }

    private HashSet<string> Taxonomies(string? practitioner) => practitioner is null ? [] :
    [
        .. roles.Where(r => r.Practitioner?.Reference == practitioner).SelectMany(r => r.Specialty).SelectMany(s => s.Codes())
            .Where(c => c.System == CodeSystemUrls.ProviderTaxonomy).Select(c => c.Code),
    ];
}
