using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Scrubbing;

/// <summary>DX.</summary>
internal static class DiagnosisCases
{
    public static RuleCase[] All =>
    [
        new("DX-001", true, f => f.Diagnoses(), _ => { }),
        new("DX-002", true, f => f.Diagnoses(Codes(13)), f => f.Diagnoses(Codes(12))),
        new("DX-003", true, f => f.Diagnoses("Q99.99"), f => f.Diagnoses("i10")),
        new("DX-004", true, f =>
        {
            Heading(f);
            f.Diagnoses("E11.6");
        }, f =>
        {
            Heading(f);
            f.Diagnoses("E1165");
        }),
        new("DX-005", true, f =>
        {
            Sevens(f);
            f.Diagnoses("S93.401");
        }, f =>
        {
            Sevens(f);
            f.Diagnoses("S93.401A");
        }),
        new("DX-005", true, f =>
        {
            f.Codes.Add(CodeSystemUrls.Icd10Cm, "S09.90XA");
            f.Diagnoses("S09.90A");
        }, f =>
        {
            f.Codes.Add(CodeSystemUrls.Icd10Cm, "S09.90XA");
            f.Diagnoses("S09.90XA");
        }),
        new("DX-006", true, f => f.Diagnoses("E11.65", "E1165"), f => f.Diagnoses("E11.65", "I10")),
        new("DX-007", false, f =>
        {
            Pair(f, "J01.90", "Acute sinusitis, unspecified", "J01.91", "Acute recurrent sinusitis");
            f.Diagnoses("J01.90");
        }, f =>
        {
            Pair(f, "J01.90", "Acute sinusitis, unspecified", "J01.91", "Acute recurrent sinusitis");
            f.Diagnoses("J01.91");
        }),
        new("DX-008", false, f =>
        {
            Knee(f);
            f.Diagnoses("M17.9");
        }, f =>
        {
            Knee(f);
            f.Diagnoses("M17.1");
        }),
        new("DX-009", true, f => Knee(f, "M17.1", "LT"), f => Knee(f, "M17.1", "RT")),
        new("DX-009", false, f => Knee(f, "M17.1", "50"), f => Knee(f, "M17.9", "50")),
        new("DX-010", true, f => f.Diagnoses("N80.0"), f => f.Diagnoses("N40.0")),
        new("DX-010", true, f =>
        {
            f.P.Patient.Gender = AdministrativeGender.Female;
            f.Diagnoses("C61");
        }, f =>
        {
            f.P.Patient.Gender = AdministrativeGender.Female;
            f.Diagnoses("O80");
        }),
        new("DX-011", true, f => f.Diagnoses("P07.30"), f => f.Diagnoses("Z00.00")),
        new("DX-011", true, f => f.Diagnoses("Z00.129"), f =>
        {
            f.P.Patient.BirthDate = "2015-01-01";
            f.Diagnoses("Z00.129");
        }),
        new("DX-013", true, f => Manifestation(f, "H42", "I10"), f => Manifestation(f, "I10", "H42")),
        new("DX-015", true, f => f.Diagnoses("W01.0XXA"), f => f.Diagnoses("S93.401A", "W01.0XXA")),
        new("DX-016", false, f => Injury(f, "S93.401A"), f => Injury(f, "S93.401A", "W01.0XXA")),
        new("DX-017", false, f =>
        {
            f.Place("23");
            f.Diagnoses("S93.401D");
        }, f =>
        {
            f.Place("23");
            f.Diagnoses("S93.401A");
        }),
        new("DX-019", false, f => f.Diagnoses("Z00.01"), f => f.Diagnoses("Z00.01", "I10")),
        new("DX-019", false, f => f.Diagnoses("Z00.00", "J20.9"), f => f.Diagnoses("Z00.00", "I10")),
        new("DX-020", true, f => f.Diagnoses("O14.03"), f => f.Diagnoses("O14.03", "Z3A.33")),
        new("DX-020", true, f => f.Diagnoses("O14.03", "Z34.90", "Z3A.33"), f => f.Diagnoses("Z34.90")),
        new("DX-020", true, f => f.Diagnoses("O20.0"), f => f.Diagnoses("O03.9")),
        new("DX-020", false, f => f.Diagnoses("O80"), f => f.Diagnoses("O80", "Z3A.39")),
        new("DX-021", false, f => f.Diagnoses("I10", "N18.3"), f => f.Diagnoses("I12.9", "N18.3")),
        new("DX-022", false, f => f.Diagnoses("E10.9", "Z79.84"), f => f.Diagnoses("E10.9", "Z79.84", "Z79.4")),
        new("DX-023", false, f => f.Diagnoses("E11.65"), f => f.Diagnoses("I10")),
        new("DX-025", true, f => Choice(f), f =>
        {
            Choice(f);
            f.OnClaim(c => ((CodeableConcept)c.Diagnosis[^1].Diagnosis!).Coding[0].UserSelected = true);
        }),
        new("DX-025", false, f => f.Extra.Add(TestPractice.NewCondition("odd", CodeSystemUrls.Snomed, "999")), _ => { }),
    ];

    private static string[] Codes(int n) => [.. Enumerable.Range(0, n).Select(i => $"A{i:00}.0")];

    private static void Heading(ScrubFixture f) => f.Codes.Add(CodeSystemUrls.Icd10Cm, "E11.6", "Type 2 diabetes mellitus with other specified complications", billable: false);

    private static void Sevens(ScrubFixture f)
    {
        f.Codes.Add(CodeSystemUrls.Icd10Cm, "S93.401", "Sprain of unspecified ligament of right ankle", billable: false);
        f.Codes.Add(CodeSystemUrls.Icd10Cm, "S93.401A", "Sprain of unspecified ligament of right ankle, initial encounter");
    }

    private static void Pair(ScrubFixture f, string first, string firstTitle, string second, string secondTitle)
    {
        f.Codes.Add(CodeSystemUrls.Icd10Cm, first, firstTitle);
        f.Codes.Add(CodeSystemUrls.Icd10Cm, second, secondTitle);
    }

    private static void Knee(ScrubFixture f)
    {
        Pair(f, "M17.1", "Osteoarthritis of right knee", "M17.2", "Osteoarthritis of left knee");
        f.Codes.Add(CodeSystemUrls.Icd10Cm, "M17.9", "Osteoarthritis of knee, unspecified");
    }

    private static void Knee(ScrubFixture f, string diagnosis, string modifier)
    {
        Knee(f);
        f.Diagnoses(diagnosis);
        f.Code("20610", modifier);
    }

    private static void Manifestation(ScrubFixture f, params string[] codes)
    {
        f.Codes.Add(CodeSystemUrls.Icd10Cm, "H42", "Glaucoma in diseases classified elsewhere");
        f.Diagnoses(codes);
    }

    private static void Injury(ScrubFixture f, params string[] codes)
    {
        f.PayerWith(p => p with { ExternalCauseWanted = true });
        f.Diagnoses(codes);
    }

    private static void Choice(ScrubFixture f)
    {
        f.Codes.Map(CodeSystemUrls.Snomed, "262574004", CodeSystemUrls.Icd10Cm, "T14.8XXA", choice: true);
        f.P.Visit.ReasonCode.Add(new CodeableConcept(CodeSystemUrls.Snomed, "262574004"));
    }
}
