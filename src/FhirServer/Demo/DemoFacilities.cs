using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Demo;

/// <summary>Where emergency and inpatient visits of a synthetic record took place: their organization, as a Location that a claim can name.</summary>
/// <remarks>Loop 2310C of the 837P needs name, NPI and address of the service facility; Synthea's encounters have no location.</remarks>
internal static class DemoFacilities
{
    /// <summary>One Location for each organization that an emergency or inpatient encounter of the bundle names.</summary>
    public static IEnumerable<Location> Of(Bundle enriched, BundleIndex index) => enriched.Entry.Select(entry => entry.Resource).OfType<Encounter>()
        .Where(IsAtFacility)
        .Select(encounter => (Organization: index.Find<Organization>(encounter.ServiceProvider), Reference: index.Canonical(encounter.ServiceProvider)))
        .Where(place => place.Organization?.Id is not null)
        .DistinctBy(place => place.Organization!.Id)
        .Select(place => ToLocation(
            enriched.Entry.Select(entry => entry.Resource).OfType<Organization>().First(o => o.Id == place.Organization!.Id), place.Reference!));

    /// <summary>The encounter with its place; null when it needs none or has one.</summary>
    public static Encounter? Placed(Encounter encounter, BundleIndex index)
    {
        if (!IsAtFacility(encounter) || encounter.Location.Count > 0 || index.Find<Organization>(encounter.ServiceProvider) is not { Id: not null } organization)
            return null;

        var placed = (Encounter)encounter.DeepCopy();
        placed.Location.Add(new Encounter.LocationComponent { Location = new ResourceReference($"Location/{IdOf(organization)}") });
        return placed;
    }

    private static bool IsAtFacility(Encounter encounter) => encounter.Class?.Code is "EMER" or "IMP" or "ACUTE" or "NONAC";

    private static string IdOf(Organization organization) => "demo-facility-" + StableHash.Uuid("facility", organization.Id!);

    private static Location ToLocation(Organization organization, string reference) => new()
    {
        Id = IdOf(organization),
        Meta = Coded.MadeUpMeta(),
        Status = Location.LocationStatus.Active,
        Name = organization.Name,
        Identifier = [new Identifier(BillingUrls.Npi, organization.Identifier.First(i => i.System == BillingUrls.Npi).Value)],
        Address = (Address?)organization.Address.FirstOrDefault()?.DeepCopy(),
        ManagingOrganization = new ResourceReference(reference),
    };
}
