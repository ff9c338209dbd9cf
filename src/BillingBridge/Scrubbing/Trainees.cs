using FhirEmr.BillingBridge.Charges;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>What a clinician's roles say: in training, or by taxonomy.</summary>
internal static class Trainees
{
    /// <summary>NUCC: student in an organized health care education or training programme.</summary>
    private const string InTraining = "390200000X";

    public static bool Is(ClaimGraph claim, Practitioner person) =>
        Roles(claim, person).SelectMany(r => r.Code).Any(c => c.HasAny("student", "resident", "scribe")) || Taxonomies(claim, person).Contains(InTraining);

    public static IEnumerable<string> Taxonomies(ClaimGraph claim, Practitioner person) => Roles(claim, person).SelectMany(r => r.Specialty)
        .Concat(person.Qualification.Select(q => q.Code)).SelectMany(c => c.Codes())
        .Where(c => c.System == CodeSystemUrls.ProviderTaxonomy).Select(c => c.Code);

    private static IEnumerable<PractitionerRole> Roles(ClaimGraph claim, Practitioner person) =>
        claim.Chart.OfType<PractitionerRole>().Where(r => r.Practitioner?.Reference == $"Practitioner/{person.Id}");
}
