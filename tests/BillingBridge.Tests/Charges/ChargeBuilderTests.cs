using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Charges;

public class ChargeBuilderTests
{
    private readonly TestPractice practice = new();
    private readonly List<Resource> extra = [];
    private readonly List<Encounter> earlier = [];

    [Fact]
    public void A_code_that_is_CPT_already_is_used_as_it_is() => Assert.Equal(["99213"], Codes(seen: true));

    [Fact]
    public void A_new_patient_gets_the_new_patient_code_when_the_map_gives_the_other()
    {
        practice.Visit.Type = [new CodeableConcept(CodeSystemUrls.Snomed, "185345009")];
        practice.Terminology.Map(CodeSystemUrls.Snomed, "185345009", CodeSystemUrls.Cpt, "99213");

        Assert.Equal(["99203"], Codes(seen: false));
        Assert.Equal(["99213"], Codes(seen: true));
    }

    [Theory]
    [InlineData("2026-01-01", "99391")]
    [InlineData("2022-01-01", "99392")]
    [InlineData("2010-01-01", "99394")]
    [InlineData("1980-01-01", "99396")]
    [InlineData("1940-01-01", "99397")]
    public void A_check_up_is_coded_for_the_age(string birthDate, string code)
    {
        practice.Patient.BirthDate = birthDate;
        practice.Visit.Type = [new CodeableConcept(CodeSystemUrls.Snomed, "185349003")];
        practice.Terminology.Map(CodeSystemUrls.Snomed, "185349003", CodeSystemUrls.Cpt, "99395");

        Assert.Equal([code], Codes(seen: true));
    }

    [Fact]
    public void A_check_up_names_itself_first_among_the_diagnoses()
    {
        practice.Visit.Type = [new CodeableConcept(CodeSystemUrls.Snomed, "185349003")];
        practice.Terminology.Map(CodeSystemUrls.Snomed, "185349003", CodeSystemUrls.Cpt, "99396");
        practice.Terminology.Map(CodeSystemUrls.Snomed, "185349003", CodeSystemUrls.Icd10Cm, "Z00.129");

        Assert.Equal(["Z00.00", "I10"], Build(seen: true).Diagnoses.Select(d => d.Code));
    }

    [Fact]
    public void A_visit_three_years_ago_to_the_day_does_not_count()
    {
        earlier.Add(TestPractice.NewVisit("long-ago", "2023-03-02"));
        Assert.Null(EncounterHistory.Last(Chart(), new(earlier), new DateOnly(2026, 3, 2), null));

        earlier.Add(TestPractice.NewVisit("just", "2023-03-03"));
        Assert.Equal(new EarlierService(new DateOnly(2023, 3, 3), "Encounter/just"), EncounterHistory.Last(Chart(), new(earlier), new DateOnly(2026, 3, 2), null));
    }

    [Fact]
    public void A_vaccine_brings_its_administration_and_points_at_Z23()
    {
        extra.Add(TestPractice.NewImmunization("flu", CodeSystemUrls.Cvx, "140"));
        extra.Add(TestPractice.NewImmunization("td", CodeSystemUrls.Cvx, "113"));
        practice.Terminology.Map(CodeSystemUrls.Cvx, "140", CodeSystemUrls.Cpt, "90656");
        practice.Terminology.Map(CodeSystemUrls.Cvx, "140", CodeSystemUrls.Cpt, "90471", group: 2);
        practice.Terminology.Map(CodeSystemUrls.Cvx, "113", CodeSystemUrls.Cpt, "90714");
        practice.Terminology.Map(CodeSystemUrls.Cvx, "113", CodeSystemUrls.Cpt, "90471", group: 2);

        var sheet = Build(seen: true);

        Assert.Equal(["99213x1", "90656x1", "90714x1", "90471x1", "90472x1"], sheet.Lines.Select(l => $"{l.Code}x{l.Quantity:0}"));
        Assert.All(sheet.Lines.Where(l => l.Code != "99213"), l => Assert.Equal(["Z23"], l.DiagnosisCodes));
        Assert.Equal(["I10"], sheet.Lines[0].DiagnosisCodes);
    }

