using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Scrubbing;

/// <summary>What notes must say, and must not copy.</summary>
internal static class NoteCases
{
    private const string Doctor = "Practitioner/doc";

    public static RuleCase[] All =>
    [
        new("DX-024", false, f => Verified(f, "provisional"), f => Verified(f, "confirmed")),
        new("DX-024", false, f => Verified(f, "provisional"), f =>
        {
            Verified(f, "provisional");
            f.Extra.Add(TestPractice.NewCondition("again", CodeSystemUrls.Icd10Cm, "I10"));
        }),
        new("DX-024", false, f => f.P.Hypertension.Code!.Text = "Rule out hypertension", f => f.P.Hypertension.Code!.Text = "Hypertension, ruled by diet"),

        new("DOC-003", true, f => f.P.Note.Author = [new ResourceReference("Practitioner/else")], f =>
        {
            f.P.Note.Author = [new ResourceReference("Practitioner/else")];
            f.P.Note.Attester.Add(new Composition.AttesterComponent { Party = new ResourceReference(Doctor) });
        }),
        new("DOC-003", false, f => f.P.Note.Encounter!.Reference = "Encounter/another", f =>
        {
            f.P.Note.Encounter!.Reference = "Encounter/another";
            f.Extra.Add(new DocumentReference { Id = "scan", Context = new DocumentReference.ContextComponent { Encounter = [new ResourceReference("Encounter/visit")] } });
        }),
        new("DOC-005", false, f => Copied(f, Words(0, 96), "2026-01-05"), f => Copied(f, Words(0, 60), "2026-01-05")),
        new("DOC-005", false, f => Copied(f, Words(0, 100), "2025-03-02"), f => Copied(f, Words(0, 100), "2025-03-01")),
        new("DOC-006", false, f => Cloned(f, 100, "2026-02-27"), f => Cloned(f, 100, "2026-02-20")),
        new("DOC-006", false, f => Cloned(f, 95, "2026-02-27"), f => Cloned(f, 80, "2026-02-27")),
        new("DOC-007", false, f => Says(f, "She feels well."), f => Says(f, "He feels well; his wife says she agrees.")),
        new("DOC-007", false, f => Says(f, "The patient is pregnant."), f => Says(f, "The patient's partner is pregnant.")),
        new("DOC-007", false, f => Says(f, "A 64-year-old patient."), f => Says(f, "A 46 year old patient.")),
        new("DOC-007", false, f => Knee(f, "Pain in the left knee."), f => Knee(f, "Pain in the right knee, left knee well.")),
        new("DOC-008", true, f => f.Line("20610"), f =>
        {
            f.Line("20610");
            f.P.Note.Section.Add(TestPractice.Section("Procedure", "Needle into the joint."));
        }),
        new("DOC-008", true, f => Injected(f, noted: false), f => Injected(f, noted: true)),
        new("DOC-009", true, f => f.Line("G0439"), f => Wellness(f, "Health risk assessment", "Screening schedule")),
        new("DOC-009", true, f => Wellness(f, "Health risk assessment", "Diet"), f => Wellness(f, "HRA", "Personalized plan")),
    ];

    /// <summary>A run of made-up words, so that each five of them are a shingle of their own.</summary>
    internal static string Words(int from, int count) => string.Join(' ', Enumerable.Range(from, count).Select(n => $"word{(char)('a' + (n / 26))}{(char)('a' + (n % 26))}"));

    internal static Composition Old(string patient, string day, string title, string text) => new()
    {
        Id = "old",
        Date = day,
        Subject = new ResourceReference(patient),
        Author = [new ResourceReference(Doctor)],
        Section = [TestPractice.Section(title, text)],
    };

    private static void Verified(ScrubFixture f, string status)
    {
        f.P.Hypertension.VerificationStatus = new CodeableConcept("http://terminology.hl7.org/CodeSystem/condition-ver-status", status);
        f.Diagnoses("I10");
    }

    private static void Copied(ScrubFixture f, string before, string day)
    {
        f.P.Note.Section = [TestPractice.Section("History", Words(0, 100))];
        f.History = h => h with { Notes = [Old("Patient/pat", day, "History", before)] };
    }

    private static void Cloned(ScrubFixture f, int shared, string day)
    {
        f.P.Note.Section = [TestPractice.Section("Assessment and plan", Words(0, 100))];
        f.History = h => h with { Notes = [Old("Patient/other", day, "Plan", Words(0, shared))] };
    }

    private static void Says(ScrubFixture f, string text) => f.P.Note.Section = [TestPractice.Section("History", text)];

    private static void Knee(ScrubFixture f, string text)
    {
        f.Codes.Add(CodeSystemUrls.Icd10Cm, "M17.11", "Osteoarthritis, right knee");
        f.Diagnoses("M17.11");
        Says(f, text);
    }

    private static void Injected(ScrubFixture f, bool noted)
    {
        var procedure = TestPractice.NewProcedure("injection", CodeSystemUrls.Cpt, "20610");
        if (noted)
            procedure.Note.Add(new Annotation { Text = "Needle into the joint." });
        f.Extra.Add(procedure);
    }

    private static void Wellness(ScrubFixture f, params string[] titles)
    {
        f.Line("G0439");
        f.P.Note.Section.AddRange(titles.Select(t => TestPractice.Section(t, "As discussed.")));
    }
}
