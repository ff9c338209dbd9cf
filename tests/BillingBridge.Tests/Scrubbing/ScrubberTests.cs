using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Scrubbing;

public class ScrubberTests
{
    [Fact]
    public void A_rule_without_its_table_says_so_once()
    {
        var fixture = new ScrubFixture { Edits = EditTables.None };
        fixture.Line("36415");
        fixture.Line("93000");

        var said = fixture.Scrub().Where(f => f.Severity == FindingSeverity.Information).Select(f => f.RuleId).ToList();

        Assert.Equal(["NCCI-001", "NCCI-002", "NCCI-003", "PROC-014", "PROC-015", "PROC-016"], said.Order(StringComparer.Ordinal));
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
    public void No_finding_is_one_issue_that_says_so()
    {
        var issue = Assert.Single(ScrubReport.ToOutcome([]).Issue);
        Assert.Equal((OperationOutcome.IssueSeverity.Information, "All OK"), (issue.Severity, issue.Details!.Text));
    }
}
