using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>Reads what claims refer to, each resource once per batch.</summary>
internal sealed class ClaimGatherer(IFhirRecords records)
{
    private readonly FhirReferences _references = new(records);
    private readonly Dictionary<string, PractitionerRole?> _rolesByPerson = [];

    public async Task<ClaimSources> GatherAsync(Claim claim, CancellationToken ct)
    {
        var insurances = new List<InsuranceSource>();
        foreach (var insurance in claim.Insurance)
            insurances.Add(await InsuranceAsync(insurance, ct));

        var team = new List<TeamSource>();
        foreach (var member in claim.CareTeam)
        {
            team.Add(new TeamSource(
                member.Sequence,
                member.Role?.Coding.Find(c => c.Code is { Length: > 0 })?.Code,
                await ProviderAsync(member.Provider, ct)));
        }

        var facility = await _references.FindAsync<Location>(claim.Facility, ct);
        return new ClaimSources(
            claim,
            await _references.FindAsync<Patient>(claim.Patient, ct),
            insurances,
            await ProviderAsync(claim.Provider, ct),
            team,
            facility,
            await _references.FindAsync<Organization>(facility?.ManagingOrganization, ct));
    }

    private async Task<InsuranceSource> InsuranceAsync(Claim.InsuranceComponent insurance, CancellationToken ct)
    {
        var coverage = await _references.FindAsync<Coverage>(insurance.Coverage, ct);
        var payor = coverage?.Payor is [var first, ..] ? await _references.FindAsync<Organization>(first, ct) : null;
        return new InsuranceSource(
            insurance,
            coverage,
            payor,
            await _references.FindAsync<Patient>(coverage?.Subscriber, ct),
            await _references.FindAsync<RelatedPerson>(coverage?.Subscriber, ct))
        {
            Response = await _references.FindAsync<ClaimResponse>(insurance.ClaimResponse, ct),
        };
    }

    /// <summary>The provider behind a reference, with the role that tells a person's taxonomy.</summary>
    public async Task<ProviderSource> ProviderAsync(ResourceReference? reference, CancellationToken ct)
    {
        if (await _references.FindAsync<Organization>(reference, ct) is { } organization)
            return new ProviderSource(organization, null, null);
        if (await _references.FindAsync<Practitioner>(reference, ct) is { } person)
            return new ProviderSource(null, person, await RoleOfAsync(person, ct));
        if (await _references.FindAsync<PractitionerRole>(reference, ct) is { } role)
        {
            return new ProviderSource(
                await _references.FindAsync<Organization>(role.Organization, ct),
                await _references.FindAsync<Practitioner>(role.Practitioner, ct),
                role);
        }

        return ProviderSource.None;
    }

    // The taxonomy of a person stands on the role; a claim usually names the person.
    private async Task<PractitionerRole?> RoleOfAsync(Practitioner person, CancellationToken ct)
    {
        if (_rolesByPerson.TryGetValue(person.Id!, out var known))
            return known;

        PractitionerRole? found = null;
        await foreach (var role in records.SearchAsync<PractitionerRole>($"practitioner=Practitioner/{person.Id}", ct))
        {
            if (found is null || (PartyMapping.Taxonomy(found.Specialty) is null && PartyMapping.Taxonomy(role.Specialty) is not null))
                found = role;
        }

        return _rolesByPerson[person.Id!] = found;
    }
}