    [Fact]
    public void An_oral_vaccine_beside_an_injection_is_an_additional_one()
    {
        extra.Add(TestPractice.NewImmunization("rota", CodeSystemUrls.Cpt, "90681"));
        extra.Add(TestPractice.NewImmunization("dtap", CodeSystemUrls.Cpt, "90700"));

        Assert.Equal(["99213", "90681", "90700", "90471", "90474"], Codes(seen: true));
    }

    [Fact]
    public void Medicare_takes_its_own_administration_code_for_influenza()
    {
        extra.Add(TestPractice.NewImmunization("flu", CodeSystemUrls.Cpt, "90662"));

        Assert.Equal(["99213", "90662", "G0008"], Build(seen: true, medicare: true).Lines.Select(l => l.Code));
    }

    [Fact]
    public void A_laboratory_report_is_charged_and_an_imaging_report_is_not()
    {
        extra.Add(Report("cmp", "24323-8", "LAB"));
        extra.Add(Report("xray", "36643-5", "RAD"));
        practice.Terminology.Map(CodeSystemUrls.Loinc, "24323-8", CodeSystemUrls.Cpt, "80053");

        var sheet = Build(seen: true);

        Assert.Equal(["99213", "80053"], sheet.Lines.Select(l => l.Code));
        Assert.Empty(sheet.Gaps);
    }

    [Fact]
    public void The_same_service_twice_on_a_day_is_one_line_with_two_units()
    {
        extra.Add(TestPractice.NewProcedure("one", CodeSystemUrls.Cpt, "95115"));
        extra.Add(TestPractice.NewProcedure("two", CodeSystemUrls.Cpt, "95115"));

        Assert.Equal(2m, Build(seen: true).Lines.Single(l => l.Code == "95115").Quantity);
    }

    [Fact]
    public void A_minor_procedure_puts_25_on_the_visit()
    {
        extra.Add(TestPractice.NewProcedure("joint", CodeSystemUrls.Cpt, "20610"));

        var lines = Build(seen: true).Lines;

        Assert.Equal(["25"], lines.Single(l => l.Code == "99213").Modifiers);
        Assert.Empty(lines.Single(l => l.Code == "20610").Modifiers);
    }

    [Fact]
    public void A_virtual_visit_is_at_home_with_95()
    {
        practice.Visit.Class!.Code = "VR";

        var line = Build(seen: true).Lines.Single();

        Assert.Equal(("10", "95"), (line.PlaceOfService, line.Modifiers.Single()));
    }

    [Theory]
    [InlineData("AMB", "11")]
    [InlineData("EMER", "23")]
    [InlineData("IMP", "21")]
    [InlineData("HH", "12")]
    [InlineData("OBSENC", "22")]
    public void The_class_gives_the_place(string encounterClass, string place)
    {
        practice.Visit.Class!.Code = encounterClass;
        Assert.Equal(place, Build(seen: true).Lines[0].PlaceOfService);
    }

    [Fact]
    public void What_has_no_mapping_is_a_gap_that_names_the_code()
    {
        extra.Add(TestPractice.NewProcedure("odd", CodeSystemUrls.Snomed, "4711"));
        extra.Add(TestPractice.NewCondition("odd", CodeSystemUrls.Snomed, "4712"));

        Assert.Equal(
            [(CodingGapKind.Service, "4711"), (CodingGapKind.Diagnosis, "4712")],
            Build(seen: true).Gaps.Select(g => (g.Kind, g.Code)));
    }

    [Fact]
    public void What_the_map_calls_not_billed_is_no_gap()
    {
        extra.Add(TestPractice.NewProcedure("meds", CodeSystemUrls.Snomed, "4713"));
        practice.Terminology.Map(CodeSystemUrls.Snomed, "4713", CodeSystemUrls.Cpt, "", equivalence: "unmatched");

        Assert.Empty(Build(seen: true).Gaps);
    }

