using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Scrubbing;

/// <summary>POS, AUT, DRG, LAB, DOC, COB, PAY and X12.</summary>
internal static class SettingCases
{
    public static RuleCase[] All =>
    [
        new("POS-001", true, f => f.Place("77"), f => f.Place("49")),
        new("POS-001", true, f => f.OnClaim(c => c.Item[0].Location = null), _ => { }),
        new("POS-002", true, f => f.Place("12"), f => f.Place("22")),
        new("POS-002", true, f => f.Code("99283"), f =>
        {
            f.Code("99283");
            f.Place("23");
        }),
        new("POS-003", true, f => f.Place("21"), f => f.Place("22")),
        new("POS-003", true, f =>
        {
            f.P.Visit.Class!.Code = "EMER";
            f.Place("11");
        }, f => f.P.Visit.Class!.Code = "EMER"),
        new("POS-004", true, f =>
        {
            f.P.Visit.Class!.Code = "VR";
            f.Place("11");
        }, f => f.P.Visit.Class!.Code = "VR"),
        new("POS-007", false, f => f.Place("22"), f =>
        {
            f.Place("22");
            f.OnClaim(c =>
            {
                c.Item[0].UnitPrice = ClaimBuilder.Usd(108m);
                c.Item[0].Net = ClaimBuilder.Usd(108m);
            });
        }),
        new("POS-008", true, f =>
        {
            f.PayerWith(p => p with { OnePlacePerClaim = true });
            f.Line("93000", place: "22");
        }, f =>
        {
            f.PayerWith(p => p with { OnePlacePerClaim = true });
            f.Line("93000");
        }),

        new("AUT-001", true, f => f.PayerWith(p => p with { PriorAuthCodes = ["99213"] }), f =>
        {
            f.PayerWith(p => p with { PriorAuthCodes = ["99213"] });
            f.OnClaim(c => c.Insurance[0].PreAuthRef = ["AUTH1"]);
        }),
        new("AUT-004", true, f => f.PayerWith(p => p with { ReferralRequired = true }), f =>
        {
            f.PayerWith(p => p with { ReferralRequired = true });
            f.Info(SupportingInfo.Referral, value: new FhirString("R77"));
        }),
        new("AUT-005", true, f => f.Line("80053"), f => f.Extra.Add(TestPractice.NewProcedure("cmp", CodeSystemUrls.Cpt, "80053"))),

        new("DRG-001", true, f => f.Line("J1885"), f => Drug(f, "12345-6789-01", 2m, "ML")),
        new("DRG-002", true, f => Drug(f, "123-45-6", 2m, "ML"), f => Drug(f, "1234-5678-90", 2m, "ML")),
        new("DRG-003", true, f => Drug(f, "12345-6789-01", 2m, "mg"), f => Drug(f, "12345-6789-01", 2m, "ME")),

        new("LAB-001", true, f =>
        {
            f.P.Practice.Identifier.RemoveAll(i => i.System == BillingUrls.Clia);
            f.Line("80053");
        }, f => f.Line("80053")),
        new("LAB-004", true, f => Lines(f, "82465", "83718", "84478"), f => Lines(f, "82465", "83718")),
        new("DOC-004", false, f => HeaderCases.Note(f, CompositionStatus.Final, "2026-03-06"), f => HeaderCases.Note(f, CompositionStatus.Final, "2026-03-05")),

        new("COB-001", true, f => f.Secondary(100m, 31m, 20m), f => f.Secondary(100m, 32m, 20m)),
        new("COB-002", true, f => f.Secondary(100m, 32m, 20m).Identifier.Clear(), f => f.Secondary(100m, 32m, 20m)),
        new("COB-004", false, f => f.Secondary(100m, 52m, 0m), f => f.Secondary(100m, 32m, 20m)),

        new("PAY-001", true, f => Row(f, 30), f => Row(f, 50)),
        new("PAY-001", false, f => Asks(f, "item.count() = 1"), f => Asks(f, "item.count() > 1")),
        new("PAY-001", false, f => Asks(f, null, AdministrativeGender.Male), f => Asks(f, null, AdministrativeGender.Female)),

        new("X12-001", true, f => f.P.Patient.Name[0].Family = new string('A', 61), f => f.P.Patient.Name[0].Family = new string('A', 60)),
        new("X12-001", true, f => f.P.Patient.Address[0].City = "上海", f => f.P.Patient.Address[0].City = "Mayagüez"),
    ];

    private static void Drug(ScrubFixture f, string ndc, decimal amount, string unit)
    {
        f.Line("J1885");
        f.OnClaim(c =>
        {
            var extension = new Extension { Url = BillingUrls.NdcExtension };
            extension.AddExtension("code", new FhirString(ndc));
            extension.AddExtension("quantity", new Quantity { Value = amount, Code = unit });
            c.Item[^1].Extension.Add(extension);
        });
    }

    private static void Lines(ScrubFixture f, params string[] codes)
    {
        foreach (var code in codes)
            f.Line(code);
    }

    private static void Asks(ScrubFixture f, string? condition, AdministrativeGender? sex = null) => f.PayerWith(p => p with
    {
        Rules = [new PayerRuleRow("PAY-001", FindingSeverity.Warn, "We want this another way.") { Condition = condition, Sex = sex }],
    });

    private static void Row(ScrubFixture f, int ageFrom) => f.PayerWith(p => p with
    {
        Rules = [new PayerRuleRow("PAY-001", FindingSeverity.Reject, "Visits need modifier 33 from us.") { Codes = ["99213"], Diagnoses = ["I1"], WithoutModifier = "33", AgeFrom = ageFrom }],
    });
}
