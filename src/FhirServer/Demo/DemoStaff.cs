using FhirEmr.BillingBridge.Claims;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Demo;

/// <summary>The clinic of the demo practice, the people who work there and one who only refers to it.</summary>
internal static class DemoStaff
{
    public const string ClinicId = "demo-clinic";
    public const string LocationId = "demo-location-01";

    /// <summary>A clinician elsewhere whose NPI nobody wrote down: a claim that needs it is held (PRV-006).</summary>
    public const string OutsideReferrerId = "demo-practitioner-outside";

    /// <summary>How many of our own clinicians there are: <c>demo-practitioner-01</c> and on.</summary>
    public const int Clinicians = 4;

    private static readonly (string Given, string Family, AdministrativeGender Sex, string Taxonomy, string Display, string Degree)[] People =
    [
        ("Ruth", "Calloway", AdministrativeGender.Female, "207Q00000X", "Family Medicine Physician", "MD"),
        ("Samir", "Haddad", AdministrativeGender.Male, "207R00000X", "Internal Medicine Physician", "MD"),
        ("Ingrid", "Solberg", AdministrativeGender.Female, "208000000X", "Pediatrics Physician", "MD"),
        ("Theo", "Marchetti", AdministrativeGender.Male, "363LF0000X", "Family Nurse Practitioner", "NP"),
    ];

    public static string ClinicianId(int number) => $"demo-practitioner-{number:D2}";

    /// <summary>Clinic, location, clinicians with roles, the outside referrer.</summary>
    public static IEnumerable<Resource> Resources()
    {
        yield return Clinic();
        yield return Office();
        foreach (var (i, person) in People.Index())
        {
            var id = ClinicianId(i + 1);
            var taxonomy = Coded.Concept(CodeSystemUrls.ProviderTaxonomy, person.Taxonomy, person.Display);
            yield return Clinician(id, person.Given, person.Family, person.Sex, person.Degree, taxonomy);
            yield return Role(i + 1, id, taxonomy);
        }

        var outside = Clinician(
            OutsideReferrerId, "Vera", "Lindqvist", AdministrativeGender.Female, "MD",
            Coded.Concept(CodeSystemUrls.ProviderTaxonomy, "207X00000X", "Orthopaedic Surgery Physician"));
        outside.Identifier.Clear();
        yield return outside;
    }

    private static Organization Clinic() => new()
    {
        Id = ClinicId,
        Meta = Coded.MadeUpMeta(),
        Identifier =
        [
            new Identifier(BillingUrls.Npi, MadeUpNumbers.Npi(ClinicId)),
            new Identifier(BillingUrls.Ein, MadeUpNumbers.Ein(ClinicId)) { Type = Coded.Concept(DemoUrls.IdentifierType, "TAX", "Tax ID number") },
            new Identifier(BillingUrls.Clia, "22D9900123"),
        ],
        Active = true,
        Type =
        [
            Coded.Concept(DemoUrls.OrganizationType, "prov", "Healthcare Provider"),
            Coded.Concept(CodeSystemUrls.ProviderTaxonomy, "261QP2300X", "Primary Care Clinic/Center"),
        ],
        Name = "Lantern Street Family Practice (demo)",
        Telecom = [Coded.Phone("413-555-0100", ContactPoint.ContactPointUse.Work)],
        Address = [Address()],
    };

    private static Location Office() => new()
    {
        Id = LocationId,
        Meta = Coded.MadeUpMeta(),
        Status = Location.LocationStatus.Active,
        Name = "Lantern Street office",
        Mode = Location.LocationMode.Instance,
        Type = [Coded.Concept(CodeSystemUrls.PlaceOfService, "11", "Office")],
        Telecom = [Coded.Phone("413-555-0100", ContactPoint.ContactPointUse.Work)],
        Address = Address(),
        ManagingOrganization = new ResourceReference($"Organization/{ClinicId}"),
    };

    private static Practitioner Clinician(
        string id, string given, string family, AdministrativeGender sex, string degree, CodeableConcept taxonomy)
    {
        return new()
        {
            Id = id,
            Meta = Coded.MadeUpMeta(),
            Identifier = [new Identifier(BillingUrls.Npi, MadeUpNumbers.Npi(id))],
            Active = true,
            Name = [new HumanName { Use = HumanName.NameUse.Official, Family = family, Given = [given], Suffix = [degree] }],
            Gender = sex,
            Qualification = [new Practitioner.QualificationComponent { Code = taxonomy }],
        };
    }

    private static PractitionerRole Role(int number, string practitionerId, CodeableConcept taxonomy) => new()
    {
        Id = $"demo-role-{number:D2}",
        Meta = Coded.MadeUpMeta(),
        Active = true,
        Practitioner = new ResourceReference($"Practitioner/{practitionerId}"),
        Organization = new ResourceReference($"Organization/{ClinicId}"),
        Specialty = [(CodeableConcept)taxonomy.DeepCopy()],
        Location = [new ResourceReference($"Location/{LocationId}")],
    };

    private static Address Address() => new()
    {
        Use = Hl7.Fhir.Model.Address.AddressUse.Work,
        Line = ["41 Lantern Street"],
        City = "Springfield",
        State = "MA",
        PostalCode = "011034217",
        Country = "US",
    };
}
