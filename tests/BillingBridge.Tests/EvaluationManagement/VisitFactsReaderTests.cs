using System.Globalization;
using FhirEmr.BillingBridge.EvaluationManagement;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.EvaluationManagement;

/// <summary>What counts as a documented fact, what is only inferred, and what does not count.</summary>
public sealed class VisitFactsReaderTests
{
    private const string Snomed = "http://snomed.info/sct";

    [Fact]
    public async Task A_visit_with_nothing_documented_has_no_level()
    {
        var level = await new VisitFixture().LevelAsync();

        Assert.Null(level.Code);
        Assert.Null(level.CodeIfConfirmed);
        Assert.Equal((MdmLevel.None, MdmLevel.None, MdmLevel.None), (level.Problems.Level, level.Data.Level, level.Risk.Level));
    }

    [Fact]
    public async Task A_condition_that_is_only_listed_does_not_count()
    {
        var visit = new VisitFixture();
        visit.Listed("htn", "I10", "exacerbation");

        var level = await visit.LevelAsync();

        Assert.Empty(level.Facts.Problems);
        Assert.Contains(level.Facts.NotCounted, n => n.Reference == "Condition/htn");
    }

    [Fact]
    public async Task A_diagnosis_that_no_assessment_names_is_inferred_and_does_not_raise_the_level()
    {
        var visit = new VisitFixture().Problem("copd", "J44.1", "severe").Prescribe("rx", "prednisone");
        visit.Assessment.Entry.Clear();

        var level = await visit.LevelAsync();

        Assert.Equal((MdmLevel.None, MdmLevel.High), (level.Problems.Level, level.Problems.IfConfirmed));
        Assert.Null(level.Code);
        Assert.Equal("99214", level.CodeIfConfirmed);
        Assert.Contains("99214: confirm the facts marked inferred.", level.Missing);
    }

    [Fact]
    public async Task A_diagnosis_that_the_visit_treated_is_addressed_without_an_assessment_but_not_a_list_item()
    {
        var treated = new VisitFixture().Problem("htn", "I10", "stable").Prescribe("rx", "lisinopril", r => r.ReasonReference.Add(new ResourceReference("Condition/htn")));
        treated.Assessment.Entry.Clear();
        var listed = new VisitFixture().Problem("htn", "I10", "stable", c => c.Category.Add(new CodeableConcept("http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item")))
            .Prescribe("rx", "lisinopril", r => r.ReasonReference.Add(new ResourceReference("Condition/htn")));
        listed.Assessment.Entry.Clear();

        Assert.Equal(MdmLevel.Low, (await treated.LevelAsync()).Problems.Level);
        Assert.Equal(MdmLevel.None, (await listed.LevelAsync()).Problems.Level);
    }

    [Fact]
    public async Task A_refuted_condition_and_a_circumstance_are_no_problems()
    {
        var level = await new VisitFixture()
            .Problem("flu", "J10.1", change: c => c.VerificationStatus = new CodeableConcept("http://terminology.hl7.org/CodeSystem/condition-ver-status", "refuted"))
            .Problem("home", "Z59.0").LevelAsync();

        Assert.Empty(level.Facts.Problems);
        Assert.Equal(["Condition/flu", "Condition/home"], level.Facts.NotCounted.Select(n => n.Reference).Order());
    }

    [Fact]
    public async Task One_diagnosis_recorded_twice_is_one_problem()
    {
        var level = await new VisitFixture().Problem("one", "I10", "stable").Problem("two", "I10", "stable").LevelAsync();

        Assert.Single(level.Facts.Problems);
        Assert.Equal(MdmLevel.Low, level.Problems.Level);
    }

