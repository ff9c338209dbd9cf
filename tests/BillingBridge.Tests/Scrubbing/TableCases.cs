using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Scrubbing;

/// <summary>Rules that a loaded table decides.</summary>
internal static class TableCases
{
    public static RuleCase[] All =>
    [
        new("COV-006", true, f => f.P.Payer.Identifier[0].Value = "ACME2", _ => { }),

        new("DX-012", true, f => f.Diagnoses("E11.9", "E10.9"), f => f.Diagnoses("E11.9", "E13.9")),
        new("DX-012", false, f =>
        {
            f.Diagnoses("E11.9", "E10.9");
            f.Line("80053", pointer: 2);
        }, f => f.Diagnoses("E10.9")),
        new("DX-013", true, f => f.Diagnoses("L97.111", "E11.621"), f => f.Diagnoses("E11.621", "L97.111")),
        new("DX-014", true, f => f.Diagnoses("L97.111", "E11.621"), f => f.Diagnoses("E11.621", "L97.111")),
        new("DX-018", false, f => f.Diagnoses("E11.22"), f => f.Diagnoses("E11.22", "N18.3")),

        new("PROC-002", true, f => Medicare(f, "99429"), f => f.Code("99429")),
        new("PROC-023", false, f => Earlier(f, "77067", "2025-04-30"), f => Earlier(f, "77067", "2025-03-31")),
        new("PROC-023", false, f => Earlier(f, "G0438", "2020-01-10"), f => f.Line("G0438")),
        new("PROC-023", false, f =>
        {
            f.OtherClaim("G0438", "2025-05-01");
            f.Line("G0439");
        }, f =>
        {
            f.OtherClaim("G0438", "2025-03-31");
            f.Line("G0439");
        }),
        new("PROC-024", false, f => f.Line("80053"), f => f.Line("93000")),

        new("MOD-009", true, f => f.Line("93005", ["26"]), f => f.Line("93000", ["26"])),
        new("MOD-010", true, f => f.Line("93000", place: "22"), f => f.Line("93000", ["26"], place: "22")),
        new("MOD-010", true, f => f.Line("93000", ["TC"], place: "21"), f => f.Line("93000", ["TC"])),
        new("MOD-011", true, f => f.Line("58150", ["50"]), f => f.Line("27447", ["50"])),
        new("MOD-012", true, f => f.Line("20610", ["FA"]), f => f.Line("20610", ["RT"])),
        new("MOD-012", false, f => f.Line("26055"), f => f.Line("26055", ["F2"])),
        new("MOD-015", true, f => Telehealth(f, "99215", "95"), f => Telehealth(f, "99214", "95")),
        new("MOD-015", true, f => Telehealth(f, "99214", "93"), f => Telehealth(f, "99213", "93")),
        new("MOD-016", true, f => f.Code("99213", "24"), f =>
        {
            f.OtherClaim("27447", "2026-02-01");
            f.Code("99213", "24");
        }),
        new("MOD-017", true, f => f.Line("20610", ["80"]), f => f.Line("27447", ["80"])),
        new("MOD-017", false, f => f.Line("58150", ["AS"]), f =>
        {
            f.Line("58150", ["AS"]);
            f.Info(SupportingInfo.Attachment);
        }),
        new("MOD-017", true, f => f.Line("58150", ["62"]), f => f.Line("27447", ["80"])),
        new("MOD-020", true, f => Waiver(f, "87880"), f => Waiver(f, "87880", "QW")),
        new("MOD-020", true, f => f.Line("36415", ["QW"]), f => f.Line("87880")),

        new("AUT-006", false, f => Ordered(f, "1234567893"), f => Ordered(f, "1987654328")),
        new("DRG-004", true, f => Drug(f, "12345-6789-02"), f => Drug(f, "12345-6789-01")),
        new("DRG-004", false, f =>
        {
            f.Edits = f.Edits with { Tables = f.Edits.Tables.Where(t => t.Key != "ndc-crosswalk").ToDictionary() };
            Drug(f, "12345-6789-01");
        }, f => Drug(f, "12345-6789-01")),
        new("DRG-006", false, f => Drug(f, "12345-6789-00"), f => Drug(f, "12345-6789-01")),
        new("DRG-006", false, f => Vaccine(f, "2026-03-01"), f => Vaccine(f, "2026-03-02")),
        new("LAB-002", true, f =>
        {
            f.Line("80053");
            Certificate(f, "22D0999999");
        }, f =>
        {
            f.Line("80053");
            Certificate(f, "22D0123456");
        }),
        new("LAB-002", true, f => Waiver(f, "87070"), f => Waiver(f, "87880", "QW")),
    ];

    private static void Medicare(ScrubFixture f, string code)
    {
        f.PayerWith(p => p with { Family = PayerFamily.Medicare });
        f.Code(code);
    }

    private static void Earlier(ScrubFixture f, string code, string day)
    {
        f.OtherClaim(code, day);
        f.Line(code);
    }

    private static void Telehealth(ScrubFixture f, string code, string modifier)
    {
        f.Code(code, modifier);
        f.Place("10");
    }

    private static void Waiver(ScrubFixture f, string code, params string[] modifiers)
    {
        f.Line(code, modifiers);
        Certificate(f, "22D0000001");
    }

    private static void Certificate(ScrubFixture f, string number) => f.OnClaim(c =>
    {
        c.SupportingInfo.RemoveAll(i => i.Category!.Coding[0].Code == SupportingInfo.Clia);
        c.SupportingInfo.Add(new Claim.SupportingInformationComponent { Sequence = 91, Category = SupportingInfo.Category(SupportingInfo.Clia), Value = new FhirString(number) });
    });

    private static void Ordered(ScrubFixture f, string npi)
    {
        f.PayerWith(p => p with { Family = PayerFamily.Medicare });
        f.Extra.Add(new Practitioner { Id = "orders", Identifier = [new Identifier(BillingUrls.Npi, npi)] });
        f.OnClaim(c => c.CareTeam.Add(new Claim.CareTeamComponent { Sequence = 9, Provider = new ResourceReference("Practitioner/orders"), Role = CareTeamRoles.Concept(CareTeamRoles.Ordering) }));
    }

    private static void Drug(ScrubFixture f, string ndc)
    {
        f.Line("J1885");
        f.OnClaim(c =>
        {
            var extension = new Extension { Url = BillingUrls.NdcExtension };
            extension.AddExtension("code", new FhirString(ndc));
            c.Item[^1].Extension.Add(extension);
        });
    }

    private static void Vaccine(ScrubFixture f, string expires)
    {
        var vaccine = TestPractice.NewImmunization("flu", CodeSystemUrls.Cpt, "90656");
        vaccine.ExpirationDate = expires;
        f.Extra.Add(vaccine);
    }
}
