using FhirEmr.BillingBridge.Claims;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Fakes;

/// <summary>A made-up practice, a made-up patient and one office visit that bills cleanly; every call gives fresh resources.</summary>
internal sealed class TestPractice
{
    public const string Day = "2026-03-02";

    public TestPractice()
    {
        foreach (var code in (string[])["99202", "99203", "99204", "99211", "99212", "99213", "99214", "99215", "99283", "99395", "99385", "36415", "80053", "20610", "93000", "90656", "90471", "90472", "27447", "97110", "11103"])
            Terminology.Add(CodeSystemUrls.Cpt, code);
        foreach (var code in (string[])["G2211", "G0008", "J1885", "LT", "RT", "TC", "XS", "GA", "GZ", "GP", "JW", "JZ", "FS", "GT"])
            Terminology.Add(CodeSystemUrls.Hcpcs, code);
        Terminology.Add(CodeSystemUrls.Icd10Cm, "I10", "Essential (primary) hypertension");
        Terminology.Add(CodeSystemUrls.Icd10Cm, "E11.65", "Type 2 diabetes mellitus with hyperglycemia");
        Terminology.Add(CodeSystemUrls.Icd10Cm, "Z23", "Encounter for immunization");
    }

    public FakeTerminology Terminology { get; } = new();

    public Patient Patient { get; } = new()
    {
        Id = "pat",
        Name = [new HumanName { Use = HumanName.NameUse.Official, Family = "Abara", Given = ["Chidi"] }],
        BirthDate = "1980-01-14",
        Gender = AdministrativeGender.Male,
        Address = [new Address { Line = ["22 Elm Court"], City = "Lawrence", State = "MA", PostalCode = "01840", Country = "US" }],
    };

    public Organization Payer { get; } = new()
    {
        Id = "payer",
        Name = "Acme Health Plan",
        Identifier = [new Identifier(BillingUrls.PayerId, "ACME1")],
    };

    public Coverage Coverage { get; } = new()
    {
        Id = "cov",
        Status = FinancialResourceStatusCodes.Active,
        Type = new CodeableConcept("https://x12.org/codes/claim-filing-indicator-codes", "CI"),
        Beneficiary = new ResourceReference("Patient/pat"),
        SubscriberId = "A1002003",
        Relationship = new CodeableConcept("http://terminology.hl7.org/CodeSystem/subscriber-relationship", "self"),
        Period = new Period { Start = "2025-01-01" },
        Payor = [new ResourceReference("Organization/payer")],
        Order = 1,
    };

    public Organization Practice { get; } = new()
    {
        Id = "practice",
        Name = "Lakeside Family Medicine",
        Identifier = [new Identifier(BillingUrls.Npi, "1234567893"), new Identifier(BillingUrls.Ein, "52-1234567"), new Identifier(BillingUrls.Clia, "22D0123456")],
        Address = [new Address { Line = ["100 Main Street"], City = "Lawrence", State = "MA", PostalCode = "01840-1234" }],
    };

    public Practitioner Doctor { get; } = new()
    {
        Id = "doc",
        Name = [new HumanName { Family = "Nguyen", Given = ["Alice"] }],
        Identifier = [new Identifier(BillingUrls.Npi, "1987654328")],
    };

    public PractitionerRole Role { get; } = new()
    {
        Id = "role",
        Practitioner = new ResourceReference("Practitioner/doc"),
        Specialty = [new CodeableConcept(CodeSystemUrls.ProviderTaxonomy, "207Q00000X")],
    };

    public Encounter Visit { get; } = Diagnosed(NewVisit("visit", Day), "htn");

    /// <summary>An earlier visit, so that the patient is an established one.</summary>
    public Encounter EarlierVisit { get; } = NewVisit("earlier", "2025-06-02");

    /// <summary>The visit's note, signed by the doctor.</summary>
    public Composition Note { get; } = new()
    {
        Id = "note",
        Status = CompositionStatus.Final,
        Type = new CodeableConcept("http://loinc.org", "11506-3"),
        Date = Day,
        Subject = new ResourceReference("Patient/pat"),
        Encounter = new ResourceReference("Encounter/visit"),
        Author = [new ResourceReference("Practitioner/doc")],
        Section = [Section("Assessment and plan", "Blood pressure at goal, go on as before.")],
    };