    [Fact]
    public void Uncertain_conditions_are_not_reported()
    {
        var provisional = TestPractice.NewCondition("maybe", CodeSystemUrls.Icd10Cm, "E11.65");
        provisional.VerificationStatus = new CodeableConcept("http://terminology.hl7.org/CodeSystem/condition-ver-status", "provisional");
        extra.Add(provisional);

        Assert.Equal(["I10"], Build(seen: true).Diagnoses.Select(d => d.Code));
    }

    [Fact]
    public void A_procedure_points_at_the_condition_it_was_done_for()
    {
        extra.Add(TestPractice.NewCondition("knee", CodeSystemUrls.Icd10Cm, "M17.11"));
        var procedure = TestPractice.NewProcedure("joint", CodeSystemUrls.Cpt, "20610");
        procedure.ReasonReference.Add(new ResourceReference("Condition/knee"));
        extra.Add(procedure);

        Assert.Equal(["M17.11"], Build(seen: true).Lines.Single(l => l.Code == "20610").DiagnosisCodes);
    }

    [Fact]
    public void The_thirteenth_diagnosis_is_left_off_and_named()
    {
        for (var i = 0; i < 12; i++)
            extra.Add(TestPractice.NewCondition($"c{i:00}", CodeSystemUrls.Icd10Cm, $"A{i:00}.1"));

        var sheet = Build(seen: true);

        Assert.Equal(12, sheet.Diagnoses.Count);
        Assert.Equal((CodingGapKind.DiagnosisOverflow, "A11.1"), (sheet.Gaps.Single().Kind, sheet.Gaps.Single().Code));
    }

    [Fact]
    public void A_charge_entered_by_hand_is_added_with_its_price_and_modifiers()
    {
        extra.Add(new ChargeItem
        {
            Id = "hand",
            Status = ChargeItem.ChargeItemStatus.Billable,
            Code = new CodeableConcept { Coding = [new Coding(CodeSystemUrls.Cpt, "93000"), new Coding(CodeSystemUrls.Cpt, "59")] },
            Subject = new ResourceReference("Patient/pat"),
            Context = new ResourceReference("Encounter/visit"),
            Quantity = new Quantity { Value = 2 },
            PriceOverride = new Money { Value = 90m },
        });

        var line = Build(seen: true).Lines.Single(l => l.Code == "93000");

        Assert.Equal(("59", 45m, 90m, "hand"), (line.Modifiers.Single(), line.UnitPriceUsd, line.NetUsd, line.ChargeItemId));
    }

    [Fact]
    public void The_day_of_service_is_the_facilitys_day()
    {
        practice.Visit.Period = new Period { Start = "2026-03-03T03:30:00Z", End = "2026-03-03T03:50:00Z" };
        var boston = TimeZoneInfo.CreateCustomTimeZone("EST", TimeSpan.FromHours(-5), "EST", "EST");

        Assert.Equal(new DateOnly(2026, 3, 3), Build(seen: true).Lines[0].ServiceDate);
        Assert.Equal(new DateOnly(2026, 3, 2), new ChargeBuilder(practice.Terminology).Build(Chart(), EarlierServices.None, false, boston)!.Lines[0].ServiceDate);
    }

