using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Scrubbing;

/// <summary>MOD, NCCI and GLB.</summary>
internal static class ModifierCases
{
    public static RuleCase[] All =>
    [
        new("MOD-001", true, f => f.Code("99213", "98"), f => f.Code("99213", "25")),
        new("MOD-001", true, f => f.Code("20610", "ZZ"), f => f.Code("20610", "RT")),
        new("MOD-002", true, f => f.Code("20610", "RT", "RT"), f => f.Code("20610", "RT", "59", "22", "GA")),
        new("MOD-003", true, f => f.Code("20610", "25"), f => f.Code("99213", "25")),
        new("MOD-004", true, f => f.Line("20610"), f =>
        {
            f.Code("99213", "25");
            f.Line("20610");
        }),
        new("MOD-005", false, f =>
        {
            f.Code("99213", "25");
            f.Line("20610");
        }, f =>
        {
            f.Code("99213", "25");
            f.Line("20610", pointer: 2);
        }),
        new("MOD-006", true, f =>
        {
            f.Code("99213", "57");
            f.Line("20610");
        }, f =>
        {
            f.Code("99213", "57");
            f.Line("27447");
        }),
        new("MOD-006", true, f => f.Line("27447"), f => f.Line("93000")),
        new("MOD-007", true, f => f.Line("20610", ["59", "XS"]), f => f.Line("20610", ["XS"])),
        new("MOD-007", true, f => f.Code("99213", "59"), f => f.Code("99213", "25")),
        new("MOD-008", false, f =>
        {
            f.PayerWith(p => p with { PrefersX = true });
            f.Line("20610", ["59"]);
        }, f => f.Line("20610", ["59"])),
        new("MOD-009", true, f => f.Line("93000", ["26", "TC"]), f => f.Line("93000", ["26"])),
        new("MOD-011", true, f => f.Line("20610", ["50"], units: 2), f => f.Line("20610", ["50"])),
        new("MOD-011", true, f => f.Line("20610", ["50", "RT"]), f => f.Line("20610", ["RT"], units: 2)),
        new("MOD-013", true, f => f.Line("93000", ["76"]), f =>
        {
            f.Line("93000");
            f.Line("93000", ["76"]);
        }),
        new("MOD-014", true, f => f.Code("99213", "95"), f =>
        {
            f.Code("99213", "95");
            f.Place("10");
        }),
        new("MOD-014", true, f => f.Place("10"), f =>
        {
            f.Place("10");
            f.PayerWith(p => p with { TelehealthModifierRequired = false });
        }),
        new("MOD-018", true, f => f.Code("99213", "52"), f => f.Line("20610", ["52"])),
        new("MOD-018", false, f => f.Line("27447", ["22"]), f =>
        {
            f.Line("27447", ["22"]);
            f.Info(SupportingInfo.Attachment);
        }),
        new("MOD-019", true, f => f.Line("11103", ["51"]), f => f.Line("20610", ["51"])),
        new("MOD-021", true, f => f.Line("80053", ["GA", "GZ"]), f => f.Line("80053", ["GZ"])),
        new("MOD-022", false, f =>
        {
            Medicare(f);
            f.Line("J1885");
        }, f =>
        {
            Medicare(f);
            f.Line("J1885", ["JZ"]);
        }),
        new("MOD-022", false, f =>
        {
            Medicare(f);
            f.Line("J1885", ["JW"]);
        }, f => f.Line("J1885")),
        new("MOD-024", true, f => f.Line("97110"), f => f.Line("97110", ["GP"])),
        new("MOD-025", false, f => f.Line("20610", ["RT", "59"]), f => f.Line("20610", ["59", "RT"])),
        new("MOD-026", true, f => f.Code("99213", "FS"), f =>
        {
            f.Code("99213", "FS");
            f.Place("22");
        }),

        new("NCCI-001", true, f =>
        {
            f.Line("80053");
            f.Line("82947", ["59"]);
        }, f => f.Line("82947")),
        new("NCCI-002", true, f => f.Line("20610"), f =>
        {
            f.Code("99213", "25");
            f.Line("20610");
        }),
        new("NCCI-002", true, f =>
        {
            f.Line("20610", ["25"]);
            f.Line("20605");
        }, f =>
        {
            f.Code("99213", "25");
            f.Line("20610");
            f.Line("20605", ["XS"]);
        }),
        new("NCCI-003", false, f =>
        {
            f.Line("20610");
            f.Line("20605", ["XS"]);
        }, f =>
        {
            f.Line("20610");
            f.Line("20605", ["XS"]);
            f.OnClaim(c => c.Item[2].BodySite = new CodeableConcept("x", "left elbow"));
        }),
        new("GLB-001", true, f => f.OtherClaim("27447", "2026-02-01"), f => f.OtherClaim("27447", "2025-11-01")),
        new("GLB-001", true, f => f.OtherClaim("27447", "2025-12-02"), f =>
        {
            f.OtherClaim("27447", "2025-12-02");
            f.Code("99213", "24");
        }),
        new("GLB-002", true, f =>
        {
            f.OtherClaim("27447", "2026-02-01");
            f.Line("20610");
        }, f =>
        {
            f.OtherClaim("27447", "2026-02-01");
            f.Line("20610", ["79"]);
        }),
    ];

    private static void Medicare(ScrubFixture f) => f.P.Coverage.Type = new CodeableConcept("https://x12.org/codes/claim-filing-indicator-codes", "MB");
}