    /// <summary>The payer's answer that the coverage is active.</summary>
    public CoverageEligibilityResponse Eligibility { get; } = new()
    {
        Id = "eligible",
        Patient = new ResourceReference("Patient/pat"),
        Created = "2026-02-27",
        Insurance = [new CoverageEligibilityResponse.InsuranceComponent { Coverage = new ResourceReference("Coverage/cov"), Inforce = true }],
    };

    /// <summary>Assignment of benefits, signed.</summary>
    public Consent Consent { get; } = new() { Id = "assignment", Status = Consent.ConsentState.Active, Patient = new ResourceReference("Patient/pat") };

    public Condition Hypertension { get; } = AtGoal(NewCondition("htn", CodeSystemUrls.Icd10Cm, "I10"));

    /// <summary>The decision of the visit: with one stable chronic problem it makes a low level.</summary>
    public MedicationRequest Prescription { get; } = new()
    {
        Id = "lisinopril",
        Status = MedicationRequest.MedicationrequestStatus.Active,
        Intent = MedicationRequest.MedicationRequestIntent.Order,
        Medication = new CodeableConcept { Text = "Lisinopril 10 mg tablet" },
        Subject = new ResourceReference("Patient/pat"),
        Encounter = new ResourceReference("Encounter/visit"),
        AuthoredOn = $"{Day}T09:15:00-05:00",
        ReasonReference = [new ResourceReference("Condition/htn")],
    };

    public IEnumerable<Resource> Related => [Payer, Coverage, Practice, Doctor, Role, Hypertension, Note];

    private static Encounter Diagnosed(Encounter visit, string condition)
    {
        visit.Diagnosis.Add(new Encounter.DiagnosisComponent { Condition = new ResourceReference($"Condition/{condition}"), Rank = 1 });
        return visit;
    }

    private static Condition AtGoal(Condition condition)
    {
        condition.AddExtension("urn:fhiremr:course", new Code("at-goal"));
        return condition;
    }

    public static Composition.SectionComponent Section(string title, string text) => new()
    {
        Title = title,
        Text = new Narrative { Status = Narrative.NarrativeStatus.Generated, Div = $"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>{text}</p></div>" },
    };

    public static Encounter NewVisit(string id, string day) => new()
    {
        Id = id,
        Status = Encounter.EncounterStatus.Finished,
        Class = new Coding("http://terminology.hl7.org/CodeSystem/v3-ActCode", "AMB"),
        Type = [new CodeableConcept(CodeSystemUrls.Cpt, "99213")],
        Subject = new ResourceReference("Patient/pat"),
        Participant = [new Encounter.ParticipantComponent { Individual = new ResourceReference("Practitioner/doc") }],
        Period = new Period { Start = $"{day}T09:00:00-05:00", End = $"{day}T09:20:00-05:00" },
        ServiceProvider = new ResourceReference("Organization/practice"),
    };

    public static Condition NewCondition(string id, string system, string code, string encounter = "visit") => new()
    {
        Id = id,
        Code = new CodeableConcept(system, code),
        Subject = new ResourceReference("Patient/pat"),
        Encounter = new ResourceReference($"Encounter/{encounter}"),
    };

    public static Procedure NewProcedure(string id, string system, string code) => new()
    {
        Id = id,
        Status = EventStatus.Completed,
        Code = new CodeableConcept(system, code),
        Subject = new ResourceReference("Patient/pat"),
        Encounter = new ResourceReference("Encounter/visit"),
        Performed = new FhirDateTime($"{Day}T09:10:00-05:00"),
    };

    public static Immunization NewImmunization(string id, string system, string code) => new()
    {
        Id = id,
        Status = Immunization.ImmunizationStatusCodes.Completed,
        VaccineCode = new CodeableConcept(system, code),
        Patient = new ResourceReference("Patient/pat"),
        Encounter = new ResourceReference("Encounter/visit"),
        Occurrence = new FhirDateTime($"{Day}T09:10:00-05:00"),
    };
}
