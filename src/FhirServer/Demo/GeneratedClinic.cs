using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Demo;

/// <summary>A provider organization and the clinicians who work there; the same in every record that names it.</summary>
internal sealed record GeneratedClinic(Organization Organization, IReadOnlyList<Practitioner> Clinicians)
{
    private const int Staff = 3;

    public static GeneratedClinic Create(int seed, int i)
    {
        var key = $"{seed}|clinic|{i}";
        var random = new SeededRandom(StableHash.Of("generated-clinic", key));
        var (city, zip) = random.Pick(InventedNames.Cities);
        var address = new Address
        {
            Line = [$"{random.Between(1, 980)} {random.Pick(InventedNames.Streets).ToUpperInvariant()}"],
            City = city.ToUpperInvariant(),
            State = "MA",
            PostalCode = zip,
            Country = "US",
        };
        var organization = new Organization
        {
            Id = random.Uuid(),
            Active = true,
            Type = [Coded.Concept(DemoUrls.OrganizationType, "prov", "Healthcare Provider")],
            Name = $"{random.Pick(InventedNames.Families).ToUpperInvariant()} {city.ToUpperInvariant()} PRIMARY CARE {i + 1}",
            Telecom = [Coded.Phone($"617-555-01{random.Between(0, 99):D2}", ContactPoint.ContactPointUse.Work)],
            Address = [address],
        };
        return new GeneratedClinic(organization, [.. Enumerable.Range(0, Staff).Select(_ => Clinician(random, address))]);
    }

    private static Practitioner Clinician(SeededRandom random, Address address)
    {
        var woman = random.Chance(50);
        return new Practitioner
        {
            Id = random.Uuid(),
            Identifier = [new Identifier(BillingUrls.Npi, random.Between(100, 99_999).ToString(CultureInfo.InvariantCulture))], // as Synthea: no NPI
            Active = true,
            Name = [new HumanName { Family = random.Pick(InventedNames.Families), Given = [random.Pick(woman ? InventedNames.Women : InventedNames.Men)], Prefix = ["Dr."] }],
            Address = [(Address)address.DeepCopy()],
            Gender = woman ? AdministrativeGender.Female : AdministrativeGender.Male,
        };
    }
}
