using FhirEmr.BillingBridge.Charges;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>New or established (billing spec 4.2, PROC-008): a professional face-to-face service in the three years before, by the same clinician or by one of the same group and taxonomy.</summary>
/// <remarks>Two people of one group whose taxonomies are not both recorded are taken to be of one specialty: the lower-paid answer.</remarks>
internal static class PatientStatus
{
    public static (bool IsNew, Support Support) Read(VisitRecord record)
    {
        var day = record.Day;
        var (group, clinician) = (record.Chart.Encounter.ServiceProvider?.Reference, record.Clinician);
        var encounters = record.Earlier
            .Where(e => e.Id != record.Chart.Encounter.Id && e.Status == Encounter.EncounterStatus.Finished && IsSame(record.ClinicianOf(e), e.ServiceProvider?.Reference))
            .Select(e => (Day: DateOfService.From(e.Period?.Start, record.Zone), Reference: $"Encounter/{e.Id}"));
        var claims = record.Claims
            .Where(c => c.Use == ClaimUseCode.Claim && c.Status == FinancialResourceStatusCodes.Active && c.Type.HasAny("professional")
                && !c.Item.Exists(i => i.Encounter.Exists(record.IsOfVisit)) && c.Item.Exists(IsVisit) && IsSame(ClinicianOf(c), c.Provider?.Reference))
            .SelectMany(c => c.Item.Where(IsVisit).Select(i => (Day: DateOfService.From((i.Serviced as Date)?.Value ?? (i.Serviced as Period)?.Start, record.Zone), Reference: $"Claim/{c.Id}")));

        var last = encounters.Concat(claims).Where(s => s.Day < day && s.Day > day.AddYears(-3)).OrderByDescending(s => s.Day).ThenByDescending(s => s.Reference, StringComparer.Ordinal).FirstOrDefault();
        return last.Reference is { } reference
            ? (false, new(reference, $"Established: seen {DateOfService.Text(last.Day!.Value)} by the same clinician or group."))
            : (true, new(record.EncounterReference, $"New: no professional visit by the same clinician or group after {DateOfService.Text(day.AddYears(-3))}."));

        bool IsSame(string? otherClinician, string? otherGroup) =>
            (clinician is not null && otherClinician == clinician)
            || (group is not null && otherGroup == group && SharesTaxonomy(otherClinician));

        bool SharesTaxonomy(string? other)
        {
            var (ours, theirs) = (Taxonomies(clinician), Taxonomies(other));
            return ours.Count == 0 || theirs.Count == 0 || ours.Overlaps(theirs);
        }

        HashSet<string> Taxonomies(string? practitioner) => practitioner is null ? [] :
            [.. record.AllRoles.Where(r => r.Practitioner?.Reference == practitioner).SelectMany(r => r.Specialty).SelectMany(s => s.Codes()).Where(c => c.System == CodeSystemUrls.ProviderTaxonomy).Select(c => c.Code)];

        string? ClinicianOf(Claim claim) => claim.CareTeam.Select(t => record.PractitionerOf(t.Provider)).FirstOrDefault(p => p is not null) ?? record.PractitionerOf(claim.Provider);
    }

    private static bool IsVisit(Claim.ItemComponent item) => item.ProductOrService.Codes().Any(c => CodeFacts.IsEvaluationAndManagement(c.Code));
}
