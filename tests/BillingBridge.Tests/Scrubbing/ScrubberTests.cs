using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Scrubbing;

public class ScrubberTests
{
    [Fact]
    public void Vaccine_ages_and_therapy_thresholds_are_tables_that_are_missed_once()
    {
        var fixture = new ScrubFixture { Edits = TestTables.Small with { Tables = TestTables.Small.Tables.Where(t => t.Key is not (TableNames.VaccineAges or TableNames.TherapyThresholds)).ToDictionary() } };
        fixture.PayerWith(p => p with { Family = PayerFamily.Medicare });
        foreach (var code in (string[])["90656", "90715"])
            fixture.Line(code);
        foreach (var modifier in (string[])["GP", "GO"])
            fixture.Line("97110", [modifier]);

        Assert.Equal(
            ["Rule PROC-006 not evaluated: no table for 2026-03-02 (vaccine-ages).", "Rule MOD-024 not evaluated: no table for 2026-03-02 (therapy-thresholds)."],
            fixture.Scrub().Where(f => f.RuleId is "PROC-006" or "MOD-024").Select(f => f.Message));
    }

    [Fact]
    public void A_table_names_its_source_in_the_finding()
    {
        var fixture = new ScrubFixture();
        fixture.Line("90655");

        var finding = Assert.Single(fixture.Scrub(), f => f.RuleId == "PROC-006");
        Assert.Equal(("made up", "vaccine-ages-test", "90655"), (finding.Seen["source"], finding.Table, finding.Seen["code"]));
    }

