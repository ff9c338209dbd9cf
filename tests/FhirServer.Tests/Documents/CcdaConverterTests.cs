using System.Text;
using FhirEmr.FhirServer.Documents.Ccda.Import;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Documents;

/// <summary>What each section of a C-CDA document becomes.</summary>
public sealed class CcdaConverterTests
{
    private static readonly ConvertedDocument Whole = Converted.Of(CcdFixture.Ccd());

    [Fact]
    public void Every_statement_of_a_whole_document_is_mapped()
    {
        Assert.Empty(Whole.Statements.Where(s => s.Fate != Fate.Mapped).Select(s => $"{s.Place}: {s.Reason}"));
        Assert.Equal(26, Whole.Statements.Count);
        Assert.Equal(
            "AllergyIntolerance 1, Condition 4, Consent 1, Coverage 1, Device 1, DeviceUseStatement 1, DiagnosticReport 1, DocumentReference 1, Encounter 1, FamilyMemberHistory 1, Goal 1, Immunization 2, MedicationStatement 1, Observation 7, Practitioner 1, Procedure 1, ServiceRequest 1",
            string.Join(", ", Whole.Resources.Keys.GroupBy(k => k.Type).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Key} {g.Count()}")));
    }

    [Fact]
    public void An_allergy_has_its_substance_reaction_severity_and_criticality()
    {
        var allergy = Whole.Only<AllergyIntolerance>();

        Assert.Equal("http://www.nlm.nih.gov/research/umls/rxnorm|7980", Coding(allergy.Code));
        Assert.Equal([AllergyIntolerance.AllergyIntoleranceCategory.Medication], allergy.Category.Select(c => c!.Value));
        Assert.Equal(("active", "confirmed"), (allergy.ClinicalStatus!.Coding[0].Code, allergy.VerificationStatus!.Coding[0].Code));
        Assert.Equal(AllergyIntolerance.AllergyIntoleranceCriticality.High, allergy.Criticality);
        Assert.Equal("2001-05", ((FhirDateTime)allergy.Onset!).Value);
        var reaction = Assert.Single(allergy.Reaction);
        Assert.Equal(("Hives", AllergyIntolerance.AllergyIntoleranceSeverity.Moderate), (reaction.Manifestation[0].Coding[0].Display, reaction.Severity));
        Assert.Equal("urn:oid:2.16.840.1.113883.19.5|al1", $"{allergy.Identifier[0].System}|{allergy.Identifier[0].Value}");
        Assert.Equal("Owen Tanaka MD", allergy.Recorder!.Display);
    }

    [Fact]
    public void A_negated_allergy_in_general_is_the_fact_that_none_is_known() =>
        Assert.Equal("http://snomed.info/sct|716186003", Coding(Converted.Of(CcdFixture.Ccd(withNegation: true)).Only<AllergyIntolerance>().Code));

    [Fact]
    public void A_medication_taken_has_its_codes_how_often_and_why()
    {
        var statement = Whole.Only<MedicationStatement>();

        Assert.Equal(MedicationStatement.MedicationStatusCodes.Active, statement.Status);
        var drug = Assert.IsType<CodeableConcept>(statement.Medication);
        Assert.Equal("Atorvastatin 20 mg", drug.Text); // the words its reference points to
        Assert.Equal(["http://www.nlm.nih.gov/research/umls/rxnorm|617312", "http://hl7.org/fhir/sid/ndc|00071015523"], drug.Coding.Select(c => $"{c.System}|{c.Code}"));
        var dosage = Assert.Single(statement.Dosage);
        Assert.Equal((1, 12m, Timing.UnitsOfTime.H), (dosage.Timing!.Repeat!.Frequency, dosage.Timing.Repeat.Period, dosage.Timing.Repeat.PeriodUnit));
        Assert.Equal((1m, "{tablet}"), (((Quantity)dosage.DoseAndRate[0].Dose!).Value, ((Quantity)dosage.DoseAndRate[0].Dose!).Code));
        Assert.Equal("Hyperlipidemia", statement.ReasonCode[0].Coding[0].Display);
        Assert.Equal(("2020-01-15", null), (((Period)statement.Effective!).Start, ((Period)statement.Effective!).End));
    }

    [Theory]
    [InlineData("INT", "16", "Order")]
    [InlineData("INT", "42", "Plan")]
    [InlineData("RQO", "42", "Order")]
    public void A_medication_not_taken_yet_is_a_request(string mood, string template, string intent)
    {
        var request = Converted.Section("10160-0", CcdFixture.Statin.Replace("moodCode=\"EVN\"><templateId root=\"2.16.840.1.113883.10.20.22.4.16\"", $"moodCode=\"{mood}\"><templateId root=\"2.16.840.1.113883.10.20.22.4.{template}\"", StringComparison.Ordinal)).Only<MedicationRequest>();

        Assert.Equal(intent, request.Intent.ToString());
    }

    [Fact]
    public void Problems_are_active_or_resolved_and_diagnoses_belong_to_their_visit()
    {
        var hypertension = Whole.Only<Condition>(c => Coding(c.Code).EndsWith("|59621000", StringComparison.Ordinal));
        Assert.Equal(("active", "2015", null), (hypertension.ClinicalStatus!.Coding[0].Code, ((FhirDateTime)hypertension.Onset!).Value, hypertension.Abatement));
        var pneumonia = Whole.Only<Condition>(c => Coding(c.Code).EndsWith("|233604007", StringComparison.Ordinal));
        Assert.Equal(("resolved", "2019-04-01"), (pneumonia.ClinicalStatus!.Coding[0].Code, ((FhirDateTime)pneumonia.Abatement!).Value));

        var encounter = Whole.Only<Encounter>();
        var diagnosis = Whole.Only<Condition>(c => Coding(c.Code) == "http://hl7.org/fhir/sid/icd-10-cm|I10");
        Assert.Equal($"Encounter/{encounter.Id}", diagnosis.Encounter!.Reference);
        Assert.Equal($"Condition/{diagnosis.Id}", encounter.Diagnosis[0].Condition!.Reference);
        Assert.Equal(("AMB", "2025-03-01T10:00:00-05:00", "Harbor Clinic"), (encounter.Class!.Code, encounter.Period!.Start, encounter.Location[0].Location!.Display));
        Assert.Equal("Fear of falling", Whole.Only<Condition>(c => c.Category[0].Coding[0].Code == "health-concern").Code!.Text);
    }

    [Fact]
    public void Results_have_values_ranges_and_comparators_and_their_panel_is_a_report()
    {
        var report = Whole.Only<DiagnosticReport>();
        Assert.Equal(2, report.Result.Count);
        var glucose = Whole.Only<Observation>(o => Coding(o.Code).EndsWith("|2345-7", StringComparison.Ordinal));
        Assert.Equal((104m, "mg/dL", "laboratory", "H"), (((Quantity)glucose.Value!).Value, ((Quantity)glucose.Value!).Code, glucose.Category[0].Coding[0].Code, glucose.Interpretation[0].Coding[0].Code));
        Assert.Equal((70m, 99m), (glucose.ReferenceRange[0].Low!.Value, glucose.ReferenceRange[0].High!.Value));
        var rate = (Quantity)Whole.Only<Observation>(o => Coding(o.Code).EndsWith("|33914-3", StringComparison.Ordinal)).Value!;
        Assert.Equal((60m, Quantity.QuantityComparator.GreaterThan), (rate.Value, rate.Comparator));
    }

    [Fact]
    public void Systolic_and_diastolic_of_one_set_are_one_blood_pressure()
    {
        var pressure = Whole.Only<Observation>(o => Coding(o.Code).EndsWith("|85354-9", StringComparison.Ordinal));

        Assert.Equal([128m, 76m], pressure.Component.Select(c => ((Quantity)c.Value!).Value!.Value));
        Assert.Equal(["v1", "v2"], pressure.Identifier.Select(i => i.Value));
        Assert.Equal("68.0", ((Quantity)Whole.Only<Observation>(o => Coding(o.Code).EndsWith("|29463-7", StringComparison.Ordinal)).Value!).Value!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void A_refused_vaccine_was_not_given_and_says_why()
    {
        var refused = Whole.Only<Immunization>(i => i.Status == Immunization.ImmunizationStatusCodes.NotDone);
        Assert.Equal("PATOBJ", refused.StatusReason!.Coding[0].Code);
        Assert.Equal("L-77", Whole.Only<Immunization>(i => i.Status == Immunization.ImmunizationStatusCodes.Completed).LotNumber);
    }

    [Fact]
    public void Family_goals_devices_payers_directives_and_notes_have_resources_of_their_own()
    {
        var family = Whole.Only<FamilyMemberHistory>();
        Assert.Equal(("FTH", 57m, true), (family.Relationship!.Coding[0].Code, ((Age)family.Condition[0].Onset!).Value, ((FhirBoolean)family.Deceased!).Value));
        var goal = Whole.Only<Goal>();
        Assert.Equal(("Weight below 65 kg", 65m, "2025-12-31"), (goal.Description!.Text, ((Quantity)goal.Target[0].Detail!).Value, ((Date)goal.Target[0].Due!).Value));
        Assert.Equal("Device/" + Whole.Only<Device>().Id, Whole.Only<DeviceUseStatement>().Device!.Reference);
        var coverage = Whole.Only<Coverage>();
        Assert.Equal((FinancialResourceStatusCodes.Draft, "Seacoast Health Plan", "SHP-445"), (coverage.Status, coverage.Payor[0].Display, coverage.SubscriberId)); // nobody bills by it unseen
        Assert.Equal("adr", Whole.Only<Consent>().Scope!.Coding[0].Code);
        var note = Whole.Only<DocumentReference>();
        Assert.Equal("11506-3", note.Type!.Coding[1].Code);
        Assert.Contains("Feels <b>well</b>.", Encoding.UTF8.GetString(note.Content[0].Attachment!.Data!), StringComparison.Ordinal);
    }

    [Fact]
    public void The_composition_keeps_every_section_with_its_words_and_its_resources()
    {
        var composition = Whole.Composition;

        Assert.Equal(19, composition.Section.Count);
        Assert.All(composition.Section, s => Assert.NotNull(s.Text));
        Assert.All(composition.Section, s => Assert.NotEmpty(s.Entry));
        Assert.All(composition.Section.SelectMany(s => s.Entry), e => Assert.Contains(e.Reference!.Split('/')[1], Whole.Resources.Keys.Select(k => k.Id)));
        Assert.Contains("<td>Hives</td>", composition.Section[0].Text!.Div, StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_are_the_same_every_time_and_never_those_of_another_patient()
    {
        Assert.Equal(Whole.Resources.Keys.Order(Comparer<FhirEmr.FhirServer.Resources.ResourceKey>.Create((a, b) => string.CompareOrdinal(a.ToString(), b.ToString()))),
            Converted.Of(CcdFixture.Ccd(id: "doc-2")).Resources.Keys.Order(Comparer<FhirEmr.FhirServer.Resources.ResourceKey>.Create((a, b) => string.CompareOrdinal(a.ToString(), b.ToString()))));
        var other = Converted.Of(CcdFixture.Ccd(), "somebody-else");
        Assert.DoesNotContain(other.Resources.Keys, k => k.Type != "Practitioner" && Whole.Resources.ContainsKey(k));
    }

    [Theory]
    [InlineData("11450-4", "<act classCode=\"ACT\" moodCode=\"EVN\"><id root=\"1.2\" extension=\"x\"/></act>", Fate.Skipped, "no observation")]
    [InlineData("11450-4", "<act nullFlavor=\"NI\"/>", Fate.Skipped, "nothing to say (NI)")]
    [InlineData("99999-9", "<observation classCode=\"OBS\"><templateId root=\"9.9.9\"/></observation>", Fate.Rejected, "of template 9.9.9 has no mapping")]
    [InlineData("30954-2", "<observation classCode=\"OBS\"><code code=\"1\" codeSystem=\"2.16.840.1.113883.6.1\"/><value xsi:type=\"PQ\" value=\"ten\"/></observation>", Fate.Rejected, "'ten' is no number")]
    [InlineData("30954-2", "<observation classCode=\"OBS\"><code nullFlavor=\"UNK\"/></observation>", Fate.Skipped, "not of what it is")]
    [InlineData("11369-6", "<substanceAdministration><consumable><manufacturedProduct><manufacturedMaterial><code code=\"140\" codeSystem=\"2.16.840.1.113883.12.292\"/></manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration>", Fate.Rejected, "no date")]
    [InlineData("10157-6", "<organizer><subject/></organizer>", Fate.Rejected, "not whose")]
    [InlineData("30954-2", "<organizer classCode=\"BATTERY\"><code nullFlavor=\"UNK\"/></organizer>", Fate.Skipped, "is empty and says not of what")]
    [InlineData("46264-8", "<organizer classCode=\"CLUSTER\"><templateId root=\"2.16.840.1.113883.10.20.22.4.135\"/></organizer>", Fate.Rejected, "Nothing in <organizer> could be read")]
    [InlineData("30954-2", "<observation classCode=\"OBS\"><code code=\"1\" codeSystem=\"2.16.840.1.113883.6.1\"/><value xsi:type=\"PQ\" value=\"1\"/><value xsi:type=\"PQ\" value=\"2\"/></observation>", Fate.Rejected, "has 2 values")]
    [InlineData("30954-2", "<observation classCode=\"OBS\" negationInd=\"true\"><code code=\"1\" codeSystem=\"2.16.840.1.113883.6.1\"/><value xsi:type=\"PQ\" value=\"1\"/></observation>", Fate.Rejected, "is negated")]
    [InlineData("42348-3", "<observation classCode=\"OBS\" negationInd=\"true\"><code code=\"1\" codeSystem=\"2.16.840.1.113883.6.96\"/></observation>", Fate.Rejected, "is negated")]
    [InlineData("61146-7", "<observation classCode=\"OBS\" negationInd=\"true\"><code code=\"1\" codeSystem=\"2.16.840.1.113883.6.96\"/></observation>", Fate.Rejected, "is negated")]
    [InlineData("34109-9", "<act classCode=\"ACT\"><templateId root=\"2.16.840.1.113883.10.20.22.4.202\"/><text mediaType=\"text/plain\" representation=\"B64\"></text></act>", Fate.Skipped, "has no text")]
    [InlineData("48765-2", "<observation classCode=\"OBS\"><value xsi:type=\"CD\" code=\"416098002\" codeSystem=\"2.16.840.1.113883.6.96\"/></observation>", Fate.Skipped, "no substance")]
    internal void What_cannot_be_stored_is_told_with_its_reason(string section, string entry, Fate fate, string reason)
    {
        var converted = Converted.Section(section, entry);

        var told = Assert.Single(converted.Statements);
        Assert.Equal(fate, told.Fate);
        Assert.Contains(reason, told.Reason, StringComparison.Ordinal);
        Assert.Equal("A section, entry 1", told.Place);
        Assert.Empty(converted.Resources);
        Assert.Contains("Words of the section", converted.Composition.Section[0].Text!.Div, StringComparison.Ordinal); // its words are kept all the same
    }

    [Fact]
    public void Statements_without_templates_are_told_by_their_section() =>
        Assert.Equal(MedicationStatement.MedicationStatusCodes.Active, Converted.Section("10160-0", CcdFixture.Statin.Replace("<templateId root=\"2.16.840.1.113883.10.20.22.4.16\" extension=\"2014-06-09\"/>", "", StringComparison.Ordinal)).Only<MedicationStatement>().Status);

    [Fact]
    public void One_statement_twice_is_stored_once_and_two_under_one_id_are_both_kept()
    {
        var twice = Converted.Section("10160-0", CcdFixture.Statin, CcdFixture.Statin);
        Assert.Single(twice.Resources);
        Assert.Equal([Fate.Mapped, Fate.Skipped], twice.Statements.Select(s => s.Fate));

        var two = Converted.Section("10160-0", CcdFixture.Statin, CcdFixture.Statin.Replace("value=\"20200115\"", "value=\"20220101\"", StringComparison.Ordinal));
        Assert.Equal(2, two.Resources.Count);
    }

    [Fact]
    public void What_this_server_wrote_itself_is_not_taken_in_again()
    {
        var own = Guid.NewGuid().ToString();
        var converted = Converted.Of(Converted.Document(CcdFixture.Section("10160-0", "Medications", "1.2", "x", CcdFixture.Statin.Replace("<id root=\"2.16.840.1.113883.19.5\" extension=\"med1\"/>", $"<id root=\"{own}\" extension=\"MedicationStatement-a-1\"/>", StringComparison.Ordinal))), ownRoot: own);

        Assert.Empty(converted.Resources);
        Assert.Contains("MedicationStatement/a-1 of this server", Assert.Single(converted.Statements).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pressure_that_cannot_be_read_takes_its_partner_not_along()
    {
        var converted = Converted.Section("8716-3", $"<organizer classCode=\"CLUSTER\">{Sign("8480-6", "128")}{Sign("8462-4", "low")}</organizer>");

        Assert.Equal("http://loinc.org|8480-6", Coding(converted.Only<Observation>().Code));
        Assert.Equal([Fate.Mapped, Fate.Rejected], converted.Statements.Select(s => s.Fate));

        static string Sign(string code, string value) => $"<component><observation classCode=\"OBS\"><id root=\"1.2.9\" extension=\"{code}\"/><code code=\"{code}\" codeSystem=\"2.16.840.1.113883.6.1\"/><value xsi:type=\"PQ\" value=\"{value}\" unit=\"mm[Hg]\"/></observation></component>";
    }

    [Theory]
    [InlineData("<value xsi:type=\"CD\" nullFlavor=\"OTH\"><originalText>Asthma</originalText></value>", "Asthma", "refuted")]
    [InlineData("<value xsi:type=\"CD\" code=\"195967001\" codeSystem=\"2.16.840.1.113883.6.96\" displayName=\"Asthma\"/>", "Asthma", "refuted")]
    [InlineData("<value xsi:type=\"CD\" code=\"55607006\" codeSystem=\"2.16.840.1.113883.6.96\" displayName=\"Problem\"/>", "No current problems or disability", "confirmed")]
    public void A_negated_problem_is_refuted_unless_it_names_problems_in_general(string value, string words, string verification)
    {
        var condition = Converted.Section("11450-4", $"<observation classCode=\"OBS\" negationInd=\"true\"><templateId root=\"2.16.840.1.113883.10.20.22.4.4\"/>{value}</observation>").Only<Condition>();

        Assert.Equal((words, verification), (condition.Code!.Text ?? condition.Code.Coding[0].Display, condition.VerificationStatus!.Coding[0].Code));
    }

    [Theory]
    [InlineData("416098002", "409137002")]
    [InlineData("59037007", "409137002")]
    [InlineData("235719002", "429625007")]
    [InlineData("420134006", "716186003")]
    [InlineData("91936005", null)] // to penicillin: that this is not so says nothing of others
    public void A_negated_allergy_is_none_of_its_kind_and_no_more(string kind, string? none)
    {
        var converted = Converted.Section("48765-2", $"<observation classCode=\"OBS\" negationInd=\"true\"><value xsi:type=\"CD\" code=\"{kind}\" codeSystem=\"2.16.840.1.113883.6.96\"/></observation>");

        Assert.Equal(none is null ? [] : [$"http://snomed.info/sct|{none}"], converted.Resources.Values.OfType<AllergyIntolerance>().Select(a => Coding(a.Code)));
        Assert.Equal(none is null ? Fate.Rejected : Fate.Mapped, Assert.Single(converted.Statements).Fate);
    }

    [Fact]
    public void A_diagnosis_that_shares_its_id_with_a_problem_leaves_the_problem_its_own()
    {
        var alone = Whole.Only<Condition>(c => Coding(c.Code).EndsWith("|59621000", StringComparison.Ordinal)).Id;
        var both = Converted.Of(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(CcdFixture.Ccd()).Replace("extension=\"dx1\"", "extension=\"p1\"", StringComparison.Ordinal)));

        Assert.Equal(alone, both.Only<Condition>(c => Coding(c.Code).EndsWith("|59621000", StringComparison.Ordinal)).Id);
        Assert.Equal(4, both.Resources.Keys.Count(k => k.Type == "Condition"));
    }

    [Theory]
    [InlineData("246455001")]
    [InlineData("263855007")]
    [InlineData("55561003")]
    public void What_has_abated_is_not_active_any_more(string status)
    {
        var condition = Converted.Section("11450-4", $"""
            <observation classCode="OBS"><templateId root="2.16.840.1.113883.10.20.22.4.4"/><effectiveTime><low value="2019"/><high value="2020"/></effectiveTime><value xsi:type="CD" code="195967001" codeSystem="2.16.840.1.113883.6.96"/>
            <entryRelationship typeCode="REFR"><observation classCode="OBS"><templateId root="2.16.840.1.113883.10.20.22.4.6"/><value xsi:type="CD" code="{status}" codeSystem="2.16.840.1.113883.6.96"/></observation></entryRelationship></observation>
            """).Only<Condition>();

        Assert.Equal("resolved", condition.ClinicalStatus!.Coding[0].Code);
    }

    [Theory]
    [InlineData("99213", "AMB")]
    [InlineData("99244", "AMB")]
    [InlineData("99201", "AMB")] // withdrawn, and still in older documents
    [InlineData("99241", "AMB")]
    [InlineData("99251", "IMP")]
    [InlineData("99218", "OBSENC")]
    [InlineData("99223", "IMP")]
    [InlineData("99255", "IMP")]
    [InlineData("99284", "EMER")]
    [InlineData("99291", "UNK")] // critical care, wherever it was
    [InlineData("99495", "UNK")]
    public void The_class_of_a_visit_is_told_by_its_code(string cpt, string expected) => Assert.Equal(expected,
        Converted.Section("46240-8", $"<encounter classCode=\"ENC\"><id root=\"1.2.9\" extension=\"e\"/><code code=\"{cpt}\" codeSystem=\"2.16.840.1.113883.6.12\"/><effectiveTime value=\"20250301\"/></encounter>").Only<Encounter>().Class!.Code);

    [Fact]
    public void One_odd_statement_is_told_and_the_others_are_taken()
    {
        var converted = Converted.Section("10160-0", CcdFixture.Statin.Replace("code=\"617312\"", "code=\" 617312  x\"", StringComparison.Ordinal).Replace("extension=\"med1\"", "extension=\"med0\"", StringComparison.Ordinal), CcdFixture.Statin);

        Assert.Equal([Fate.Rejected, Fate.Mapped], converted.Statements.Select(s => s.Fate));
        Assert.Contains("It makes no MedicationStatement that can be stored", converted.Statements[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_document_is_as_confidential_as_the_most_confidential_of_its_sections()
    {
        Assert.Null(Converted.Read(CcdFixture.Ccd()).Confidentiality);
        Assert.Equal("R", Converted.Read(Converted.Document("<component><section><code code=\"11450-4\"/><confidentialityCode code=\"R\"/></section></component>")).Confidentiality);
        Assert.Equal("V", Converted.Read(Converted.Document("<component><section><code code=\"11450-4\"/><confidentialityCode code=\"V\"/></section></component><component><section><confidentialityCode code=\"R\"/></section></component>")).Confidentiality);
    }

    private static string Coding(CodeableConcept? concept) => string.Join(",", concept!.Coding.Take(1).Select(c => $"{c.System}|{c.Code}"));
}
