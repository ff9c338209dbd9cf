using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Documents;

/// <summary>A claim and whom it names, read for a paper.</summary>
internal sealed record PaperSources
{
    public required Claim Claim { get; init; }

    public Patient? Patient { get; init; }

    /// <summary>The insurance the claim goes to.</summary>
    public Coverage? Coverage { get; init; }

    public Organization? Payor { get; init; }

    /// <summary>The subscriber when it is another patient of ours.</summary>
    public Patient? SubscriberPatient { get; init; }

    public RelatedPerson? SubscriberPerson { get; init; }

    /// <summary>Another insurance of the claim, and its payer.</summary>
    public Coverage? Other { get; init; }

    public Organization? OtherPayor { get; init; }

    public Organization? Practice { get; init; }

    public Practitioner? BillingPerson { get; init; }

    public Practitioner? Rendering { get; init; }

    public Practitioner? Referring { get; init; }

    public Practitioner? Ordering { get; init; }

    public Practitioner? Supervising { get; init; }

    public Location? Facility { get; init; }

    /// <summary>An active consent to assignment and release is on file.</summary>
    public bool HasSignature { get; init; }

    public static async Task<PaperSources> GatherAsync(IFhirRecords records, Claim claim, CancellationToken ct)
    {
        var references = new FhirReferences(records);
        var coverage = await references.FindAsync<Coverage>(claim.FocalInsurance()?.Coverage, ct);
        var other = await references.FindAsync<Coverage>(claim.Insurance.Find(i => i.Focal != true)?.Coverage, ct);
        return new PaperSources
        {
            Claim = claim,
            Patient = await references.FindAsync<Patient>(claim.Patient, ct),
            Coverage = coverage,
            Payor = await references.FindAsync<Organization>(coverage?.Payor.FirstOrDefault() ?? claim.Insurer, ct),
            SubscriberPatient = await references.FindAsync<Patient>(coverage?.Subscriber, ct),
            SubscriberPerson = await references.FindAsync<RelatedPerson>(coverage?.Subscriber, ct),
            Other = other,
            OtherPayor = await references.FindAsync<Organization>(other?.Payor.FirstOrDefault(), ct),
            Practice = await references.FindAsync<Organization>(claim.Provider, ct),
            BillingPerson = await references.FindAsync<Practitioner>(claim.Provider, ct),
            Rendering = await PersonAsync(CareTeamRoles.Rendering),
            Referring = await PersonAsync(CareTeamRoles.Referring),
            Ordering = await PersonAsync(CareTeamRoles.Ordering),
            Supervising = await PersonAsync(CareTeamRoles.Supervising),
            Facility = await references.FindAsync<Location>(claim.Facility, ct),
            HasSignature = await AnyAsync($"patient={claim.Patient?.Reference}&status=active"),
        };

        async Task<Practitioner?> PersonAsync(string role)
        {
            var who = claim.Team(role).FirstOrDefault()?.Provider;
            return await references.FindAsync<Practitioner>(who, ct)
                ?? (await references.FindAsync<PractitionerRole>(who, ct) is { } held ? await references.FindAsync<Practitioner>(held.Practitioner, ct) : null);
        }

        async Task<bool> AnyAsync(string query)
        {
            await foreach (var _ in records.SearchAsync<Consent>(query, ct))
                return true;
            return false;
        }
    }
}