    [Fact]
    public void A_rule_without_its_table_says_so_once()
    {
        var fixture = new ScrubFixture { Edits = EditTables.None };
        fixture.Line("36415");
        fixture.Line("80048");

        var said = fixture.Scrub().Where(f => f.Severity == FindingSeverity.Information).Select(f => f.RuleId).ToList();

        Assert.Equal(
            [
                "AMT-005", "AMT-006", "COV-006", "DX-012", "DX-014", "DX-018", "LAB-002", "MOD-010", "MOD-020", "NCCI-001", "NCCI-002", "NCCI-003",
                "PROC-014", "PROC-015", "PROC-016", "PROC-024", "PRV-009", "PRV-014",
            ],
            said.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_contract_by_a_schedule_that_is_not_loaded_is_not_silently_kept()
    {
        var contracts = ReferenceTable.Read("medicare-contracts", "medicare-contracts", new StringReader("payer,contractor,locality,percent\nACME1,01182,18,115\n"));
        var fixture = new ScrubFixture { Edits = EditTables.None with { Tables = new Dictionary<string, ReferenceTable> { [TableNames.MedicareContracts] = contracts } } };
        fixture.Line("36415");

        Assert.Equal("Rule AMT-005 not evaluated: no table for 2026-03-02 (physician fee schedule).", Assert.Single(fixture.Scrub(), f => f.RuleId == "AMT-005").Message);
    }

    [Fact]
    public void Absence_from_a_fragment_proves_nothing()
    {
        var fixture = new ScrubFixture();
        fixture.Codes.State(CodeSystemUrls.Icd10Cm, TableState.Fragment);
        fixture.Codes.State(CodeSystemUrls.Cpt, TableState.None);
        fixture.Diagnoses("Q99.99");
        fixture.Code("99499");

        var findings = fixture.Scrub().Where(f => f.RuleId is "DX-003" or "PROC-001").ToList();

        Assert.All(findings, f => Assert.Equal(FindingSeverity.Information, f.Severity));
        Assert.Equal(
            ["Rule DX-003 not evaluated: no table for 2026-03-02 (ICD-10-CM).", "Rule PROC-001 not evaluated: no table for 2026-03-02 (CPT)."],
            findings.Select(f => f.Message));
    }

    [Fact]
    public void A_payer_switches_rules_off_and_changes_their_weight_for_a_time()
    {
        var fixture = new ScrubFixture { BillingDate = new DateOnly(2026, 3, 20) };
        fixture.P.Role.Specialty.Clear();
        fixture.PayerWith(p => p with
        {
            Overrides = [new RuleOverride("DAT-008", FindingSeverity.Reject), new RuleOverride("PRV-005", null), new RuleOverride("DAT-008", null, To: new DateOnly(2025, 1, 1))],
        });

        var finding = Assert.Single(fixture.Scrub());

        Assert.Equal(("DAT-008", FindingSeverity.Reject), (finding.RuleId, finding.Severity));
    }

    [Fact]
    public void Medicare_files_until_the_same_day_a_year_later()
    {
        var medicare = new PayerDirectory().For(new Coverage { Type = new CodeableConcept("x", "MB") }, null, new DateOnly(2026, 3, 2));
        Assert.Equal(new DateOnly(2027, 3, 2), medicare.FilingLimit(new DateOnly(2026, 3, 2)));
    }

    [Fact]
    public void An_incomplete_claim_throws_in_no_rule()
    {
        var fixture = new ScrubFixture { Edits = EditTables.None };
        fixture.P.Patient.Name.Clear();
        fixture.P.Patient.Address.Clear();
        fixture.P.Patient.BirthDate = null;
        fixture.P.Coverage.Payor.Clear();
        fixture.OnClaim(c =>
        {
            c.Item.Add(new Claim.ItemComponent());
            c.Diagnosis.Add(new Claim.DiagnosisComponent());
            c.Insurance.Clear();
            c.CareTeam.Clear();
            c.Provider = new ResourceReference();
            c.Total = null;
        });

        Assert.Contains(fixture.Scrub(), f => f.RuleId == "COV-001");
    }

    [Fact]
    public void A_warning_is_let_stand_as_it_read_and_only_a_warning()
    {
        var fixture = new ScrubFixture { BillingDate = new DateOnly(2026, 3, 20) };
        fixture.P.Coverage.SubscriberId = null;
        var open = fixture.Scrub();
        fixture.History = h => h with { Acknowledgements = [.. open.Select(f => new Acknowledgement(f.RuleId, f.Message, "Known to us.", "A. Biller", new DateOnly(2026, 3, 21)))] };

        var stood = fixture.Scrub();

        Assert.Equal(["COV-004"], stood.Where(f => f.Acknowledged is null).Select(f => f.RuleId));
        var issue = ScrubReport.ToOutcome(stood).Issue.Find(i => i.Details!.Coding[0].Code == "DAT-008")!;
        Assert.Equal(OperationOutcome.IssueSeverity.Information, issue.Severity);
        Assert.EndsWith("Let stand by A. Biller on 2026-03-21: Known to us.", issue.Details!.Text, StringComparison.Ordinal);

        fixture.BillingDate = new DateOnly(2026, 3, 23);
        Assert.Contains(fixture.Scrub(), f => f.RuleId == "DAT-008" && f.Acknowledged is null);
    }

    [Fact]
    public void A_payer_row_that_cannot_be_evaluated_says_so_and_hides_no_other()
    {
        var fixture = new ScrubFixture();
        fixture.PayerWith(p => p with
        {
            Rules = [new PayerRuleRow("PAY-002", FindingSeverity.Reject, "x") { Condition = "item.nonsense(" }, new PayerRuleRow("PAY-003", FindingSeverity.Warn, "Another.")],
        });

        var findings = fixture.Scrub();

        Assert.Equal(
            [("PAY-002", OperationOutcome.IssueType.Exception, FindingSeverity.Information), ("PAY-003", OperationOutcome.IssueType.BusinessRule, FindingSeverity.Warn)],
            findings.Select(f => (f.RuleId, f.Code, f.Severity)));
    }

    [Fact]
    public void A_finding_shows_its_line_its_source_and_its_edition()
    {
        var fixture = new ScrubFixture();
        fixture.Line("11102", ["59"], units: 2);

        var issue = ScrubReport.ToOutcome(fixture.Scrub()).Issue.Find(i => i.Details!.Coding[0].Code == "PROC-014")!;

        Assert.Equal("Claim.item[1].quantity", issue.Expression.Single());
        Assert.Equal(
            """{"rule":"PROC-014","line":2,"seen":{"code":"11102","units":"2","modifiers":"59","serviceDate":"2026-03-02","place":"11"},"source":"CMS NCCI medically unlikely edits","table":"mue-test","acknowledged":null}""",
            issue.Diagnostics);
    }

    [Fact]
    public void No_finding_is_one_issue_that_says_so()
    {
        var issue = Assert.Single(ScrubReport.ToOutcome([]).Issue);
        Assert.Equal((OperationOutcome.IssueSeverity.Information, "All OK"), (issue.Severity, issue.Details!.Text));
    }
}
