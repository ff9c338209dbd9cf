using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests;

public class ClaimPipelineTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_clean_encounter_becomes_a_ready_claim_with_its_charges_and_provenance()
    {
        var billing = new TestBilling();

        var ready = Assert.IsType<ClaimResult.Ready>(await billing.RunAsync());

        var claim = billing.TheClaim;
        Assert.Equal((ClaimStage.Ready, FinancialResourceStatusCodes.Draft), (claim.Stage(), claim.Status));
        Assert.Equal((ready.ClaimId, ready.PatientControlNumber, 152m), (claim.Id, claim.PatientControlNumber(), claim.Total!.Value));
        Assert.Empty(ready.Findings);
        var charge = Assert.Single(billing.Records.All<ChargeItem>());
        Assert.Equal($"ChargeItem/{charge.Id}", claim.Item[0].ChargeItem()!.Reference);
        var provenance = Assert.Single(billing.Records.All<Provenance>());
        Assert.Equal(($"Claim/{claim.Id}", "draft-ready"), (provenance.Target[0].Reference, provenance.Activity!.Coding[0].Code));
        Assert.Empty(billing.Records.All<FhirTask>());
    }

    [Fact]
    public async Task The_tables_loaded_and_the_payers_own_prices_reach_the_claim()
    {
        var contract = DefaultFeeSchedule.Build(new DateOnly(2000, 1, 1)).First(d => FeeSchedule.RowOf(d)?.Code == "99213");
        contract.Id = "agreed";
        contract.UseContext = [new UsageContext { Code = new Coding("http://terminology.hl7.org/CodeSystem/usage-context-type", "program"), Value = new ResourceReference("Organization/payer") }];
        contract.PropertyGroup[0].PriceComponent.ForEach(c => c.Amount!.Value = 95m);
        var billing = new TestBilling(contract, Done("ecg", "93000"), Done("knee", "20610", "72696002"), Done("wrist", "20605", "8205005"));
        billing.Practice.Visit.Class = new Coding(null, "EMER");
        billing.Records.Put(billing.Practice.Visit);

        await billing.RunAsync();

        Assert.Equal(
            ["99213-25 95", "93000-26", "20610", "20605-59"],
            billing.TheClaim.Item.Select((item, i) => new ScrubLine(i, item)).Select(l => string.Join('-', (string[])[l.Code, .. l.Modifiers]) + (l.Code == "99213" ? $" {l.Item.UnitPrice!.Value:0}" : "")));
        Assert.Contains(billing.Records.All<ChargeItem>().SelectMany(c => c.Note), n => n.Text!.StartsWith("59: Procedure/wrist was done on another site", StringComparison.Ordinal));

        static Procedure Done(string id, string code, string? site = null) => new()
        {
            Id = id,
            Status = EventStatus.Completed,
            Code = new CodeableConcept("http://www.ama-assn.org/go/cpt", code),
            Subject = new ResourceReference("Patient/pat"),
            Encounter = new ResourceReference("Encounter/visit"),
            BodySite = site is null ? [] : [new CodeableConcept("http://snomed.info/sct", site)],
        };
    }

    [Fact]
    public async Task Everything_is_stored_in_one_commit()
    {
        var billing = new TestBilling();

        await billing.RunAsync();

        Assert.Equal(1, billing.Records.Commits);
    }

    [Fact]
    public async Task Running_twice_changes_nothing_and_answers_with_the_first_claim()
    {
        var billing = new TestBilling();
        var first = (ClaimResult.Ready)await billing.RunAsync();
        var before = billing.Records.Snapshot;

        var second = Assert.IsType<ClaimResult.AlreadyBilled>(await billing.RunAsync());

        Assert.Equal((first.ClaimId, first.PatientControlNumber, ClaimStage.Ready), (second.ClaimId, second.PatientControlNumber, second.Stage));
        Assert.Equal(before, billing.Records.Snapshot);
    }

    [Fact]
    public async Task Two_runs_at_once_make_one_claim_and_one_set_of_charges()
    {
        var billing = new TestBilling();
        billing.Records.BeforeCommit = () =>
        {
            billing.Records.BeforeCommit = null;
            billing.RunAsync().GetAwaiter().GetResult();
        };

        var late = await billing.RunAsync();

        Assert.IsType<ClaimResult.AlreadyBilled>(late);
        Assert.Single(billing.Records.All<Claim>());
        Assert.Single(billing.Records.All<ChargeItem>());
        Assert.Single(billing.Records.All<Provenance>());
    }

    [Fact]
    public async Task A_held_claim_gets_one_task_with_the_money_at_stake()
    {
        var billing = new TestBilling();
        billing.Practice.Doctor.Identifier[0].Value = "510";
        billing.Records.Put(billing.Practice.Doctor);

        var held = Assert.IsType<ClaimResult.Held>(await billing.RunAsync());

        Assert.Equal(["PRV-002"], held.Findings.Select(f => f.RuleId));
        Assert.Equal(ClaimStage.ScrubFailed, billing.TheClaim.Stage());
        var task = Assert.Single(billing.Records.All<FhirTask>());
        Assert.Equal(($"Claim/{billing.TheClaim.Id}", "Patient/pat", "fix-scrub"), (task.Focus!.Reference, task.For!.Reference, task.Code!.Coding[0].Code));
        Assert.Equal(152m, ((Money)task.Input[0].Value!).Value);
        Assert.Equal(("2026-08-29", RequestPriority.Routine), (task.Restriction!.Period!.End, task.Priority));
    }

    [Fact]
    public async Task A_claim_without_coverage_is_stored_and_held_by_COV_001()
    {
        var billing = new TestBilling();
        billing.Practice.Coverage.Beneficiary = new ResourceReference("Patient/somebody-else");
        billing.Records.Put(billing.Practice.Coverage);

        var held = Assert.IsType<ClaimResult.Held>(await billing.RunAsync());

        Assert.Equal(["COV-001"], held.Findings.Where(f => f.Severity == FindingSeverity.Reject).Select(f => f.RuleId));
        Assert.Equal(152m, billing.TheClaim.Total!.Value);
    }

    [Fact]
    public async Task A_code_with_characters_of_a_query_is_looked_up_as_it_stands()
    {
        var billing = new TestBilling();
        billing.Practice.Visit.Type = [new CodeableConcept(FhirEmr.Terminology.CodeSystemUrls.Cpt, "99213&status=x,|y")];
        billing.Records.Put(billing.Practice.Visit);

        Assert.IsType<ClaimResult.Held>(await billing.RunAsync());
    }

    [Fact]
    public async Task An_encounter_without_anything_coded_says_so()
    {
        var billing = new TestBilling();
        billing.Practice.Visit.Type = [];
        billing.Records.Put(billing.Practice.Visit);

        Assert.Contains("HDR-002", Assert.IsType<ClaimResult.NothingBillable>(await billing.RunAsync()).Findings.Select(f => f.RuleId));
    }

    [Fact]
    public async Task Looking_at_a_claim_changes_nothing()
    {
        var billing = new TestBilling();
        var ready = (ClaimResult.Ready)await billing.RunAsync();
        billing.Practice.Coverage.SubscriberId = null;
        billing.Records.Put(billing.Practice.Coverage);
        var before = billing.Records.Snapshot;

        var outcome = ScrubReport.ToOutcome((await billing.Pipeline.ScrubAsync(ready.ClaimId, Ct))!);

        var issue = Assert.Single(outcome!.Issue);
        Assert.Equal(("COV-004", OperationOutcome.IssueSeverity.Error), (issue.Details!.Coding[0].Code, issue.Severity));
        Assert.Equal("Claim.insurance[0].coverage.resolve().subscriberId", issue.Expression.Single());
        Assert.Contains("\"rule\":\"COV-004\"", issue.Diagnostics, StringComparison.Ordinal);
        Assert.Equal(before, billing.Records.Snapshot);
    }

    [Fact]
    public async Task A_visit_billed_above_its_record_is_held_and_says_what_the_record_supports()
    {
        var billing = new TestBilling();
        billing.Practice.Visit.Type = [new CodeableConcept(CodeSystemUrls.Cpt, "99214")];
        billing.Records.Put(billing.Practice.Visit);

        var held = Assert.IsType<ClaimResult.Held>(await billing.RunAsync());

        var finding = Assert.Single(held.Findings, f => f.RuleId == "DOC-001");
        Assert.StartsWith("Billed 99214; record supports 99213: problems low", finding.Message, StringComparison.Ordinal);
        Assert.Contains("MedicationRequest/lisinopril", finding.Evidence);
    }

    [Fact]
    public async Task A_visit_billed_below_its_record_is_warned_about()
    {
        var billing = new TestBilling();
        billing.Practice.Visit.Type = [new CodeableConcept(CodeSystemUrls.Cpt, "99212")];
        billing.Records.Put(billing.Practice.Visit);

        var ready = Assert.IsType<ClaimResult.Ready>(await billing.RunAsync());

        Assert.StartsWith("Under-coded: 99213.", Assert.Single(ready.Findings, f => f.RuleId == "DOC-002").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_reader_may_not_see_is_withheld_from_the_findings_that_stand_on_it()
    {
        var billing = new TestBilling();
        billing.Practice.Visit.Type = [new CodeableConcept(CodeSystemUrls.Cpt, "99214")];
        billing.Records.Put(billing.Practice.Visit);
        var findings = (await billing.Pipeline.ScrubEncounterAsync("visit", new DateOnly(2026, 3, 3), Ct))!;

        var shown = Assert.Single(ScrubReport.ToOutcome(findings, new HashSet<string> { "Condition/another" }).Issue, i => i.Details!.Coding[0].Code == "DOC-001");
        var hidden = Assert.Single(ScrubReport.ToOutcome(findings, new HashSet<string> { "MedicationRequest/lisinopril" }).Issue, i => i.Details!.Coding[0].Code == "DOC-001");

        Assert.Contains("99213", shown.Details!.Text, StringComparison.Ordinal);
        Assert.Equal("DOC-001 does not pass. Withheld: you may not read what this stands on.", hidden.Details!.Text);
        Assert.DoesNotContain("99213", hidden.Diagnostics, StringComparison.Ordinal);
        Assert.Equal((shown.Severity, shown.Expression.Single()), (hidden.Severity, hidden.Expression.Single()));
    }

    [Fact]
    public void A_reference_in_the_words_of_a_finding_counts_as_what_it_stands_on()
    {
        var finding = ScrubFinding.Warn("PAT-010", OperationOutcome.IssueType.Duplicate, "Claim.patient", "Possible duplicate chart Patient/other-1. Compare and/or merge; see A/B.").With("note", "Composition/n.2");

        Assert.Equal(["Composition/n.2", "Patient/other-1"], ScrubReport.References(finding));
    }

    [Theory]
    [InlineData("207Q00000X", false)]
    [InlineData("207RC0000X", true)]
    public async Task New_and_established_are_the_same_for_charges_rules_and_levels(string taxonomyOfColleague, bool isNew)
    {
        // Seen last year by a colleague of the group, of the same specialty or of another.
        var billing = new TestBilling(
            new Practitioner { Id = "colleague" },
            new PractitionerRole { Id = "colleague", Practitioner = new ResourceReference("Practitioner/colleague"), Specialty = [new CodeableConcept(CodeSystemUrls.ProviderTaxonomy, taxonomyOfColleague)] });
        billing.Practice.EarlierVisit.Participant[0].Individual = new ResourceReference("Practitioner/colleague");
        billing.Records.Put(billing.Practice.EarlierVisit);

        var level = Assert.IsType<VisitLevelResult.Found>(await new VisitLevelPipeline(billing.Records, billing.Practice.Terminology, new BillingSetup()).RunAsync("visit", null, null, Ct)).Level;
        var findings = (await billing.Pipeline.ScrubEncounterAsync("visit", new DateOnly(2026, 3, 3), Ct))!;

        Assert.Equal(isNew, level.Facts.IsNewPatient);
        Assert.Equal(isNew, findings.Any(f => f.RuleId == "PROC-009"));
    }

    [Fact]
    public async Task Looking_at_an_encounter_stores_nothing()
    {
        var billing = new TestBilling();

        var outcome = ScrubReport.ToOutcome((await billing.Pipeline.ScrubEncounterAsync("visit", new DateOnly(2026, 3, 3), Ct))!);

        Assert.Equal("All OK", Assert.Single(outcome!.Issue).Details!.Text);
        Assert.Empty(billing.Records.All<Claim>());
    }

    [Fact]
    public async Task An_unknown_encounter_is_named() =>
        Assert.Equal("nope", Assert.IsType<ClaimResult.NoSuchEncounter>(await new TestBilling().Pipeline.RunAsync("nope", null, Ct)).EncounterId);

    [Fact]
    public async Task An_unfinished_encounter_is_not_billed()
    {
        var billing = new TestBilling();
        billing.Practice.Visit.Status = Encounter.EncounterStatus.InProgress;
        billing.Records.Put(billing.Practice.Visit);

        Assert.IsType<ClaimResult.NotFinished>(await billing.RunAsync());
        Assert.Equal(0, billing.Records.Commits);
    }

    [Fact]
    public async Task Codes_without_a_mapping_are_named_when_nothing_can_be_billed()
    {
        var billing = new TestBilling();
        billing.Practice.Visit.Type = [new CodeableConcept(CodeSystemUrls.Snomed, "185349003", "Check-up", null)];
        billing.Records.Put(billing.Practice.Visit);

        var nothing = Assert.IsType<ClaimResult.NothingBillable>(await billing.RunAsync());

        var finding = Assert.Single(nothing.Findings);
        Assert.Equal(("PROC-026", "185349003"), (finding.RuleId, finding.Seen["code"]));
        Assert.Empty(billing.Records.All<Claim>());
    }

    [Fact]
    public async Task A_repeat_of_a_code_set_aside_by_the_reviewer_is_not_billed()
    {
        var ecg = TestPractice.NewProcedure("ecg", CodeSystemUrls.Cpt, "93000");
        var billing = new TestBilling(ecg, new ChargeItem
        {
            Id = "reviewed",
            Identifier = [new Identifier(BillingUrls.IdempotencyKey, BillingKey.Of("charge", "visit", "Procedure/ecg", "93000"))],
            Status = ChargeItem.ChargeItemStatus.NotBillable,
            Code = new CodeableConcept(CodeSystemUrls.Cpt, "93000"),
            Subject = new ResourceReference("Patient/pat"),
            Context = new ResourceReference("Encounter/visit"),
        });

        await billing.RunAsync();

        Assert.Equal(["99213"], billing.TheClaim.Item.Select(i => i.ProductOrService!.Coding[0].Code));
    }

    [Fact]
    public async Task The_secondary_claim_of_the_same_visit_is_no_duplicate()
    {
        var billing = new TestBilling(OtherClaim("visit"));

        Assert.IsType<ClaimResult.Ready>(await billing.RunAsync());
    }

    [Fact]
    public async Task The_same_service_on_another_encounters_claim_is_a_duplicate()
    {
        var billing = new TestBilling(OtherClaim("another"));

        var held = Assert.IsType<ClaimResult.Held>(await billing.RunAsync());

        Assert.Equal(["PROC-019"], held.Findings.Select(f => f.RuleId));
    }

    private static Claim OtherClaim(string encounter) => new()
    {
        Id = "sibling",
        Status = FinancialResourceStatusCodes.Active,
        Identifier = [new Identifier(BillingUrls.PatientControlNumber, "ESIBLING0000002")],
        Patient = new ResourceReference("Patient/pat"),
        Item =
        [
            new Claim.ItemComponent
            {
                Sequence = 1,
                ProductOrService = new CodeableConcept(CodeSystemUrls.Cpt, "99213"),
                Serviced = new Date(TestPractice.Day),
                Encounter = [new ResourceReference($"Encounter/{encounter}")],
            },
        ],
    };

    [Fact]
    public async Task A_claim_is_checked_by_the_same_rules_before_it_is_stored()
    {
        var billing = new TestBilling();
        await billing.RunAsync();
        var claim = billing.TheClaim;
        Assert.Empty((await billing.Pipeline.CheckAsync(claim, Ct))!);

        claim.Total!.Value += 1;
        var before = billing.Records.Snapshot;

        Assert.Equal(["AMT-003"], (await billing.Pipeline.CheckAsync(claim, Ct))!.Select(f => f.RuleId));
        Assert.Equal(before, billing.Records.Snapshot);
        claim.Item[0].Encounter.Clear();
        Assert.Null(await billing.Pipeline.CheckAsync(claim, Ct));
    }

    [Fact]
    public async Task What_the_payer_denied_often_is_said_beforehand()
    {
        var billing = new TestBilling();
        for (var i = 0; i < 3; i++)
        {
            var id = $"denied{i}";
            billing.Records.Put(
                new Claim { Id = id, Item = [new Claim.ItemComponent { Sequence = 1, ProductOrService = new CodeableConcept(FhirEmr.Terminology.CodeSystemUrls.Cpt, "99213") }] },
                Denial(id));
        }

        var ready = (ClaimResult.Ready)await billing.RunAsync();

        var finding = Assert.Single(ready.Findings);
        Assert.Equal("HIS-001", finding.RuleId);
        Assert.StartsWith("Acme Health Plan denied 3/3 of 99213 for reason 50", finding.Message, StringComparison.Ordinal);
    }

    private static ClaimResponse Denial(string claim)
    {
        var adjustment = new ClaimResponse.AdjudicationComponent
        {
            Category = new CodeableConcept("x", "noncovered"),
            Reason = new CodeableConcept("https://x12.org/codes/claim-adjustment-reason-codes", "50"),
            Amount = ClaimBuilder.Usd(152m),
        };
        adjustment.AddExtension(BillingUrls.CagcExtension, new Code("CO"));
        return new ClaimResponse
        {
            Id = claim,
            Status = FinancialResourceStatusCodes.Active,
            Created = "2026-02-01",
            Insurer = new ResourceReference("Organization/payer"),
            Request = new ResourceReference($"Claim/{claim}"),
            Item = [new ClaimResponse.ItemComponent { ItemSequence = 1, Adjudication = [adjustment] }],
        };
    }
}