    [Theory]
    [InlineData("stable", ProblemKind.StableChronic)]
    [InlineData("at-goal", ProblemKind.StableChronic)]
    [InlineData("not-at-goal", ProblemKind.ChronicExacerbation)]
    [InlineData("exacerbation", ProblemKind.ChronicExacerbation)]
    [InlineData("side-effects", ProblemKind.ChronicExacerbation)]
    [InlineData("severe", ProblemKind.ChronicSevere)]
    public async Task The_course_of_a_chronic_illness_tells_its_kind(string course, ProblemKind kind)
    {
        var byExtension = await new VisitFixture().Problem("dm", "E11.65", course).LevelAsync();
        var byStage = await new VisitFixture().Problem("dm", "E11.65", change: c => c.Stage.Add(new Condition.StageComponent { Summary = new CodeableConcept("urn:test", course) })).LevelAsync();

        Assert.Equal((kind, null), (byExtension.Facts.Problems[0].Kind, byExtension.Facts.Problems[0].Suggested));
        Assert.Equal(kind, byStage.Facts.Problems[0].Kind);
    }

    [Fact]
    public async Task A_chronic_illness_without_a_course_is_stable_and_asked_about()
    {
        var level = await new VisitFixture().Problem("htn", "I10").LevelAsync();

        Assert.Equal(ProblemKind.StableChronic, level.Facts.Problems[0].Kind);
        Assert.Contains(level.Facts.Questions, q => q.Reference == "Condition/htn" && q.Why.Contains("Is it at its goal?", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("2025-03-02", ProblemKind.StableChronic)]
    [InlineData("2025-03-03", ProblemKind.SelfLimited)]
    public async Task What_has_lasted_a_year_is_chronic(string onset, ProblemKind kind)
    {
        var level = await new VisitFixture().Problem("cough", "R05.8", change: c => c.Onset = new FhirDateTime(onset)).LevelAsync();

        Assert.Equal(kind, level.Facts.Problems[0].Kind);
    }

    [Fact]
    public async Task Contradicting_courses_count_as_the_least_and_are_asked_about()
    {
        var level = await new VisitFixture().Problem("htn", "I10", "stable", c => c.AddExtension(EvaluationUrls.Course, new Code("severe"))).LevelAsync();

        Assert.Equal((ProblemKind.StableChronic, ProblemKind.ChronicSevere), (level.Facts.Problems[0].Kind, level.Facts.Problems[0].Suggested));
        Assert.Contains(level.Facts.Questions, q => q.Why.Contains("contradict", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_clinicians_answer_goes_before_the_record_and_a_patients_does_not_count()
    {
        var visit = new VisitFixture().Problem("cold", "J00").Confirm("cold", "acute-systemic");
        var byPatient = new VisitFixture().Problem("cold", "J00").Confirm("cold", "acute-systemic");
        byPatient.Answers.Author = new ResourceReference("Patient/pat");

        Assert.Equal(ProblemKind.AcuteSystemic, (await visit.LevelAsync()).Facts.Problems[0].Kind);
        var level = await byPatient.LevelAsync();
        Assert.Equal(ProblemKind.SelfLimited, level.Facts.Problems[0].Kind);
        Assert.Contains(level.Facts.NotCounted, n => n.Reference == "QuestionnaireResponse/answers");
    }

    [Fact]
    public async Task An_unfinished_questionnaire_does_not_count_and_an_unknown_kind_is_asked_about()
    {
        var unfinished = new VisitFixture().Answer("historian", new FhirBoolean(true));
        unfinished.Answers.Status = QuestionnaireResponse.QuestionnaireResponseStatus.InProgress;
        var mistyped = new VisitFixture().Problem("cold", "J00").Confirm("cold", "acute-sistemic").Answer("risk", new Code("surgery"));

        Assert.Equal(MdmLevel.None, (await unfinished.LevelAsync()).Data.Level);
        var questions = (await mistyped.LevelAsync()).Facts.Questions;
        Assert.Contains(questions, q => q.Why.StartsWith("'acute-sistemic' is no kind of problem; known are ", StringComparison.Ordinal));
        Assert.Contains(questions, q => q.Why.StartsWith("'surgery' is no kind of risk; known are ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, "confirmed", "J02.9", ProblemKind.SelfLimited, ProblemKind.AcuteUncomplicated)]
    [InlineData("6736007", "confirmed", "J02.9", ProblemKind.AcuteUncomplicated, null)]
    [InlineData("24484000", "confirmed", "J02.9", ProblemKind.AcuteUncomplicated, ProblemKind.AcuteSystemic)]
    [InlineData("24484000", "confirmed", "S52.5", ProblemKind.AcuteUncomplicated, ProblemKind.AcuteComplicatedInjury)]
    [InlineData(null, "differential", "R10.9", ProblemKind.SelfLimited, ProblemKind.UndiagnosedNew)]
    public async Task An_acute_problem_counts_as_recorded_and_the_likelier_kind_is_suggested(string? severity, string verification, string code, ProblemKind kind, ProblemKind? suggested)
    {
        var level = await new VisitFixture().Problem("p", code, change: c =>
        {
            c.Severity = severity is null ? null : new CodeableConcept(Snomed, severity);
            c.VerificationStatus = new CodeableConcept("http://terminology.hl7.org/CodeSystem/condition-ver-status", verification);
        }).LevelAsync();

        Assert.Equal((kind, suggested), (level.Facts.Problems[0].Kind, level.Facts.Problems[0].Suggested));
    }

    [Fact]
    public async Task Orders_count_once_each_of_the_day_and_standing()
    {
        var level = await new VisitFixture().Order("a", "85025").Order("b", "85025").Order("c", "80053")
            .Order("yesterday", "84443", r => r.AuthoredOn = "2026-03-01T23:00:00-05:00")
            .Order("draft", "83036", r => r.Status = RequestStatus.Draft)
            .Order("plan", "80061", r => r.Intent = RequestIntent.Plan)
            .Order("elsewhere", "81001", r => r.Encounter = new ResourceReference("Encounter/other")).LevelAsync();

        Assert.Equal(["ServiceRequest/a", "ServiceRequest/c"], level.Facts.Data.Select(d => d.Support.Reference).Order());
        Assert.Equal(MdmLevel.Low, level.Data.Level);
        Assert.Equal(["ServiceRequest/b", "ServiceRequest/draft", "ServiceRequest/plan", "ServiceRequest/yesterday"], level.Facts.NotCounted.Select(n => n.Reference).Order());
    }

    [Theory]
    [InlineData(null, "Practitioner/doc", 0)]
    [InlineData("TC", "Practitioner/doc", 1)]
    [InlineData("26", "Practitioner/doc", 0)]
    [InlineData(null, "Practitioner/radiologist", 1)]
    public async Task A_test_that_the_same_clinician_bills_with_its_interpretation_does_not_count(string? modifier, string performer, int expected) =>
        Assert.Equal(expected, (await new VisitFixture().Order("cxr", "71046").Charge("c", "71046", modifier, performer).LevelAsync()).Facts.Data.Count);

    [Fact]
    public async Task A_result_counts_at_its_order()
    {
        var level = await new VisitFixture().Order("cbc", "85025")
            .Review(VisitFixture.Result("today", "85025", "ServiceRequest/cbc"))
            .Add(new ServiceRequest { Id = "old", Status = RequestStatus.Completed, Intent = RequestIntent.Order, Code = new CodeableConcept(CodeSystemUrls.Cpt, "80053"), Subject = new ResourceReference("Patient/pat"), Encounter = new ResourceReference("Encounter/earlier"), Requester = new ResourceReference("Practitioner/doc") })
            .Review(VisitFixture.Result("followup", "80053", "ServiceRequest/old"))
            .Review(VisitFixture.Result("elsewhere", "84443"))
            .Review(VisitFixture.Result("late", "83036"), at: "2026-03-03T09:00:00-05:00")
            .Review(VisitFixture.Result("written", "80061"), activity: "CREATE").LevelAsync();

        Assert.Equal(["DiagnosticReport/elsewhere", "ServiceRequest/cbc"], level.Facts.Data.Where(d => d.Confidence == Confidence.Documented).Select(d => d.Support.Reference).Order());
        Assert.Contains(level.Facts.NotCounted, n => n.Reference == "DiagnosticReport/today" && n.Why.Contains("ordered at this visit", StringComparison.Ordinal));
        Assert.Contains(level.Facts.NotCounted, n => n.Reference == "DiagnosticReport/followup" && n.Why.Contains("ServiceRequest/old", StringComparison.Ordinal));
    }

    [Fact]
    public async Task External_notes_count_once_a_source_and_our_own_not_at_all()
    {
        var level = await new VisitFixture()
            .Review(VisitFixture.ExternalNote("one")).Review(VisitFixture.ExternalNote("two"))
            .Review(VisitFixture.ExternalNote("other", "Organization/clinic")).Review(VisitFixture.ExternalNote("ours", "Organization/practice")).LevelAsync();

        Assert.Equal(["Organization/clinic", "Organization/hospital"], level.Facts.Data.Select(d => d.Key).Order());
        Assert.Contains(level.Facts.NotCounted, n => n.Reference == "DocumentReference/ours");
    }

    [Fact]
    public async Task What_was_opened_without_a_noted_review_is_inferred()
    {
        var level = await new VisitFixture().Add(VisitFixture.ExternalNote("ed"), new AuditEvent
        {
            Id = "opened",
            Recorded = DateTimeOffset.Parse("2026-03-02T09:02:00-05:00", CultureInfo.InvariantCulture),
            Action = AuditEvent.AuditEventAction.R,
            Agent = [new AuditEvent.AgentComponent { Who = new ResourceReference("Practitioner/doc"), Requestor = true }],
            Entity = [new AuditEvent.EntityComponent { What = new ResourceReference("DocumentReference/ed/_history/1") }, new AuditEvent.EntityComponent { What = new ResourceReference("Patient/pat") }],
        }).LevelAsync();

        var fact = Assert.Single(level.Facts.Data);
        Assert.Equal((DataKind.ExternalNote, Confidence.Inferred), (fact.Kind, fact.Confidence));
        Assert.Equal(MdmLevel.None, level.Data.Level);
    }

    [Fact]
    public async Task Free_text_only_suggests_and_is_quoted()
    {
        var level = await new VisitFixture().Says("Nothing new. History was obtained from the mother. I discussed the plan with Dr. Ames, cardiologist.").LevelAsync();

        Assert.Equal(MdmLevel.None, level.Data.Level);
        Assert.Equal([DataKind.IndependentHistorian, DataKind.Discussion], level.Facts.Data.Select(d => d.Kind).Order());
        Assert.Contains(level.Facts.Data, d => d.Support.Why.Contains("\"History was obtained from the mother.\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_coded_section_of_the_note_is_a_statement()
    {
        var visit = new VisitFixture();
        visit.Note.Section.Add(new Composition.SectionComponent { Code = new CodeableConcept(EvaluationUrls.EmData, "historian"), Text = new Narrative { Div = "<div xmlns=\"http://www.w3.org/1999/xhtml\">The daughter.</div>" } });
        visit.Note.Section.Add(new Composition.SectionComponent { Code = new CodeableConcept(EvaluationUrls.EmData, "discussion") });

        var level = await visit.LevelAsync();

        Assert.Equal((DataKind.IndependentHistorian, Confidence.Documented), (level.Facts.Data.Single().Kind, level.Facts.Data.Single().Confidence));
        Assert.Equal(MdmLevel.Low, level.Data.Level);
    }

    [Fact]
    public async Task An_interpretation_must_name_its_test()
    {
        var named = await new VisitFixture().Answer("interpretation", new Coding(CodeSystemUrls.Cpt, "71046")).LevelAsync();
        var unnamed = await new VisitFixture().Answer("interpretation", new FhirBoolean(true)).LevelAsync();

        Assert.Equal(MdmLevel.Moderate, named.Data.Level);
        Assert.Equal((MdmLevel.None, MdmLevel.Moderate), (unnamed.Data.Level, unnamed.Data.IfConfirmed));
    }

    [Fact]
    public async Task A_drug_also_sold_freely_is_low_until_confirmed_or_said()
    {
        var open = await new VisitFixture().Prescribe("rx", "ibuprofen 800 MG").LevelAsync();
        var said = await new VisitFixture().Prescribe("rx", "ibuprofen 800 MG", r => r.AddExtension(EvaluationUrls.OverTheCounter, new FhirBoolean(false))).LevelAsync();

        Assert.Equal((MdmLevel.Low, MdmLevel.Moderate), (open.Risk.Level, open.Risk.IfConfirmed));
        Assert.Equal(MdmLevel.Moderate, said.Risk.Level);
    }

    [Fact]
    public async Task Prescriptions_of_another_day_drafts_and_reports_do_not_count()
    {
        var level = await new VisitFixture()
            .Prescribe("old", "lisinopril", r => r.AuthoredOn = "2026-01-10")
            .Prescribe("draft", "lisinopril", r => r.Status = MedicationRequest.MedicationrequestStatus.Draft)
            .Prescribe("told", "lisinopril", r => r.Reported = new FhirBoolean(true)).LevelAsync();

        Assert.Empty(level.Facts.Risks);
        Assert.Equal(3, level.Facts.NotCounted.Count);
    }

    [Theory]
    [InlineData(3, MdmLevel.High)]
    [InlineData(4, MdmLevel.Moderate)]
    [InlineData(null, MdmLevel.Moderate)]
    public async Task Monitoring_for_toxicity_is_at_least_quarterly(int? months, MdmLevel expected)
    {
        var level = await new VisitFixture().Prescribe("mtx", "Methotrexate 2.5 MG Oral Tablet")
            .Order("cbc", "85025", r => r.Occurrence = months is { } m ? VisitFixture.Every(m) : null).LevelAsync();

        Assert.Equal((expected, MdmLevel.High), (level.Risk.Level, level.Risk.IfConfirmed));
    }

    [Fact]
    public async Task A_test_that_does_not_watch_the_drug_is_no_monitoring()
    {
        var level = await new VisitFixture().Prescribe("mtx", "methotrexate").Order("tsh", "84443", r => r.Occurrence = VisitFixture.Every(1)).LevelAsync();

        Assert.Equal((MdmLevel.Moderate, MdmLevel.Moderate), (level.Risk.Level, level.Risk.IfConfirmed));
        Assert.Contains(level.Facts.Questions, q => q.Reference == "MedicationRequest/mtx");
    }

    [Theory]
    [InlineData("27447", RequestPriority.Routine, RiskKind.MajorSurgery)]
    [InlineData("27447", RequestPriority.Stat, RiskKind.EmergencyMajorSurgery)]
    [InlineData("20610", RequestPriority.Routine, RiskKind.MinorSurgery)]
    [InlineData("97110", RequestPriority.Routine, RiskKind.PhysicalTherapy)]
    public async Task Surgery_is_major_or_minor_by_its_global_period(string cpt, RequestPriority priority, RiskKind kind) =>
        Assert.Equal(kind, Assert.Single((await new VisitFixture().Order("s", cpt, r => r.Priority = priority).LevelAsync()).Facts.Risks).Kind);

    [Fact]
    public async Task Resuscitation_declined_and_controlled_injections_are_high()
    {
        var declined = await new VisitFixture().Order("dnr", "x", r => (r.Code, r.DoNotPerform) = (new CodeableConcept(Snomed, "89666000"), true)).LevelAsync();
        var injected = await new VisitFixture().Prescribe("m", "morphine sulfate 4 MG/ML", r => r.DosageInstruction.Add(new Dosage { Route = new CodeableConcept(Snomed, "47625008") })).LevelAsync();
        var other = await new VisitFixture().Prescribe("a", "apomorphine 10 MG/ML", r => r.DosageInstruction.Add(new Dosage { Route = new CodeableConcept(Snomed, "34206005") })).LevelAsync();

        Assert.Equal((MdmLevel.High, MdmLevel.High, MdmLevel.Moderate), (declined.Risk.Level, injected.Risk.Level, other.Risk.Level));
    }

    [Fact]
    public async Task Social_determinants_need_a_statement_of_how_they_limit_care()
    {
        var bare = new VisitFixture().Problem("home", "Z59.0");
        var noted = new VisitFixture().Problem("home", "Z59.0", change: c => c.Note.Add(new Annotation { Text = "Cannot keep insulin cold." }));

        Assert.Equal((MdmLevel.None, MdmLevel.Moderate), ((await bare.LevelAsync()).Risk.Level, (await bare.LevelAsync()).Risk.IfConfirmed));
        Assert.Equal(MdmLevel.Moderate, (await noted.LevelAsync()).Risk.Level);
    }

    [Fact]
    public async Task Statements_of_time_that_differ_count_as_the_least_and_are_asked_about()
    {
        var level = await new VisitFixture().Minutes(45).Answer("total-time", new Integer(25)).LevelAsync();

        Assert.Equal((25, "99213"), (level.Time!.Minutes, level.Code));
        Assert.Contains(level.Facts.Questions, q => q.Why.Contains("25 and 45 minutes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_note_states_the_time_of_its_own_day_and_author()
    {
        var said = new VisitFixture().Says("Total time spent today: 32 minutes.");
        var exercise = new VisitFixture().Says("Walks 30 min a day.");
        var nurse = new VisitFixture().Says("Total time spent today: 32 minutes.");
        nurse.Note.Author = [new ResourceReference("Practitioner/nurse")];
        var late = new VisitFixture().Says("Total time spent today: 32 minutes.");
        late.Note.Date = "2026-03-04T08:00:00-05:00";

        Assert.Equal("99214", (await said.LevelAsync()).Code);
        var inferred = await exercise.LevelAsync();
        Assert.Equal((null, "99214"), (inferred.Code, inferred.CodeIfConfirmed));
        Assert.Empty((await nurse.LevelAsync()).Facts.Times);
        Assert.Empty((await late.LevelAsync()).Facts.Times);
    }

    [Fact]
    public async Task A_time_in_hours_is_read_and_an_impossible_one_is_not()
    {
        var hours = new VisitFixture();
        hours.Visit.AddExtension(EvaluationUrls.TotalTime, new Duration { Value = 0.5m, Code = "h" });
        var many = new VisitFixture().Minutes(2000);

        Assert.Equal(30, (await hours.LevelAsync()).Time!.Minutes);
        var level = await many.LevelAsync();
        Assert.Null(level.Code);
        Assert.Contains(level.Facts.NotCounted, n => n.Reference == "Encounter/visit");
    }

    [Theory]
    [InlineData("2023-03-02", true)]
    [InlineData("2023-03-03", false)]
    [InlineData("2026-03-01", false)]
    [InlineData("2026-03-02", true)]
    public async Task A_patient_is_established_by_a_visit_of_the_three_years_before(string seen, bool isNew)
    {
        var level = await new VisitFixture(isNew: true).Add(TestPractice.NewVisit("before", seen)).Minutes(20).LevelAsync();

        Assert.Equal((isNew, isNew ? "99202" : "99213"), (level.Facts.IsNewPatient, level.Code));
        Assert.Equal(isNew ? "Encounter/visit" : "Encounter/before", level.Facts.PatientSupport.Reference);
    }

    [Theory]
    [InlineData("207Q00000X", false)]
    [InlineData("207RC0000X", true)]
    [InlineData(null, false)]
    public async Task Another_clinician_of_the_group_makes_the_patient_established_only_with_the_same_taxonomy(string? taxonomy, bool isNew)
    {
        var before = TestPractice.NewVisit("before", "2025-06-02");
        before.Participant[0].Individual = new ResourceReference("Practitioner/colleague");
        var visit = new VisitFixture(isNew: true).Add(before).Minutes(20);
        if (taxonomy is not null)
            visit.Add(new PractitionerRole { Id = "colleague-role", Practitioner = new ResourceReference("Practitioner/colleague"), Specialty = [new CodeableConcept(CodeSystemUrls.ProviderTaxonomy, taxonomy)] });

        Assert.Equal(isNew, (await visit.LevelAsync()).Facts.IsNewPatient);
    }

    [Theory]
    [InlineData("99213", "professional", false)]
    [InlineData("80053", "professional", true)]
    [InlineData("99213", "institutional", true)]
    public async Task A_claim_for_an_earlier_visit_makes_the_patient_established(string code, string type, bool isNew)
    {
        var claim = new Claim
        {
            Id = "before",
            Status = FinancialResourceStatusCodes.Active,
            Use = ClaimUseCode.Claim,
            Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/claim-type", type),
            Patient = new ResourceReference("Patient/pat"),
            Created = "2025-01-09",
            Provider = new ResourceReference("Organization/practice"),
            CareTeam = [new Claim.CareTeamComponent { Sequence = 1, Provider = new ResourceReference("Practitioner/doc") }],
            Item = [new Claim.ItemComponent { Sequence = 1, ProductOrService = new CodeableConcept(CodeSystemUrls.Cpt, code), Serviced = new Date("2025-01-07") }],
        };

        Assert.Equal(isNew, (await new VisitFixture(isNew: true).Add(claim).LevelAsync()).Facts.IsNewPatient);
    }

    [Theory]
    [InlineData("AMB", "2026-03-02", null, VisitSetting.Office)]
    [InlineData("VR", "2026-03-02", null, VisitSetting.Office)]
    [InlineData("EMER", "2026-03-02", null, VisitSetting.Emergency)]
    [InlineData("HH", "2026-03-02", null, VisitSetting.Home)]
    [InlineData("IMP", "2026-03-02", "2026-03-02", VisitSetting.HospitalInitial)]
    [InlineData("IMP", "2026-03-02", "2026-03-03", VisitSetting.HospitalSubsequent)]
    [InlineData("IMP", "2026-03-02", "2026-03-05", VisitSetting.HospitalDischarge)]
    public async Task The_class_and_the_day_of_the_stay_tell_the_setting(string @class, string start, string? day, VisitSetting setting)
    {
        var visit = new VisitFixture();
        visit.Visit.Class.Code = @class;
        visit.Visit.Period = new Period { Start = $"{start}T09:00:00-05:00", End = day is null ? $"{start}T10:00:00-05:00" : "2026-03-05T09:00:00-05:00" };

        Assert.Equal(setting, (await visit.LevelAsync(day: day is null ? null : DateOnly.Parse(day, CultureInfo.InvariantCulture))).Facts.Setting);
    }

    [Fact]
    public async Task A_stay_of_one_day_a_consultation_and_a_visit_code_tell_the_setting()
    {
        var stay = new VisitFixture();
        stay.Visit.Class.Code = "OBSENC";
        var consult = new VisitFixture();
        consult.Visit.Type = [new CodeableConcept(Snomed, "11429006")];
        var coded = new VisitFixture();
        coded.Visit.Type = [new CodeableConcept(CodeSystemUrls.Cpt, "99291")];

        Assert.Equal(VisitSetting.HospitalSameDay, (await stay.LevelAsync()).Facts.Setting);
        Assert.Equal(VisitSetting.OutpatientConsultation, (await consult.LevelAsync()).Facts.Setting);
        Assert.Equal(VisitSetting.CriticalCare, (await coded.LevelAsync()).Facts.Setting);
        Assert.Equal(VisitSetting.Home, (await coded.LevelAsync(VisitSetting.Home)).Facts.Setting);
    }

    [Fact]
    public async Task What_cannot_be_judged_says_why()
    {
        var undated = new VisitFixture();
        undated.Visit.Period = null;
        var field = new VisitFixture();
        field.Visit.Class.Code = "FLD";

        Assert.Equal("Encounter.period.start", Assert.IsType<VisitLevelResult.NotJudged>(await undated.RunAsync()).Expression);
        Assert.Contains("Name the setting: office, ", Assert.IsType<VisitLevelResult.NotJudged>(await field.RunAsync()).Why, StringComparison.Ordinal);
        Assert.Contains("outside", Assert.IsType<VisitLevelResult.NotJudged>(await new VisitFixture().RunAsync(day: new DateOnly(2026, 3, 3))).Why, StringComparison.Ordinal);
        Assert.Contains("2021-01-01", Assert.IsType<VisitLevelResult.NotJudged>(await new VisitFixture(day: "2020-12-31").RunAsync()).Why, StringComparison.Ordinal);
        Assert.Equal("nobody", Assert.IsType<VisitLevelResult.NoSuchEncounter>(await new VisitFixture().RunAsync(id: "nobody")).EncounterId);
    }

    [Fact]
    public async Task A_nurses_visit_is_99211()
    {
        var visit = new VisitFixture().Add(new PractitionerRole { Id = "rn", Practitioner = new ResourceReference("Practitioner/rn"), Code = [new CodeableConcept("http://terminology.hl7.org/CodeSystem/practitioner-role", "nurse")] });
        visit.Visit.Participant[0].Individual = new ResourceReference("Practitioner/rn");

        var level = await visit.LevelAsync();

        Assert.Equal(("99211", "PractitionerRole/rn"), (level.Code, level.Facts.StaffVisit!.Reference));
    }

    [Fact]
    public async Task Looking_stores_nothing()
    {
        var visit = new VisitFixture().Problem("htn", "I10", "stable").Minutes(20);
        await visit.LevelAsync();

        Assert.Equal(0, visit.Records.Commits);
    }

    [Fact]
    public async Task The_answer_names_every_fact_with_its_resource()
    {
        var level = await new VisitFixture().Problem("htn", "I10", "at-goal").Problem("throat", "J02.9").Order("a1c", "83036").Prescribe("rx", "lisinopril").Minutes(72).LevelAsync();

        var answer = VisitLevelParameters.Of(level);

        Assert.Equal("99215", ((Code)answer.GetSingle("code")!.Value!).Value);
        var facts = answer.Get("fact").Select(f => f.Part.ToDictionary(p => p.Name!, p => p.Value!.ToString())).ToList();
        Assert.Equal(level.Facts.Problems.Count + level.Facts.Data.Count + level.Facts.Risks.Count + level.Facts.Times.Count, facts.Count);
        Assert.All(answer.Get("fact"), f => Assert.True(f.Part.Exists(p => p.Name == "reference" && ((ResourceReference)p.Value!).Reference!.Contains('/', StringComparison.Ordinal))));
        var throat = answer.Get("fact").Single(f => f.Part.Exists(p => p.Value is ResourceReference { Reference: "Condition/throat" }));
        Assert.Equal(["acute-uncomplicated", "inferred", "self-limited"], new[] { "kind", "confidence", "countedAs" }.Select(n => ((Code)throat.Part.Single(p => p.Name == n).Value!).Value));
        Assert.Contains(answer.Get("addOn"), a => a.Part.Exists(p => p.Value is Code { Value: "99417" }));
    }
}
