using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests;

/// <summary>A visit whose services are different first payers': an office visit for the blood pressure, and a knee injected after an accident at work.</summary>
public sealed class VisitSplitTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private readonly TwoPayers _two = new();

    public VisitSplitTests()
    {
        var practice = _two.Billing.Practice;
        practice.Terminology.Add(FhirEmr.Terminology.CodeSystemUrls.Icd10Cm, "M25.561", "Pain in right knee");
        _two.Records.Put(
            new Condition
            {
                Id = "knee",
                ClinicalStatus = new CodeableConcept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
                Code = new CodeableConcept(FhirEmr.Terminology.CodeSystemUrls.Icd10Cm, "M25.561"),
                Subject = new ResourceReference("Patient/pat"),
                Encounter = new ResourceReference("Encounter/visit"),
                Onset = new FhirDateTime("2026-02-19"),
            },
            new Procedure
            {
                Id = "injection",
                Status = EventStatus.Completed,
                Code = new CodeableConcept("http://www.ama-assn.org/go/cpt", "20610"),
                Subject = new ResourceReference("Patient/pat"),
                Encounter = new ResourceReference("Encounter/visit"),
                ReasonReference = [new ResourceReference("Condition/knee")],
            },
            new Organization { Id = "state-fund", Name = "State Fund", Identifier = [new Identifier(BillingUrls.PayerId, "WCFUND")] },
            new Coverage
            {
                Id = "wc",
                Status = FinancialResourceStatusCodes.Active,
                Type = new CodeableConcept("https://x12.org/codes/claim-filing-indicator-codes", "WC"),
                Beneficiary = new ResourceReference("Patient/pat"),
                SubscriberId = "WC77001",
                Relationship = new CodeableConcept("http://terminology.hl7.org/CodeSystem/subscriber-relationship", "self"),
                Period = new Period { Start = "2026-02-20" },
                Payor = [new ResourceReference("Organization/state-fund")],
            });
        practice.Visit.Diagnosis.Add(new Encounter.DiagnosisComponent { Condition = new ResourceReference("Condition/knee"), Rank = 2 });
        _two.Records.Put(practice.Visit);
    }

    [Fact]
    public async Task A_service_for_the_condition_of_an_account_goes_to_that_accounts_payer()
    {
        NameAccount(forKnee: true);

        var several = Assert.IsType<ClaimResult.Several>(await RunAsync());

        Assert.Equal(2, several.Claims.Count);
        var (health, injury) = (Claim("cov"), Claim("wc"));
        Assert.Equal(["99213"], Codes(health));
        Assert.Equal(["20610"], Codes(injury));
        Assert.Equal(["Coverage/cov", "Coverage/second"], health.Insurance.Select(i => i.Coverage!.Reference)); // the injury's insurer is not asked for the visit, first or second
        Assert.Equal("Coverage/wc", Assert.Single(injury.Insurance).Coverage!.Reference);
        Assert.Equal(["I10"], health.Diagnosis.Select(d => d.DiagnosisCode()));
        Assert.Equal(["M25.561"], injury.Diagnosis.Select(d => d.DiagnosisCode()));
        Assert.Equal(("2026-02-19", "WPA"), (injury.Accident!.Date, injury.Accident.Type!.Coding[0].Code));
        Assert.Equal((PatientControlNumber.Of("visit", 1), PatientControlNumber.Of("visit/wc", 1)), (health.PatientControlNumber(), injury.PatientControlNumber()));
        Assert.Equal(1, _two.Records.Commits);
        Assert.Equal(2, _two.Records.All<ChargeItem>().Count());
        // No claim misses what the other bills, and the visit's level is judged by all of it.
        Assert.DoesNotContain(Findings(several), f => f.RuleId is "PROC-026" or "COV-017" or "DOC-001");
    }

    [Fact]
    public async Task The_superbill_tells_each_payers_services_and_what_the_visit_cost_together()
    {
        NameAccount(forKnee: true);
        await RunAsync();
        var papers = new PaperPipeline(_two.Records, _two.Billing.Practice.Terminology, new BillingSetup(), SmallPractice.Time);

        async Task<string> HtmlAsync() =>
            System.Net.WebUtility.HtmlDecode(System.Text.Encoding.UTF8.GetString(Assert.IsType<PaperResult.Written>(await papers.SuperbillAsync("visit", PaperForm.Html, Ct)).Content));
        var paper = await HtmlAsync();

        var (health, injury) = (paper.IndexOf("Billed to Acme Health Plan", StringComparison.Ordinal), paper.IndexOf("Billed to State Fund", StringComparison.Ordinal));
        Assert.True(health > 0 && injury > 0);
        foreach (var (code, at, other) in ((string, int, int)[])[("99213", health, injury), ("I10", health, injury), ("20610", injury, health), ("M25.561", injury, health), ("WC77001", injury, health)])
        {
            var place = paper.IndexOf($"{code}", StringComparison.Ordinal);
            Assert.True(place > at && (other < at || place < other), code);
        }

        Assert.Contains($"{Claim("cov").Total!.Value + Claim("wc").Total!.Value:0.00}", paper[paper.IndexOf("The whole visit", StringComparison.Ordinal)..], StringComparison.Ordinal);

        // A claim to the second payer asks for the same services again; the patient had them once.
        var next = (Claim)Claim("cov").DeepCopy();
        next.Id = "second-payer";
        next.Identifier = [];
        next.Related = [new Claim.RelatedClaimComponent { Claim = new ResourceReference($"Claim/{Claim("cov").Id}"), Relationship = new CodeableConcept(NextClaim.RelationshipSystem, NextClaim.Relationship) }];
        _two.Records.Put(next);
        Assert.Equal(paper, await HtmlAsync());
    }

    [Fact]
    public async Task Billed_twice_a_split_visit_changes_nothing()
    {
        NameAccount(forKnee: true);
        await RunAsync();
        var before = _two.Records.Snapshot;

        var again = Assert.IsType<ClaimResult.Several>(await RunAsync());

        Assert.Equal(2, again.Claims.OfType<ClaimResult.AlreadyBilled>().Count());
        Assert.Equal(before, _two.Records.Snapshot);
    }

    [Fact]
    public async Task Two_runs_at_once_make_each_claim_once()
    {
        NameAccount(forKnee: true);
        _two.Records.BeforeCommit = () =>
        {
            _two.Records.BeforeCommit = null;
            RunAsync().GetAwaiter().GetResult();
        };

        await RunAsync();

        Assert.Equal(2, _two.Records.All<Claim>().Count());
        Assert.Equal(2, _two.Records.All<ChargeItem>().Count());
    }

    [Fact]
    public async Task A_charge_that_is_given_an_account_afterwards_moves_from_the_claim_that_was_not_sent()
    {
        await RunAsync();
        var whole = Assert.Single(_two.Records.All<Claim>());
        Assert.Equal(["99213", "20610"], Codes(whole));
        NameAccount(forKnee: false, charge: "20610");

        Assert.IsType<ClaimResult.Several>(await RunAsync());

        var (health, injury) = (Claim("cov"), Claim("wc"));
        Assert.Equal(whole.Id, health.Id);
        Assert.Equal(["99213"], Codes(health));
        Assert.Equal(152m, health.Total!.Value);
        Assert.Equal(["20610"], Codes(injury));
        Assert.Equal(whole.Total!.Value, health.Total.Value + injury.Total!.Value);
        Assert.NotEqual(ClaimStage.Draft, health.Stage());

        // And back again: the line returns, the other claim was none.
        var charge = _two.Records.All<ChargeItem>().Single(c => c.Code!.Coding[0].Code == "20610");
        charge.Account = [];
        _two.Records.Put(charge);
        await RunAsync();
        Assert.Equal(["99213", "20610"], Codes(Claim("cov")));
        Assert.Equal(FinancialResourceStatusCodes.EnteredInError, _two.Records.All<Claim>().Single(c => c.Id == injury.Id).Status);
        Assert.Equal(whole.Total.Value, Claim("cov").Total!.Value);
        Assert.All(Claim("cov").Item, i => Assert.NotEmpty(i.DiagnosisSequence));
        Assert.Equal(2, Claim("cov").Item.Select(i => i.LineControlNumber()).Distinct().Count());

        // A third time it has a claim of the injury's payer with a number of its own.
        NameAccount(forKnee: false, charge: "20610");
        var third = await RunAsync();
        Assert.Equal(PatientControlNumber.Of("visit/wc", 1, 1), Claim("wc").PatientControlNumber());
        Assert.DoesNotContain(Findings(third), f => f.RuleId == "HDR-001"); // that number is in no other claim
    }

    [Fact]
    public async Task Of_a_households_account_only_the_patients_own_coverages_are_asked()
    {
        NameAccount(forKnee: false);
        _two.Records.Put(new Coverage { Id = "brothers", Status = FinancialResourceStatusCodes.Active, Beneficiary = new ResourceReference("Patient/brother"), Payor = [new ResourceReference("Organization/state-fund")] });
        var account = _two.Records.All<Account>().Single();
        account.Subject.Add(new ResourceReference("Patient/brother"));
        account.Coverage.Insert(0, new Account.CoverageComponent { Coverage = new ResourceReference("Coverage/brothers"), Priority = 1 });
        account.Coverage[1].Priority = 2;
        _two.Records.Put(account);

        await RunAsync();

        Assert.Equal("Coverage/wc", Assert.Single(Assert.Single(_two.Records.All<Claim>()).Insurance).Coverage!.Reference);
    }

    [Fact]
    public async Task The_next_payer_of_a_claim_is_of_its_own_coverages_whatever_account_a_charge_was_given_since()
    {
        await RunAsync();
        NameAccount(forKnee: false, charge: "20610");

        var chart = (await _two.Records.ReadChartAsync("visit", Ct))!;

        Assert.Equal("second", NextClaim.CoverageAfter(Claim("cov"), chart)?.Id);
    }

    [Fact]
    public async Task Shares_with_one_later_payer_in_common_have_a_claim_each_to_it()
    {
        var both = (Coverage)Stay().DeepCopy();
        (both.Id, both.Order, both.Period) = ("supplement", 9, new Period { Start = "2026-01-01" });
        _two.Records.Put(both);
        await RunAsync();
        var chart = (await _two.Records.ReadChartAsync("visit", Ct))!;

        var next = new[] { Claim("cov"), Claim("second") }.Select(c => NextClaim.Build(c, new ClaimResponse { Id = "answer" }, chart, 0, new DateOnly(2026, 4, 1))!).ToArray();

        Assert.All(next, n => Assert.Equal("Coverage/supplement", n.Insurance.Single(i => i.Focal == true).Coverage!.Reference));
        Assert.Equal(2, next.Select(n => n.CreationKey()).Distinct().Count());
        Assert.Equal(2, next.Select(n => n.PatientControlNumber()).Distinct().Count());
    }

    [Fact]
    public async Task What_a_person_billed_to_the_patient_stays_so()
    {
        NameAccount(forKnee: true);
        await RunAsync();
        Assert.IsNotType<ClaimResult.Refused>(await _two.Claims.SelfPayAsync(Claim("wc").Id!, "The employer denies it", Ct));
        var before = _two.Records.Snapshot;

        await RunAsync();

        Assert.Equal(before, _two.Records.Snapshot);
    }

    [Fact]
    public async Task An_account_with_the_health_plan_behind_the_injurys_insurer_moves_the_line_and_a_persons_order_of_them_stays()
    {
        await RunAsync();
        NameAccount(forKnee: false, charge: "20610");
        var account = _two.Records.All<Account>().Single();
        account.Coverage.Add(new Account.CoverageComponent { Coverage = new ResourceReference("Coverage/cov"), Priority = 2 });
        account.Coverage.Add(new Account.CoverageComponent { Coverage = new ResourceReference("Coverage/second"), Priority = 3 });
        _two.Records.Put(account);

        await RunAsync();
        var injury = Claim("wc");
        Assert.Equal(["20610"], Codes(injury));

        // The insurer says that it is the health plan's first: a person turns the order round, on this claim.
        (injury.Insurance[0].Coverage, injury.Insurance[1].Coverage) = (injury.Insurance[1].Coverage, injury.Insurance[0].Coverage);
        _two.Records.Put(injury);
        var before = _two.Records.Snapshot;
        await RunAsync();
        Assert.Equal(before, _two.Records.Snapshot);
    }

    [Fact]
    public async Task Who_may_make_claims_and_not_change_them_moves_no_line()
    {
        await RunAsync();
        NameAccount(forKnee: false, charge: "20610");
        var before = _two.Records.Snapshot;

        Assert.Contains("You may not change claims", Words(await _two.Claims.RunAsync("visit", new DateOnly(2026, 3, 5), Ct, mayChange: false)), StringComparison.Ordinal);

        Assert.Equal(before, _two.Records.Snapshot);
    }

    [Fact]
    public async Task What_was_sent_is_replaced_without_the_line_first()
    {
        await RunAsync();
        var whole = Assert.Single(_two.Records.All<Claim>());
        Ready(whole);
        await _two.SendAsync();
        NameAccount(forKnee: false, charge: "20610");
        var before = _two.Records.Snapshot;

        Assert.Contains("Replace it ($replace)", Words(await RunAsync()), StringComparison.Ordinal);
        Assert.Equal(before, _two.Records.Snapshot);

        // The payer has answered: the replacement leaves the line out, and then the line has its own claim.
        whole = _two.Records.All<Claim>().Single();
        whole.SetStage(ClaimStage.Paid);
        whole.Identifier.Add(new Identifier("urn:fhiremr:icn:ACME1", "ICN1"));
        _two.Records.Put(whole);
        var made = Assert.IsType<SuccessorResult.Made>(await _two.Replacements.ReplaceAsync(whole.Id!, null, "The injection is the state fund's", new ResourceReference { Display = "Bea" }, Ct));
        Assert.Equal((ClaimStage.Draft, 152m), (made.Stage, made.TotalUsd));
        var several = Assert.IsType<ClaimResult.Several>(await RunAsync());

        Assert.Equal(["20610"], Codes(Claim("wc")));
        var replacement = _two.Records.All<Claim>().Single(c => c.Id == made.ClaimId);
        Assert.Equal(["99213"], Codes(replacement));
        Assert.Equal(ClaimStage.Draft, replacement.Stage()); // a person scrubs it
        Assert.Equal(2, several.Claims.Count);
        var after = _two.Records.Snapshot;
        await RunAsync();
        Assert.Equal(after, _two.Records.Snapshot);
    }

    [Fact]
    public async Task A_sent_claim_all_of_which_is_anothers_is_voided_first()
    {
        await RunAsync();
        var whole = Assert.Single(_two.Records.All<Claim>());
        Ready(whole);
        await _two.SendAsync();
        NameAccount(forKnee: false, charge: "20610");
        NameAccount(forKnee: false, charge: "99213");

        Assert.Contains("Void it ($void)", Words(await RunAsync()), StringComparison.Ordinal);

        // Sent back by the payer it is with us again; but its charges are in the books.
        whole = _two.Records.All<Claim>().Single();
        whole.SetStage(ClaimStage.PayerRejected);
        _two.Records.Put(whole);
        var before = _two.Records.Snapshot;
        Assert.Contains("its charges are in the books", Words(await RunAsync()), StringComparison.Ordinal);
        Assert.Equal(before, _two.Records.Snapshot);
    }

    [Fact]
    public async Task In_a_stay_each_day_goes_to_the_coverage_in_force()
    {
        Stay();

        Assert.IsType<ClaimResult.Several>(await RunAsync());

        Assert.Equal(["99213"], Codes(Claim("cov")));
        Assert.Equal(["20610"], Codes(Claim("second")));
        Assert.Equal("2026-03-03", Claim("second").BillablePeriod!.Start);
    }

    [Fact]
    public async Task The_account_of_the_encounter_is_that_of_all_its_charges()
    {
        NameAccount(forKnee: false);

        Assert.IsNotType<ClaimResult.Several>(await RunAsync());

        Assert.Equal(["99213", "20610"], Codes(Claim("wc")));
        Assert.Equal(PatientControlNumber.Of("visit", 1), Claim("wc").PatientControlNumber());
    }

    private async Task<ClaimResult> RunAsync() => await _two.Claims.RunAsync("visit", new DateOnly(2026, 3, 5), Ct);

    /// <summary>Three days, in the middle of which another coverage follows on the first.</summary>
    /// <returns>The one that follows.</returns>
    private Coverage Stay()
    {
        var practice = _two.Billing.Practice;
        practice.Visit.Period = new Period { Start = "2026-03-02", End = "2026-03-04" };
        practice.Coverage.Period!.End = "2026-03-02";
        var after = _two.Records.All<Coverage>().Single(c => c.Id == "second");
        after.Period = new Period { Start = "2026-03-03" };
        var injection = _two.Records.All<Procedure>().Single(p => p.Id == "injection");
        injection.Performed = new FhirDateTime("2026-03-03");
        _two.Records.Put(practice.Visit, practice.Coverage, after, injection);
        return after;
    }

    private void NameAccount(bool forKnee, string? charge = null)
    {
        var account = new Account
        {
            Id = "injury",
            Status = Account.AccountStatus.Active,
            Subject = [new ResourceReference("Patient/pat")],
            ServicePeriod = new Period { Start = "2026-02-25" },
            Coverage = [new Account.CoverageComponent { Coverage = new ResourceReference("Coverage/wc"), Priority = 1 }],
        };
        if (forKnee)
            account.Extension.Add(new Extension { Url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Account.diagnosis", Extension = [new Extension("condition", new ResourceReference("Condition/knee"))] });
        _two.Records.Put(account);
        if (charge is null)
        {
            _two.Billing.Practice.Visit.Account = [new ResourceReference("Account/injury")];
            _two.Records.Put(_two.Billing.Practice.Visit);
            return;
        }

        var item = _two.Records.All<ChargeItem>().Single(c => c.Code!.Coding[0].Code == charge);
        item.Account = [new ResourceReference("Account/injury")];
        _two.Records.Put(item);
    }

    private void Ready(Claim claim)
    {
        claim.SetStage(ClaimStage.Ready);
        _two.Records.Put(claim);
    }

    private Claim Claim(string coverage) => _two.Records.All<Claim>().Single(c => c.Status != FinancialResourceStatusCodes.EnteredInError && VisitSplit.FirstOf(c) == coverage);

    private static IEnumerable<string> Codes(Claim claim) => claim.Item.Select(i => i.ProductOrService!.Coding[0].Code!);

    private static IEnumerable<ScrubFinding> Findings(ClaimResult result) => result switch
    {
        ClaimResult.Several several => several.Claims.SelectMany(Findings),
        ClaimResult.Ready ready => ready.Findings,
        ClaimResult.Held held => held.Findings,
        _ => [],
    };

    private static string Words(ClaimResult result) => Assert.IsType<ClaimResult.Refused>(result).Outcome.Issue[0].Details?.Text ?? Assert.IsType<ClaimResult.Refused>(result).Outcome.ToString()!;
}
