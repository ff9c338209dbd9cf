using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Scrubbing;

/// <summary>PROC.</summary>
internal static class ProcedureCases
{
    public static RuleCase[] All =>
    [
        new("PROC-001", true, f => f.Code("99219"), f => f.Code("99214")),
        new("PROC-001", true, f => f.OnClaim(c => c.Item[0].ProductOrService = new CodeableConcept(CodeSystemUrls.Snomed, "185349003")), _ => { }),
        new("PROC-003", true, f => f.OnClaim(c => c.Item[0].DiagnosisSequence = [2]), f => f.OnClaim(c => c.Item[0].DiagnosisSequence = [1])),
        new("PROC-003", true, f =>
        {
            f.Diagnoses("A00.0", "A00.1", "A00.9", "A01.0", "A01.1");
            f.OnClaim(c => c.Item[0].DiagnosisSequence = [1, 2, 3, 4, 5]);
        }, f =>
        {
            f.Diagnoses("A00.0", "A00.1", "A00.9", "A01.0", "A01.1");
            f.OnClaim(c => c.Item[0].DiagnosisSequence = [1, 2, 3, 5]);
        }),
        new("PROC-004", false, f => f.Diagnoses("I10", "E11.65"), _ => { }),
        new("PROC-005", true, f => f.Code("58300"), f => f.Code("55700")),
        new("PROC-006", true, f => f.Code("99460"), f =>
        {
            f.P.Patient.BirthDate = "2026-03-01";
            f.Code("99460");
        }),
        new("PROC-007", true, f => f.Code("99395"), f => f.Code("99396")),
        new("PROC-008", true, f => f.Code("99203"), f =>
        {
            f.EarlierEncounters.Clear();
            f.EarlierEncounters.Add(TestPractice.NewVisit("long ago", "2023-03-02"));
            f.Code("99203");
        }),
        new("PROC-009", false, f =>
        {
            f.EarlierEncounters.Clear();
            f.Code("99213");
        }, f => f.Code("99213")),
        new("PROC-010", true, f => f.Line("11103"), f =>
        {
            f.Line("11102");
            f.Line("11103");
        }),
        new("PROC-011", false, f => f.Code("G2211"), f => f.Line("G2211")),
        new("PROC-012", true, f => f.Code("29799"), f =>
        {
            f.Code("29799");
            f.OnClaim(c => c.Item[0].ProductOrService!.Text = "Casting of the whole hand");
        }),
        new("PROC-013", true, f => f.OnClaim(c => c.Item[0].Quantity!.Value = 2), f => f.Line("97110", ["GP"], units: 2)),
        new("PROC-013", true, f => f.Line("97110", ["GP"], units: 1.5m), f => f.Line("97110", ["GP"], units: 1m)),
        new("PROC-014", true, f => f.Line("11102", units: 2), f => f.Line("11102", units: 1)),
        new("PROC-015", true, f =>
        {
            f.Line("83036");
            f.Line("83036", ["91"]);
        }, f => f.Line("83036")),
        new("PROC-016", false, f =>
        {
            f.OtherClaim("36415", TestPractice.Day);
            f.Line("36415", units: 2);
        }, f => f.Line("36415", units: 2)),
        new("PROC-019", true, f => f.OtherClaim("99213", TestPractice.Day), f => f.OtherClaim("99213", "2026-03-01")),
        new("PROC-019", true, f =>
        {
            f.Line("80053");
            f.Line("80053");
        }, f => f.Line("80053")),
        new("PROC-020", false, f =>
        {
            f.Line("93000");
            f.Line("93000", ["26"]);
        }, f =>
        {
            f.Line("93000");
            f.Line("93000", ["76"]);
        }),
        new("PROC-021", true, f => f.Line("99396"), f => f.Line("99396", ["25"])),
        new("PROC-022", true, f => f.Code("99241"), f => f.Code("99242")),
        new("PROC-025", false, f => f.Line("93000"), f => f.Extra.Add(TestPractice.NewProcedure("ecg", CodeSystemUrls.Cpt, "93000"))),
        new("PROC-026", false, f => f.Extra.Add(TestPractice.NewProcedure("odd", CodeSystemUrls.Snomed, "12345")), f => f.Extra.Add(TestPractice.NewProcedure("ecg", CodeSystemUrls.Cpt, "93000"))),
        new("PROC-027", true, f => f.Line("90656"), f =>
        {
            f.Line("90656");
            f.Line("90471");
        }),
        new("PROC-027", true, f => f.Line("90471"), f => f.Extra.Add(TestPractice.NewImmunization("flu", CodeSystemUrls.Cpt, "90656"))),
        new("PROC-028", true, f => f.Line("36415", units: 2), f => f.Line("36415")),
        new("PROC-029", true, f => f.Code("G2211"), f => f.Line("G2211")),
        new("PROC-029", false, f =>
        {
            f.Code("99213", "25");
            f.Line("G2211");
        }, f =>
        {
            f.Code("99213", "25");
            f.Line("G2211");
            f.Line("90471");
        }),
    ];
}
