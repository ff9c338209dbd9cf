using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Scrubbing;

/// <summary>Rules about how long, how much, where and after what a service was given.</summary>
internal static class ServiceCases
{
    public static RuleCase[] All =>
    [
        new("PROC-017", true, f => Therapy(f, 22, 2), f => Therapy(f, 23, 2)),
        new("PROC-017", true, f =>
        {
            f.PayerWith(p => p with { CountsUnitsByMidpoint = true });
            Two(f);
        }, Two),
        new("PROC-018", true, f => f.Line("97110", ["GP"]), f => Therapy(f, 8, 1)),
        new("PROC-018", true, f => f.Code("90837"), f =>
        {
            f.P.Visit.Length = new Duration { Value = 53, Code = "min" };
            f.Code("90837");
            f.P.Visit.Type = [new CodeableConcept(CodeSystemUrls.Cpt, "90837")];
        }),

        new("MOD-023", false, f => Colonoscopy(f), f => Colonoscopy(f, "33")),
        new("MOD-027", false, f => f.Code("99213", "GC"), f =>
        {
            f.Code("99213", "GC");
            f.OnClaim(c => c.CareTeam.Add(new Claim.CareTeamComponent { Sequence = 9, Provider = new ResourceReference("Practitioner/resident"), Role = new CodeableConcept("x", "resident") }));
        }),
        new("GLB-003", true, f => f.Line("27447", ["55"]), f =>
        {
            f.Line("27447", ["55"]);
            f.Info(SupportingInfo.AssumedCare, new Date("2026-03-01"));
        }),
        new("GLB-003", true, f => f.Line("27447", ["54"]), f =>
        {
            f.Line("27447", ["54"]);
            f.Line("27447", ["55"]);
        }),
        new("GLB-004", false, f => AfterSurgery(f, "93000"), f => AfterSurgery(f, "99024")),

        new("POS-005", false, f => AtPlace(f, "10", "wa"), f => AtPlace(f, "10", "ho")),
        new("POS-005", false, f => AtPlace(f, "02", "ho"), f => AtPlace(f, "02", "wa")),
        new("POS-006", true, f => Stay(f, "2026-03-01", "2026-03-04"), f => Stay(f, "2026-03-02", "2026-03-04")),

        new("DRG-005", true, f => Injection(f, 30m, 1), f => Injection(f, 30m, 2)),
        new("DRG-005", true, f => Injection(f, 31m, 2), f => Injection(f, 31m, 3)),
        new("LAB-003", true, f => f.Line("80053", ["90"]), f =>
        {
            f.Line("80053", ["90"]);
            f.Info(SupportingInfo.ReferenceClia, value: new FhirString("05D0123456"));
            f.OnClaim(c => c.Facility = new ResourceReference("Location/laboratory"));
        }),
    ];

    private static void Therapy(ScrubFixture f, int minutes, decimal units) => Therapy(f, "97110", minutes, units);

    private static void Therapy(ScrubFixture f, string code, int minutes, decimal units)
    {
        f.Codes.Add(CodeSystemUrls.Cpt, code);
        var procedure = TestPractice.NewProcedure($"therapy{code}", CodeSystemUrls.Cpt, code);
        procedure.Performed = new Period { Start = $"{TestPractice.Day}T09:00:00-05:00", End = $"{TestPractice.Day}T09:{minutes:00}:00-05:00" };
        f.Extra.Add(procedure);
        f.OnClaim(c => c.Item.Find(i => i.ProductOrService!.Coding[0].Code == code)!.Quantity = new Quantity { Value = units });
    }

    /// <summary>Twenty and eighteen minutes: one unit each, and thirty-eight together make three.</summary>
    private static void Two(ScrubFixture f)
    {
        Therapy(f, "97110", 20, 2);
        Therapy(f, "97112", 18, 1);
    }

    private static void Colonoscopy(ScrubFixture f, params string[] modifiers)
    {
        f.Diagnoses("Z12.11", "K63.5");
        f.Line("45385", modifiers);
    }

    private static void AfterSurgery(ScrubFixture f, string code)
    {
        f.OtherClaim("27447", "2026-02-01");
        f.Code(code);
    }

    private static void AtPlace(ScrubFixture f, string place, string physicalType)
    {
        f.Extra.Add(new Location { Id = "where", PhysicalType = new CodeableConcept("http://terminology.hl7.org/CodeSystem/location-physical-type", physicalType) });
        f.P.Visit.Location.Add(new Encounter.LocationComponent { Location = new ResourceReference("Location/where") });
        f.Place(place);
    }

    private static void Stay(ScrubFixture f, string from, string to)
    {
        var stay = TestPractice.NewVisit("stay", from);
        stay.Class!.Code = "IMP";
        stay.Period!.End = to;
        f.EarlierEncounters.Add(stay);
    }

    private static void Injection(ScrubFixture f, decimal milligrams, decimal units)
    {
        f.Codes.Add(CodeSystemUrls.Hcpcs, "J1885", "Injection, ketorolac tromethamine, per 15 mg");
        f.Extra.Add(new MedicationAdministration
        {
            Id = "shot",
            Status = MedicationAdministration.MedicationAdministrationStatusCodes.Completed,
            Medication = new CodeableConcept(CodeSystemUrls.Hcpcs, "J1885"),
            Subject = new ResourceReference("Patient/pat"),
            Context = new ResourceReference("Encounter/visit"),
            Effective = new FhirDateTime($"{TestPractice.Day}T09:10:00-05:00"),
            Dosage = new MedicationAdministration.DosageComponent { Dose = new Quantity { Value = milligrams, Code = "mg" } },
        });
        f.Line("J1885", units: units);
    }
}
