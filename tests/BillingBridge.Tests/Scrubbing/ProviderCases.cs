using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Scrubbing;

/// <summary>PRV-008 to PRV-014, and the charges that contracts and Medicare limit.</summary>
internal static class ProviderCases
{
    public static RuleCase[] All =>
    [
        new("PRV-008", false, f => Imaging(f, "Practitioner/doc"), f => Imaging(f, "Practitioner/else")),
        new("PRV-009", true, f => f.P.Role.Period = new Period { End = "2026-03-01" }, f => f.P.Role.Period = new Period { End = "2026-03-02" }),
        new("PRV-009", true, f => f.P.Doctor.Identifier[0].Value = "1234567893", _ => { }),
        new("PRV-010", false, f => Licence(f, "2026-03-01", "MA"), f => Licence(f, "2026-03-02", "MA")),
        new("PRV-010", false, f => Licence(f, "2027-01-01", "NH"), f => Licence(f, "2027-01-01", "Massachusetts")),
        new("PRV-012", true, f => f.P.Role.Specialty = [Taxonomy("390200000X")], f =>
        {
            f.P.Role.Specialty = [Taxonomy("390200000X")];
            f.OnClaim(c => c.CareTeam.Add(Member(CareTeamRoles.Supervising, "Practitioner/teacher")));
        }),
        new("PRV-013", false, f =>
        {
            Helper(f);
            f.Place("22");
        }, Helper),
        new("PRV-013", false, f =>
        {
            Helper(f);
            f.Code("99203");
        }, Helper),
        new("PRV-014", true, f => f.P.Doctor.Identifier[0].Value = "1999999984", _ => { }),

        new("AMT-005", false, f => Price(f, 95.49m), f => Price(f, 95.50m)),
        new("AMT-006", false, f => Price(f, 868.41m), f => Price(f, 868.40m)),
        new("AMT-006", true, f => NonParticipating(f, 94.88m), f => NonParticipating(f, 94.87m)),
    ];

    private static void Imaging(ScrubFixture f, string referring)
    {
        f.Line("71046");
        f.OnClaim(c => c.CareTeam.Add(Member(CareTeamRoles.Referring, referring)));
    }

    private static void Licence(ScrubFixture f, string end, string state) => f.P.Doctor.Qualification.Add(new Practitioner.QualificationComponent
    {
        Identifier = [new Identifier("urn:licence", "L77")],
        Code = new CodeableConcept("x", "MD"),
        Period = new Period { End = end },
        Issuer = new ResourceReference { Display = state },
    });

    internal static void Helper(ScrubFixture f)
    {
        f.P.Hypertension.RecordedDate = "2024-05-02"; // a problem the physician knows
        f.Extra.Add(new Practitioner { Id = "np", Qualification = [new Practitioner.QualificationComponent { Code = Taxonomy("363L00000X") }] });
        f.P.Note.Author = [new ResourceReference("Practitioner/np")];
        f.P.Note.Attester.Add(new Composition.AttesterComponent { Party = new ResourceReference("Practitioner/doc") });
    }

    private static void NonParticipating(ScrubFixture f, decimal usd)
    {
        Price(f, usd);
        f.PayerWith(p => p with { Family = PayerFamily.Medicare, IsNonParticipating = true });
    }

    private static void Price(ScrubFixture f, decimal usd) => f.OnClaim(c => c.Item[0].UnitPrice = ClaimBuilder.Usd(usd));

    private static CodeableConcept Taxonomy(string code) => new(CodeSystemUrls.ProviderTaxonomy, code);

    private static Claim.CareTeamComponent Member(string role, string reference) =>
        new() { Sequence = 9, Provider = new ResourceReference(reference), Role = CareTeamRoles.Concept(role) };
}