    [Fact]
    public void A_drug_given_is_charged_in_the_units_of_its_code_with_its_package()
    {
        practice.Terminology.Add(CodeSystemUrls.Hcpcs, "J1885", "Injection, ketorolac tromethamine, per 15 mg");
        extra.Add(Given("am1", 30));
        extra.Add(Given("am2", 20));

        var line = Build(seen: true).Lines.Single(l => l.Code == "J1885");

        Assert.Equal((4m, "00409-3795-01", "MedicationAdministration/am1"), (line.Quantity, line.NationalDrugCode, line.Source));
        Assert.StartsWith("4 units", Assert.Single(line.Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dose_that_cannot_be_counted_is_a_hint_and_no_charge()
    {
        practice.Terminology.Add(CodeSystemUrls.Hcpcs, "J1885", "Injection, ketorolac tromethamine, per 15 mg");
        var drug = Given("am1", 30);
        drug.Dosage!.Dose = new Quantity { Value = 1, Code = "{vial}" };
        extra.Add(drug);

        var sheet = Build(seen: true);

        Assert.DoesNotContain(sheet.Lines, l => l.Code == "J1885");
        Assert.Contains(sheet.Gaps, g => g is { Code: "J1885", Source: "MedicationAdministration/am1" });
    }

    [Fact]
    public void A_scored_screener_is_charged_once_and_not_beside_its_procedure()
    {
        practice.Terminology.Map(CodeSystemUrls.Loinc, "44261-6", CodeSystemUrls.Cpt, "96127");
        extra.Add(new Observation
        {
            Id = "phq",
            Status = ObservationStatus.Final,
            Category = [new CodeableConcept("http://terminology.hl7.org/CodeSystem/observation-category", "survey")],
            Code = new CodeableConcept(CodeSystemUrls.Loinc, "44261-6"),
            Encounter = new ResourceReference("Encounter/visit"),
            Value = new Integer(4),
        });
        Assert.Equal("Observation/phq", Build(seen: true).Lines.Single(l => l.Code == "96127").Source);

        extra.Add(TestPractice.NewProcedure("screening", CodeSystemUrls.Cpt, "96127"));
        Assert.Equal((1m, "Procedure/screening"), Build(seen: true).Lines.Where(l => l.Code == "96127").Select(l => (l.Quantity, l.Source)).Single());
    }

    [Theory]
    [InlineData("24028007", null, "RT")]
    [InlineData("7771000", null, "LT")]
    [InlineData(null, "Both knees, bilateral", "50")]
    [InlineData(null, "Knee", null)]
    public void The_side_of_a_procedure_is_proposed_with_the_reason(string? code, string? text, string? modifier)
    {
        var procedure = TestPractice.NewProcedure("injection", CodeSystemUrls.Cpt, "20610");
        procedure.BodySite = [new CodeableConcept { Text = text, Coding = code is null ? [] : [new Coding(CodeSystemUrls.Snomed, code)] }];
        extra.Add(procedure);

        var sheet = Build(seen: true);
        var line = sheet.Lines.Single(l => l.Code == "20610");

        string[] expected = modifier is null ? [] : [modifier];
        Assert.Equal(expected, line.Modifiers);
        Assert.Equal(modifier is null ? 0 : 1, line.Reasons.Count(r => r.StartsWith($"{modifier}: Procedure/injection", StringComparison.Ordinal)));
        Assert.StartsWith("25: 20610 was done on the same day", Assert.Single(sheet.Lines.Single(l => l.Code == "99213").Reasons), StringComparison.Ordinal);
        Assert.Equal(line.Reasons, ChargeItems.Build(line, Chart(), new DateOnly(2026, 3, 3)).Note.Select(n => n.Text));
    }

    private static MedicationAdministration Given(string id, decimal milligrams) => new()
    {
        Id = id,
        Status = MedicationAdministration.MedicationAdministrationStatusCodes.Completed,
        Medication = new CodeableConcept { Coding = [new Coding(CodeSystemUrls.Hcpcs, "J1885"), new Coding(CodeSystemUrls.Ndc, "00409-3795-01")] },
        Context = new ResourceReference("Encounter/visit"),
        Effective = new FhirDateTime($"{TestPractice.Day}T09:12:00-05:00"),
        Dosage = new MedicationAdministration.DosageComponent { Dose = new Quantity { Value = milligrams, Code = "mg" } },
    };

    private static DiagnosticReport Report(string id, string loinc, string category) => new()
    {
        Id = id,
        Status = DiagnosticReport.DiagnosticReportStatus.Final,
        Category = [new CodeableConcept("http://terminology.hl7.org/CodeSystem/v2-0074", category)],
        Code = new CodeableConcept(CodeSystemUrls.Loinc, loinc),
        Encounter = new ResourceReference("Encounter/visit"),
    };

    private IEnumerable<string> Codes(bool seen) => Build(seen).Lines.Select(l => l.Code);

    private ChargeSheet Build(bool seen, bool medicare = false) =>
        new ChargeBuilder(practice.Terminology).Build(Chart(), new(seen ? [practice.EarlierVisit, .. earlier] : earlier), medicare, zone: null)!;

    private EncounterChart Chart() => new(practice.Visit, practice.Patient, [.. practice.Related, .. extra]);
}
