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

    private static string Coding(CodeableConcept? concept) => string.Join(",", concept!.Coding.Take(1).Select(c => $"{c.System}|{c.Code}"));
}
