using System.Globalization;
using FhirEmr.BillingBridge.EvaluationManagement;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.EvaluationManagement;

/// <summary>A made-up office visit in a store, documented step by step, and its level.</summary>
internal sealed class VisitFixture
{
    private readonly TestPractice practice = new();
    private readonly List<Resource> extra = [];
    private readonly QuestionnaireResponse answers = new()
    {
        Id = "answers",
        Status = QuestionnaireResponse.QuestionnaireResponseStatus.Completed,
        Questionnaire = EvaluationUrls.EmDataQuestionnaire,
        Encounter = new ResourceReference("Encounter/visit"),
        Author = new ResourceReference("Practitioner/doc"),
    };

    public VisitFixture(bool isNew = false, string day = TestPractice.Day)
    {
        Day = day;
        Visit = TestPractice.NewVisit("visit", day);
        Visit.Type = [];
        Assessment = new Composition.SectionComponent { Code = new CodeableConcept(CodeSystemUrls.Loinc, "51848-0") };
        Note = new Composition
        {
            Id = "note",
            Status = CompositionStatus.Final,
            Encounter = new ResourceReference("Encounter/visit"),
            Date = $"{day}T10:00:00-05:00",
            Author = [new ResourceReference("Practitioner/doc")],
            Section = [Assessment],
        };
        if (!isNew)
            Add(TestPractice.NewVisit("earlier", DateOnly.Parse(day, CultureInfo.InvariantCulture).AddMonths(-9).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
    }

    public string Day { get; }

    public Encounter Visit { get; }

    public Composition Note { get; }

    public Composition.SectionComponent Assessment { get; }

    public QuestionnaireResponse Answers => answers;

    public InMemoryFhirRecords Records { get; } = new();

    public VisitFixture Add(params ReadOnlySpan<Resource> resources)
    {
        foreach (var resource in resources)
            extra.Add(resource);
        return this;
    }

    public VisitFixture Medicare()
    {
        practice.Coverage.Type = new CodeableConcept("https://x12.org/codes/claim-filing-indicator-codes", "MB");
        return this;
    }

    /// <summary>A diagnosis of the encounter that the note assesses.</summary>
    public VisitFixture Problem(string id, string icd10, string? course = null, Action<Condition>? change = null)
    {
        var condition = Listed(id, icd10, course, change);
        Visit.Diagnosis.Add(new Encounter.DiagnosisComponent { Condition = new ResourceReference($"Condition/{condition.Id}") });
        Assessment.Entry.Add(new ResourceReference($"Condition/{condition.Id}"));
        return this;
    }

    /// <summary>A condition of the encounter that nothing assesses.</summary>
    public Condition Listed(string id, string icd10, string? course = null, Action<Condition>? change = null)
    {
        var condition = TestPractice.NewCondition(id, CodeSystemUrls.Icd10Cm, icd10);
        if (course is not null)
            condition.AddExtension(EvaluationUrls.Course, new Code(course));
        change?.Invoke(condition);
        extra.Add(condition);
        return condition;
    }

    public VisitFixture Confirm(string condition, string kind)
    {
        answers.Item.Add(new()
        {
            LinkId = "problem",
            Item =
            [
                new() { LinkId = "problem-condition", Answer = [new() { Value = new ResourceReference($"Condition/{condition}") }] },
                new() { LinkId = "problem-kind", Answer = [new() { Value = new Coding(EvaluationUrls.EmData, kind) }] },
            ],
        });
        return this;
    }

    public VisitFixture Answer(string linkId, DataType value)
    {
        answers.Item.Add(new() { LinkId = linkId, Answer = [new() { Value = value }] });
        return this;
    }

    public VisitFixture Order(string id, string cpt, Action<ServiceRequest>? change = null)
    {
        var order = new ServiceRequest
        {
            Id = id,
            Status = RequestStatus.Active,
            Intent = RequestIntent.Order,
            Code = new CodeableConcept(CodeSystemUrls.Cpt, cpt),
            Encounter = new ResourceReference("Encounter/visit"),
            Subject = new ResourceReference("Patient/pat"),
            AuthoredOn = $"{Day}T09:15:00-05:00",
        };
        change?.Invoke(order);
        return Add(order);
    }

    public VisitFixture Prescribe(string id, string drug, Action<MedicationRequest>? change = null)
    {
        var request = new MedicationRequest
        {
            Id = id,
            Status = MedicationRequest.MedicationrequestStatus.Active,
            Intent = MedicationRequest.MedicationRequestIntent.Order,
            Medication = new CodeableConcept { Text = drug },
            Encounter = new ResourceReference("Encounter/visit"),
            Subject = new ResourceReference("Patient/pat"),
            AuthoredOn = $"{Day}T09:16:00-05:00",
        };
        change?.Invoke(request);
        return Add(request);
    }

    public VisitFixture Charge(string id, string code, string? modifier = null, string performer = "Practitioner/doc")
    {
        var item = new ChargeItem
        {
            Id = id,
            Status = ChargeItem.ChargeItemStatus.Billable,
            Code = new CodeableConcept(CodeSystemUrls.Cpt, code),
            Context = new ResourceReference("Encounter/visit"),
            Subject = new ResourceReference("Patient/pat"),
            Performer = [new ChargeItem.PerformerComponent { Actor = new ResourceReference(performer) }],
        };
        if (modifier is not null)
            item.Code.Coding.Add(new Coding(CodeSystemUrls.Cpt, modifier));
        return Add(item);
    }

    /// <summary>Something of the patient's that the clinician noted to have reviewed.</summary>
    public VisitFixture Review(Resource what, string activity = "review", string? at = null) => Add(what, new Provenance
    {
        Id = $"review-{what.Id}",
        Target = [new ResourceReference($"{what.TypeName}/{what.Id}")],
        Recorded = DateTimeOffset.Parse(at ?? $"{Day}T09:05:00-05:00", CultureInfo.InvariantCulture),
        Activity = new CodeableConcept("urn:test", activity),
        Agent = [new Provenance.AgentComponent { Who = new ResourceReference("Practitioner/doc") }],
    });

    public VisitFixture Minutes(int minutes)
    {
        Visit.AddExtension(EvaluationUrls.TotalTime, new Duration { Value = minutes, Code = "min", System = "http://unitsofmeasure.org" });
        return this;
    }

    public VisitFixture Says(string text)
    {
        Note.Section.Add(new Composition.SectionComponent { Title = "Plan", Text = new Narrative { Status = Narrative.NarrativeStatus.Generated, Div = $"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>{text}</p></div>" } });
        return this;
    }

    public async Task<VisitLevel> LevelAsync(VisitSetting? setting = null, DateOnly? day = null) =>
        Assert.IsType<VisitLevelResult.Found>(await RunAsync(setting, day)).Level;

    public Task<VisitLevelResult> RunAsync(VisitSetting? setting = null, DateOnly? day = null, string id = "visit")
    {
        Records.Put([practice.Patient, Visit, practice.Payer, practice.Coverage, practice.Practice, practice.Doctor, practice.Role, Note]);
        if (answers.Item.Count > 0)
            Records.Put(answers);
        Records.Put([.. extra]);
        return new VisitLevelPipeline(Records, practice.Terminology, new BillingSetup()).RunAsync(id, day, setting, TestContext.Current.CancellationToken);
    }

    public static DocumentReference ExternalNote(string id, string organization = "Organization/hospital") => new()
    {
        Id = id,
        Description = "Emergency department note",
        Subject = new ResourceReference("Patient/pat"),
        Author = [new ResourceReference(organization)],
        Custodian = new ResourceReference("Organization/practice"),
    };

    public static DiagnosticReport Result(string id, string cpt, string? basedOn = null, string? encounter = null) => new()
    {
        Id = id,
        Status = DiagnosticReport.DiagnosticReportStatus.Final,
        Code = new CodeableConcept(CodeSystemUrls.Cpt, cpt),
        Subject = new ResourceReference("Patient/pat"),
        BasedOn = basedOn is null ? [] : [new ResourceReference(basedOn)],
        Encounter = encounter is null ? null : new ResourceReference(encounter),
    };

    /// <summary>Every month of <paramref name="months"/>, once.</summary>
    public static Timing Every(decimal months) => new() { Repeat = new Timing.RepeatComponent { Frequency = 1, Period = months, PeriodUnit = Timing.UnitsOfTime.Mo } };
}
