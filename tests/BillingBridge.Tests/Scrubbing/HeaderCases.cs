using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Scrubbing;

/// <summary>HDR, DAT and AMT.</summary>
internal static class HeaderCases
{
    public static RuleCase[] All =>
    [
        new("HDR-001", true, f => f.OnClaim(c => c.Identifier[0].Value = "too short"[..5]), _ => { }),
        new("HDR-001", true, f => f.SameNumber.Add(new Claim { Id = "twin" }), _ => { }),
        new("HDR-002", true, f => f.OnClaim(c => c.Type = new CodeableConcept("x", "institutional")), _ => { }),
        new("HDR-003", true, f => Repeat(f, 50), f => Repeat(f, 49)),
        new("HDR-004", true, f => Frequency(f, "7", null), f => Frequency(f, "7", "ICN1")),
        new("HDR-005", true, f =>
        {
            f.PayerWith(p => p with { AcceptsReplacement = false });
            Frequency(f, "7", "ICN1");
        }, f => Frequency(f, "7", "ICN1")),
        new("HDR-007", true, f => Note(f, CompositionStatus.Preliminary, "2026-03-02"), f => Note(f, CompositionStatus.Final, "2026-03-02")),
        new("HDR-007", true, f => f.P.Visit.Status = Encounter.EncounterStatus.InProgress, _ => { }),

        new("DAT-001", true, f => f.OnClaim(c => c.Item[0].Serviced = null), _ => { }),
        new("DAT-001", true, f => f.BillingDate = new DateOnly(2026, 3, 1), f => f.BillingDate = new DateOnly(2026, 3, 2)),
        new("DAT-002", true, f => f.OnClaim(c => c.Item[0].Serviced = new Period { Start = "2026-03-02", End = "2026-03-01" }), _ => { }),
        new("DAT-002", true, f => f.OnClaim(c => c.Item[0].Serviced = new Date("2026-03-01")), _ => { }),
        new("DAT-003", true, f => f.BillingDate = new DateOnly(2026, 8, 30), f => f.BillingDate = new DateOnly(2026, 8, 29)),
        new("DAT-004", false, f => f.BillingDate = new DateOnly(2026, 8, 20), f => f.BillingDate = new DateOnly(2026, 8, 15)),
        new("DAT-005", true, f => f.Info(SupportingInfo.Onset, new Date("2026-03-03")), f => f.Info(SupportingInfo.Onset, new Date("2026-03-02"))),
        new("DAT-006", true, f => f.Place("21"), f =>
        {
            f.Place("21");
            f.Info(SupportingInfo.Hospitalized, new Period { Start = "2026-03-01", End = "2026-03-04" });
        }),
        new("DAT-006", true, f => f.Info(SupportingInfo.Hospitalized, new Period { Start = "2026-03-03" }), f => f.Info(SupportingInfo.Hospitalized, new Period { Start = "2026-03-02" })),
        new("DAT-007", true, f => f.OnClaim(c => c.Item[0].Serviced = new Period { Start = "2025-09-30", End = "2025-10-01" }),
            f => f.OnClaim(c => c.Item[0].Serviced = new Period { Start = "2025-10-01", End = "2025-10-02" })),
        new("DAT-008", false, f => f.BillingDate = new DateOnly(2026, 3, 6), f => f.BillingDate = new DateOnly(2026, 3, 5)),

        new("AMT-001", true, f => Price(f, 0m), f =>
        {
            f.Code("99024");
            Price(f, 0m);
        }),
        new("AMT-002", true, f => f.OnClaim(c => c.Item[0].Quantity!.Value = 2), f => f.OnClaim(c =>
        {
            c.Item[0].Quantity!.Value = 2;
            c.Item[0].Net = ClaimBuilder.Usd(304m);
        })),
        new("AMT-003", true, f => f.OnClaim(c => c.Total = ClaimBuilder.Usd(152.01m)), _ => { }),
        new("AMT-004", false, f => Price(f, 140m), f => Price(f, 152m)),
        new("AMT-007", true, f => f.OnClaim(c => c.Total!.Currency = Money.Currencies.EUR), _ => { }),
        new("AMT-008", true, f => f.Info(SupportingInfo.PatientPaid, value: new Quantity { Value = 152.01m }), f => f.Info(SupportingInfo.PatientPaid, value: new Quantity { Value = 152m })),
        new("AMT-009", false, f => f.Code("99429"), _ => { }),
    ];

    private static void Repeat(ScrubFixture f, int lines)
    {
        for (var i = 0; i < lines; i++)
            f.Line("80053");
    }

    private static void Frequency(ScrubFixture f, string frequency, string? icn) => f.OnClaim(c =>
    {
        c.RemoveExtension(BillingUrls.FrequencyExtension);
        c.AddExtension(BillingUrls.FrequencyExtension, new Code(frequency));
        if (icn is not null)
            c.Related.Add(new Claim.RelatedClaimComponent { Reference = new Identifier(BillingUrls.Icn("ACME1"), icn) });
    });

    private static void Price(ScrubFixture f, decimal usd) => f.OnClaim(c =>
    {
        c.Item[0].UnitPrice = ClaimBuilder.Usd(usd);
        c.Item[0].Net = ClaimBuilder.Usd(usd);
    });

    internal static void Note(ScrubFixture f, CompositionStatus status, string day)
    {
        f.P.Note.Status = status;
        f.P.Note.Date = day;
    }
}
