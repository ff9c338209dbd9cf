using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Scrubbing;

/// <summary>PAT, COV and PRV.</summary>
internal static class PartyCases
{
    public static RuleCase[] All =>
    [
        new("PAT-001", true, f => f.P.Patient.Name[0].Given = [" "], f => f.P.Patient.Name[0].Given = ["C"]),
        new("PAT-002", true, f => f.P.Patient.BirthDate = "1980", f => f.P.Patient.BirthDate = "1980-01-01"),
        new("PAT-003", true, f => f.P.Patient.BirthDate = "2026-03-03", f => f.P.Patient.BirthDate = "2026-03-02"),
        new("PAT-004", true, f => f.P.Patient.Gender = null, f => f.P.Patient.Gender = AdministrativeGender.Unknown),
        new("PAT-005", true, f => f.P.Patient.Address[0].City = null, f => f.P.Patient.Address[0].District = null),
        new("PAT-006", false, f => f.P.Patient.Address[0].PostalCode = "90210", f => f.P.Patient.Address[0].PostalCode = "01840-1234"),
        new("PAT-007", true, f => f.P.Patient.Address[0].State = "Massachusets", f => f.P.Patient.Address[0].State = "Massachusetts"),
        new("PAT-008", false, f => f.P.Patient.BirthDate = "1909-01-01", f => f.P.Patient.BirthDate = "1911-01-01"),
        new("PAT-009", true, f => f.P.Patient.Deceased = new FhirDateTime("2026-03-01"), f => f.P.Patient.Deceased = new FhirDateTime("2026-03-02T23:00:00-05:00")),
        new("PAT-012", false, f => f.P.Patient.Name[0].Family = "Abara2", f => f.P.Patient.Name[0].Family = "O'Abara-Smith"),
        new("PAT-013", false, f => f.P.Patient.BirthDate = "2012-01-01", f =>
        {
            f.P.Patient.BirthDate = "2012-01-01";
            f.Extra.Add(new RelatedPerson { Id = "mother", Patient = new ResourceReference("Patient/pat") });
        }),

        new("COV-001", true, f => f.OnClaim(c => c.Insurance[0].Focal = false), f => f.OtherCoverage("second", "CI", 2)),
        new("COV-002", true, f => f.P.Coverage.Status = FinancialResourceStatusCodes.Cancelled, _ => { }),
        new("COV-003", true, f => f.P.Coverage.Period!.End = "2026-03-01", f => f.P.Coverage.Period!.End = "2026-03-02"),
        new("COV-004", true, f => f.P.Coverage.SubscriberId = null, f => f.P.Coverage.SubscriberId = "A1002003"),
        new("COV-005", true, f => Medicare(f, "123456789A"), f => Medicare(f, "1EG4-TE5-MK73")),
        new("COV-005", false, f => f.P.Coverage.SubscriberId = "A1", f => f.P.Coverage.SubscriberId = "A1-22 3"),
        new("COV-006", true, f => f.P.Payer.Identifier.Clear(), _ => { }),
        new("COV-007", true, f => f.P.Coverage.Relationship = null, f => f.P.Coverage.Subscriber = new ResourceReference("Patient/pat")),
        new("COV-007", true, f => f.P.Coverage.Subscriber = new ResourceReference("RelatedPerson/mother"), f => Dependent(f, "Abara", "1950-01-01")),
        new("COV-008", true, f => Dependent(f, null, null), f => Dependent(f, "Abara", "1950-01-01")),
        new("COV-008", false, f => Dependent(f, "Abara", null), f => Dependent(f, "Abara", "1950-01-01")),
        new("COV-009", true, f =>
        {
            Medicare(f, "1EG4TE5MK73");
            f.P.Coverage.Relationship = new CodeableConcept("x", "spouse");
        }, f => Medicare(f, "1EG4TE5MK73")),
        new("COV-013", true, f => f.OnClaim(c => c.Insurance[0].Sequence = 2), f => f.Secondary(100m, 32m, 20m)),
        new("COV-014", true, f =>
        {
            f.Secondary(100m, 32m, 20m);
            f.OnClaim(c => c.Insurance[0].ClaimResponse = null);
        }, f => f.Secondary(100m, 32m, 20m)),
        new("COV-015", false, f => WithMedicareSecond(f, null), f => WithMedicareSecond(f, "12")),
        new("COV-016", true, f =>
        {
            f.OtherCoverage("medicaid", "MC", 0);
        }, f => f.OtherCoverage("medicaid", "MC", 2)),
        new("COV-017", true, f => f.OnClaim(c => c.Accident = new Claim.AccidentComponent { Date = "2026-03-01" }), f =>
        {
            f.PayerWith(p => p with { PaysAccidentsFirst = true });
            f.OnClaim(c => c.Accident = new Claim.AccidentComponent { Date = "2026-03-01" });
        }),
        new("COV-018", true, f => f.PayerWith(p => p with { GroupNumberRequired = true }), f =>
        {
            f.PayerWith(p => p with { GroupNumberRequired = true });
            f.P.Coverage.Class.Add(new Coverage.ClassComponent { Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/coverage-class", "group"), Value = "G77" });
        }),
        new("COV-019", false, f => f.P.Coverage.Type = new CodeableConcept("x", "WC"), f =>
        {
            f.P.Coverage.Type = new CodeableConcept("x", "WC");
            f.OnClaim(c => c.Accident = new Claim.AccidentComponent { Date = "2026-03-01" });
        }),

        new("PRV-001", true, f => f.P.Practice.Identifier[0].Value = "1234567890", _ => { }),
        new("PRV-002", true, f => f.P.Doctor.Identifier[0].Value = "510", _ => { }),
        new("PRV-003", true, f => f.P.Practice.Identifier[1].Value = "123456789", f => f.P.Practice.Identifier[1].Value = "521234567"),
        new("PRV-004", true, f => f.P.Practice.Address[0].Line = ["P.O. Box 7"], f => f.P.Practice.Address[0].Line = ["7 Boxwood Street"]),
        new("PRV-004", true, f => f.P.Practice.Address[0].PostalCode = "01840", f => f.P.Practice.Address[0].PostalCode = "018401234"),
        new("PRV-005", false, f => f.P.Role.Specialty.Clear(), _ => { }),
        new("PRV-005", true, f =>
        {
            f.P.Role.Specialty.Clear();
            f.PayerWith(p => p with { TaxonomyRequired = true });
        }, f => f.PayerWith(p => p with { TaxonomyRequired = true })),
        new("PRV-006", true, f => Referring(f, "Practitioner/ref", "510"), f => Referring(f, "Practitioner/ref", "1234567893")),
        new("PRV-007", true, f => f.OnClaim(c => c.CareTeam.Add(Member("Organization/practice"))), f => Referring(f, "Practitioner/ref", "1234567893")),
        new("PRV-011", true, f => f.Place("22"), f =>
        {
            f.Place("22");
            f.Extra.Add(new Location { Id = "hospital", Identifier = [new Identifier(BillingUrls.Npi, "1234567893")], Address = new Address { Line = ["1 Hospital Road"] } });
            f.OnClaim(c => c.Facility = new ResourceReference("Location/hospital"));
        }),
    ];

    private static void Medicare(ScrubFixture f, string id)
    {
        f.P.Coverage.Type = new CodeableConcept("https://x12.org/codes/claim-filing-indicator-codes", "MB");
        f.P.Coverage.SubscriberId = id;
    }

    private static void Dependent(ScrubFixture f, string? family, string? birthDate)
    {
        f.P.Coverage.Relationship = new CodeableConcept("x", "child");
        f.P.Coverage.Subscriber = new ResourceReference("RelatedPerson/mother");
        f.Extra.Add(new RelatedPerson { Id = "mother", Name = [new HumanName { Family = family, Given = ["Ada"] }], BirthDate = birthDate, Patient = new ResourceReference("Patient/pat") });
    }

    private static void WithMedicareSecond(ScrubFixture f, string? mspType)
    {
        f.P.Patient.BirthDate = "1950-01-14";
        var medicare = f.OtherCoverage("medicare", "MB", 2);
        if (mspType is not null)
            medicare.AddExtension(BillingUrls.MspTypeExtension, new Code(mspType));
    }

    private static void Referring(ScrubFixture f, string reference, string npi)
    {
        f.Extra.Add(new Practitioner { Id = "ref", Identifier = [new Identifier(BillingUrls.Npi, npi)] });
        f.OnClaim(c => c.CareTeam.Add(Member(reference)));
    }

    private static Claim.CareTeamComponent Member(string reference) =>
        new() { Sequence = 9, Provider = new ResourceReference(reference), Role = CareTeamRoles.Concept(CareTeamRoles.Referring) };
}
