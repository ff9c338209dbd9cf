using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.Terminology;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Scrubbing;

/// <summary>What the record beside the encounter decides: notices, prescriptions, schedules, remittances, ages, onsets.</summary>
internal static class CompletedCases
{
    public static RuleCase[] All =>
    [
        // DAT-003: 180 days from the service are over; 180 from the remittance of the original are not.
        new("DAT-003", true, f => Corrected(f, "2026-03-04", "2026-09-01"), f => Corrected(f, "2026-03-05", "2026-09-01")),
        new("DAT-004", false, f => Corrected(f, "2026-03-10", "2026-09-01"), f => Corrected(f, "2026-03-19", "2026-09-01")),

        new("DX-017", false, f => Injury(f, "2026-01-30"), f => Injury(f, "2026-01-31")),
        new("DX-022", false, f => Diabetes(f, "Insulin glargine 100 units/mL"), f => Diabetes(f, "Metformin 500 mg")),
        new("DX-022", false, f => Diabetes(f, "Lantus SoloStar"), f =>
        {
            Diabetes(f, "Lantus SoloStar");
            f.Diagnoses("E11.65", "Z79.4");
        }),

        new("MOD-021", true, f => f.Code("99213", "GA"), f =>
        {
            f.Code("99213", "GA");
            Notice(f, "2026-03-02");
        }),
        new("MOD-021", true, f =>
        {
            f.Code("99213", "GX", "GY");
            Notice(f, "2025-03-02");
        }, f =>
        {
            f.Code("99213", "GX", "GY");
            Notice(f, "2025-03-03");
        }),
        new("MOD-021", true, f => f.Code("99213", "GZ", "GY"), f => f.Code("99213", "GZ")),

        // The fee table of the tests allows 86.84 a unit.
        new("MOD-024", true, f => Therapy(f, 2, "GP"), f => Therapy(f, 2, "GP", "KX")),
        new("MOD-024", true, f => Therapy(f, 2, "GP"), f => Therapy(f, 1, "GP")),

        new("PROC-006", true, f => Vaccine(f, "90655"), f => Vaccine(f, "90656")),
        new("PROC-006", true, f =>
        {
            f.P.Patient.BirthDate = "2019-03-03";
            Vaccine(f, "90715");
        }, f =>
        {
            f.P.Patient.BirthDate = "2019-03-02";
            Vaccine(f, "90715");
        }),

        new("PRV-013", false, f =>
        {
            ProviderCases.Helper(f);
            f.Diagnoses("I10", "E11.65");
        }, f =>
        {
            ProviderCases.Helper(f);
            f.Diagnoses("I10", "Z79.4");
        }),
        new("PRV-013", false, f =>
        {
            ProviderCases.Helper(f);
            f.History = h => h with { IsRenderingIn = false };
        }, f =>
        {
            ProviderCases.Helper(f);
            f.History = h => h with { IsRenderingIn = true };
        }),

        // PROC-008: another specialty of the same group does not make the patient an established one.
        new("PROC-008", true, f =>
        {
            SeenBy(f, "207Q00000X");
            f.Code("99203");
        }, f =>
        {
            SeenBy(f, "207RC0000X");
            f.Code("99203");
        }),
        new("PROC-009", false, f => SeenBy(f, "207RC0000X"), f => SeenBy(f, "207Q00000X")),
    ];

    private static void SeenBy(ScrubFixture f, string taxonomy)
    {
        f.EarlierEncounters[0].Participant[0].Individual = new ResourceReference("Practitioner/colleague");
        f.Extra.Add(new PractitionerRole { Id = "colleague", Practitioner = new ResourceReference("Practitioner/colleague"), Specialty = [new CodeableConcept(CodeSystemUrls.ProviderTaxonomy, taxonomy)] });
    }

    private static void Corrected(ScrubFixture f, string remitted, string today)
    {
        f.BillingDate = DateOnly.Parse(today, System.Globalization.CultureInfo.InvariantCulture);
        f.OnClaim(c => c.SetExtension(BillingUrls.FrequencyExtension, new Code("7")));
        f.History = h => h with { OriginalAnswers = [new ClaimResponse { Id = "first", Created = remitted }] };
    }

    private static void Injury(ScrubFixture f, string onset)
    {
        f.Diagnoses("S93.401A");
        f.Info(SupportingInfo.Onset, new Date(onset));
    }

    private static void Diabetes(ScrubFixture f, string drug)
    {
        f.Diagnoses("E11.65");
        f.History = h => h with { Prescriptions = [new MedicationRequest { Id = "drug", Status = MedicationRequest.MedicationrequestStatus.Active, Medication = new CodeableConcept { Text = drug } }] };
    }

    private static void Notice(ScrubFixture f, string signed) => f.History = h => h with
    {
        AdvanceNotices = [new DocumentReference
        {
            Id = "abn",
            Status = DocumentReferenceStatus.Current,
            Type = new CodeableConcept(AdvanceNotices.System, AdvanceNotices.Code),
            Date = DateTimeOffset.Parse($"{signed}T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture),
        }],
    };

    private static void Therapy(ScrubFixture f, decimal units, params string[] modifiers)
    {
        f.PayerWith(p => p with { Family = PayerFamily.Medicare });
        f.Edits = TestTables.With(TableNames.TherapyThresholds, "discipline,usd,from,to", "PT-SLP,100,2026-01-01,2026-12-31");
        f.Line("97110", modifiers, units);
    }

    private static void Vaccine(ScrubFixture f, string code)
    {
        f.Codes.Add(CodeSystemUrls.Cpt, code);
        f.Line(code);
    }
}
