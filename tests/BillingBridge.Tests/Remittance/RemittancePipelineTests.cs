using System.Text;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Remittance;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.BillingBridge.Tests.X12;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Remittance;

public sealed class RemittancePipelineTests
{
    private readonly SmallPractice _practice = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static readonly string[] Paid =
    [
        "SVC*HC:99213:25*120*55**1", "DTM*472*20260330", "CAS*CO*45*40", "CAS*PR*3*25", "REF*6R*PCNA1-1", "AMT*B6*80", "LQ*HE*N130",
        "SVC*HC:87880*30*20**1", "DTM*472*20260330", "CAS*CO*45*10", "REF*6R*PCNA1-2", "AMT*B6*20",
    ];

    [Fact]
    public async Task Posts_response_benefit_and_payment_in_one_commit()
    {
        Submitted("a1");
        var result = await PostAsync(Era("75", [Clp("1", 150, 75, "*25"), .. Paid]));

        var posted = Assert.IsType<PaymentOutcome.Posted>(Assert.Single(result.Payments));
        Assert.Equal(new ClaimPosted("PCNA1", "a1", ClaimPostedAs.Adjudication, "patient-balance", 75m), posted.Claims.Single());
        Assert.Equal(1, _practice.Records.Commits);

        var response = Assert.Single(_practice.Records.All<ClaimResponse>());
        Assert.Equal(("Claim/a1", 75m, "2026-04-20"), (response.Request!.Reference, response.Payment!.Amount!.Value, response.Payment.Date));
        Assert.Equal([1, 2], response.Item.Select(i => i.ItemSequence!.Value));
        Assert.Equal(
            ["submitted:120", "eligible:80", "discount:40", "copay:25", "benefit:55"],
            response.Item[0].Adjudication.Select(a => $"{a.Category!.Coding[0].Code}:{a.Amount!.Value:0.##}"));
        Assert.Equal("N130", response.ProcessNote.Single().Text);

        var benefit = Assert.Single(_practice.Records.All<ExplanationOfBenefit>());
        Assert.Equal(($"ClaimResponse/{response.Id}", "Claim/a1"), (benefit.ClaimResponse!.Reference, benefit.Claim!.Reference));
        Assert.Equal(5, benefit.Item[0].Adjudication.Count);

        var payment = Assert.Single(_practice.Records.All<PaymentReconciliation>());
        Assert.Equal((75m, "E77", ClaimProcessingCodes.Complete), (payment.PaymentAmount!.Value, payment.PaymentIdentifier!.Value, payment.Outcome));
        Assert.Equal(($"ClaimResponse/{response.Id}", "Claim/a1", 75m), (payment.Detail[0].Response!.Reference, payment.Detail[0].Request!.Reference, payment.Detail[0].Amount!.Value));
        Assert.Equal(["submitted → paid", "paid → patient-balance"], _practice.History("a1"));
        Assert.Contains(_practice.Records.Get<Claim>("a1").Identifier, i => i is { System: "urn:fhiremr:icn:FM001", Value: "FM9001" });
    }

    [Fact]
    public async Task Every_adjustment_is_kept_verbatim()
    {
        Submitted("a1");
        await PostAsync(Era("75", [Clp("1", 150, 75, "*25"), .. Paid.Select(l => l == "CAS*CO*45*40" ? "CAS*CO*45*30**253*10*2" : l)]));

        var kept = _practice.Records.All<ClaimResponse>().Single().Item.SelectMany(i => i.Adjudication)
            .Where(a => a.Reason is not null)
            .Select(a => $"{a.GetExtensionValue<Code>(BillingUrls.CagcExtension)!.Value}-{a.Reason!.Coding[0].Code} {a.Amount!.Value:0.##} {a.Value:0.##}");
        Assert.Equal(["CO-45 30 ", "CO-253 10 2", "PR-3 25 ", "CO-45 10 "], kept);
    }

    [Theory]
    [InlineData("1", "CAS*CO*45*40|CAS*PR*3*25", 55, "paid → patient-balance")]
    [InlineData("1", "CAS*CO*45*65", 55, "paid → closed")]
    [InlineData("1", "CAS*CO*97*65", 55, "submitted → partially-denied")]
    [InlineData("4", "CAS*CO*197*120", 0, "submitted → denied")]
    [InlineData("1", "CAS*CO*11*120", 0, "submitted → denied")]
    [InlineData("1", "CAS*PR*204*120", 0, "paid → patient-balance")]
    [InlineData("1", "CAS*CO*24*120", 0, "paid → closed")]
    [InlineData("1", "CAS*CO*XX9*120", 0, "submitted → denied")]
    [InlineData("1", "CAS*CO*133*120", 0, "submitted → paid")]
    public async Task The_adjudication_decides_the_stage(string status, string cas, int paid, string last)
    {
        Submitted("a1", c => (c.Item, c.Total) = ([c.Item[0]], SmallPractice.Usd(120m)));
        await PostAsync(Era($"{paid}", [Clp(status, 120, paid), $"SVC*HC:99213:25*120*{paid}**1", .. cas.Split('|'), "REF*6R*PCNA1-1"]));

        Assert.Equal(last, _practice.History("a1").Last());
    }

    [Fact]
    public async Task A_denial_makes_work_for_the_right_people_with_the_money_at_stake()
    {
        Submitted("a1");
        await PostAsync(Era("0", [Clp("4", 150, 0), "SVC*HC:99213:25*120*0**1", "CAS*CO*197*120", "REF*6R*PCNA1-1", "SVC*HC:87880*30*0**1", "CAS*CO*11*30", "REF*6R*PCNA1-2"]));

        Assert.Equal(["denial-auth", "denial-medical-necessity"], _practice.TaskCodes);
        var task = _practice.Records.All<FhirTask>().Single(t => t.Code!.Coding[0].Code == "denial-auth");
        Assert.Equal((120m, "Claim/a1"), (((Money)task.Input[0].Value!).Value, task.Focus!.Reference));
        Assert.StartsWith("ClaimResponse/", task.ReasonReference!.Reference, StringComparison.Ordinal);
        Assert.StartsWith("2026-04-06", task.Restriction!.Period!.End, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_next_payer_comes_before_the_patient_unless_the_payer_forwards()
    {
        Submitted("a1", c => c.Insurance.Add(new Claim.InsuranceComponent { Sequence = 2, Focal = false, Coverage = new ResourceReference("Coverage/second") }));
        Submitted("a2", c => c.Insurance.Add(new Claim.InsuranceComponent { Sequence = 2, Focal = false, Coverage = new ResourceReference("Coverage/second") }));
        await PostAsync(Era("150", [Clp("1", 150, 75, "*25"), .. Paid, Clp("19", 150, 75, "*25", "PCNA2"), .. Paid.Select(l => l.Replace("PCNA1", "PCNA2", StringComparison.Ordinal))]));

        Assert.Equal((ClaimStage.SecondaryDue, ClaimStage.PatientBalance), (_practice.Stage("a1"), _practice.Stage("a2")));
    }

    [Theory]
    [InlineData("76", "CAS*PR*3*25", "BPR02")]
    [InlineData("75", "CAS*PR*3*26", "SVC03")]
    public async Task A_payment_that_does_not_add_up_posts_nothing_and_leaves_a_task(string bpr, string copay, string place)
    {
        Submitted("a1");
        var file = Era(bpr, [Clp("1", 150, 75, "*25"), .. Paid.Select(l => l == "CAS*PR*3*25" ? copay : l)]);
        var result = await PostAsync(file);
        await PostAsync(file);

        Assert.IsType<PaymentOutcome.Refused>(Assert.Single(result.Payments));
        Assert.Empty(_practice.Records.All<ClaimResponse>());
        Assert.Empty(_practice.Records.All<PaymentReconciliation>());
        Assert.Equal(ClaimStage.Submitted, _practice.Stage("a1"));
        var task = Assert.Single(_practice.Records.All<FhirTask>());
        Assert.Equal("unbalanced-remit", task.Code!.Coding[0].Code);
        Assert.Contains(((OperationOutcome)task.Contained[0]).Issue, i => i.Diagnostics!.StartsWith(place, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_cut_short_posts_nothing_wherever_it_is_cut()
    {
        Submitted("a1");
        var file = Era("75", [Clp("1", 150, 75, "*25"), .. Paid]);
        for (var length = 0; length < file.TrimEnd().Length; length += 97)
            Assert.True((await PostAsync(file[..length])).IsRefused, $"cut at {length}");

        Assert.Empty(_practice.Records.All<PaymentReconciliation>());
        Assert.Empty(_practice.Records.All<ClaimResponse>());
    }

    [Fact]
    public async Task Posting_twice_changes_nothing()
    {
        Submitted("a1");
        var file = Era("75", [Clp("1", 150, 75, "*25"), .. Paid]);
        await PostAsync(file);
        var before = _practice.Records.Snapshot;

        Assert.IsType<PaymentOutcome.Duplicate>(Assert.Single((await PostAsync(file)).Payments));
        Assert.Equal(before, _practice.Records.Snapshot);
    }

    [Fact]
    public async Task The_same_claim_payment_in_another_file_is_a_question_not_a_posting()
    {
        Submitted("a1");
        await PostAsync(Era("75", [Clp("1", 150, 75, "*25"), .. Paid]));
        var result = await PostAsync(Era("75", [Clp("1", 150, 75, "*25"), .. Paid], trace: "E78"));

        Assert.Equal(ClaimPostedAs.PossibleDuplicate, Assert.IsType<PaymentOutcome.Posted>(result.Payments[0]).Claims.Single().As);
        Assert.Single(_practice.Records.All<ClaimResponse>());
        Assert.Equal(["duplicate-payment"], _practice.TaskCodes);
        Assert.Equal(2, _practice.Records.All<PaymentReconciliation>().Count());
    }

    [Fact]
    public async Task Money_for_nobody_is_kept_in_the_payment_and_on_a_worklist()
    {
        var result = await PostAsync(Era("75", [Clp("1", 150, 75, "*25"), .. Paid]));

        Assert.Equal(ClaimPostedAs.Unmatched, Assert.IsType<PaymentOutcome.Posted>(result.Payments[0]).Claims.Single().As);
        var detail = _practice.Records.All<PaymentReconciliation>().Single().Detail.Single();
        Assert.Equal((null, 75m), (detail.Request, detail.Amount!.Value));
        Assert.Equal(["unmatched-remit"], _practice.TaskCodes);
    }

    [Theory]
    [InlineData("M100200", "1987654328", 150, true)]
    [InlineData("M100999", "1987654328", 150, false)]
    [InlineData("M100200", "1444433332", 150, false)]
    public async Task A_mangled_control_number_is_found_by_four_parts_that_all_agree(string member, string npi, int charge, bool found)
    {
        Submitted("a1");
        await PostAsync(Era("75", [Clp("1", charge, 75, "*25", "MANGLED"), $"NM1*QC*1*DOE*ROWAN****MI*{member}", $"NM1*82*1*NUNEZ*ALBA****XX*{npi}", .. Paid]));

        Assert.Equal(found ? 1 : 0, _practice.Records.All<ClaimResponse>().Count());
    }

    [Fact]
    public async Task Provider_adjustments_are_details_and_all_details_add_up_to_the_payment()
    {
        Submitted("a1");
        await PostAsync(Era("66.25", [Clp("1", 150, 75, "*25"), .. Paid, "PLB*1234567893*20261231*WO:FM8000*10*L6:INT*-1.25"]));

        var payment = _practice.Records.All<PaymentReconciliation>().Single();
        Assert.Equal([75m, -10m, 1.25m], payment.Detail.Select(d => d.Amount!.Value!.Value));
        Assert.Equal(payment.PaymentAmount!.Value, payment.Detail.Sum(d => d.Amount!.Value));
    }

    [Fact]
    public async Task A_reversal_and_its_correction_leave_the_correction()
    {
        Submitted("a1");
        await PostAsync(Era("75", [Clp("1", 150, 75, "*25"), .. Paid]));
        var result = await PostAsync(Era("15", [Clp("22", -150, -75), .. Negated, Clp("1", 150, 90, "*10"), .. Corrected], trace: "E78"));

        Assert.Equal([ClaimPostedAs.Reversal, ClaimPostedAs.Adjudication], Assert.IsType<PaymentOutcome.Posted>(result.Payments[0]).Claims.Select(c => c.As));
        var responses = _practice.Records.All<ClaimResponse>().OrderBy(r => int.Parse(r.Id!)).ToList();
        Assert.Equal([FinancialResourceStatusCodes.Cancelled, FinancialResourceStatusCodes.Active, FinancialResourceStatusCodes.Active], responses.Select(r => r.Status!.Value));
        Assert.Equal($"ClaimResponse/{responses[0].Id}", responses[1].GetExtensionValue<ResourceReference>(RemittanceUrls.Reverses)!.Reference);
        Assert.Equal(90m, responses.Sum(r => r.Payment!.Amount!.Value));
        Assert.Equal(1, _practice.Records.All<ExplanationOfBenefit>().Count(b => b.Status == ExplanationOfBenefit.ExplanationOfBenefitStatus.Cancelled));
        Assert.Equal(["patient-balance → reversed", "reversed → paid", "paid → patient-balance"], _practice.History("a1").Skip(2));
        Assert.Empty(_practice.TaskCodes);
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, "CAS*CO*45*-39|CAS*PR*3*-26")]
    [InlineData(true, "CAS*CO*45*-40|CAS*PR*2*-25")]
    public async Task A_reversal_that_matches_nothing_to_the_cent_waits_with_its_correction(bool paidBefore, string? otherAdjustments)
    {
        Submitted("a1");
        if (paidBefore)
            await PostAsync(Era("75", [Clp("1", 150, 75, "*25"), .. Paid], trace: "E70"));
        var before = _practice.Records.All<ClaimResponse>().Count();
        string[] reversal = otherAdjustments is null ? Negated : [Negated[0], Negated[1], .. otherAdjustments.Split('|'), .. Negated[4..]];
        var result = await PostAsync(Era("15", [Clp("22", -150, -75), .. reversal, Clp("1", 150, 90, "*10"), .. Corrected]));

        Assert.All(Assert.IsType<PaymentOutcome.Posted>(result.Payments[0]).Claims, c => Assert.Equal(ClaimPostedAs.UnmatchedReversal, c.As));
        Assert.Equal(before, _practice.Records.All<ClaimResponse>().Count());
        Assert.Equal(["unmatched-remit", "unmatched-remit"], _practice.TaskCodes);
        Assert.Equal(15m, _practice.Records.All<PaymentReconciliation>().Single(p => p.PaymentIdentifier!.Value == "E77").Detail.Sum(d => d.Amount!.Value));
    }

    [Fact]
    public async Task A_second_payment_without_a_reversal_is_posted_and_questioned()
    {
        Submitted("a1");
        await PostAsync(Era("75", [Clp("1", 150, 75, "*25"), .. Paid]));
        await PostAsync(Era("90", [Clp("1", 150, 90, "*10"), .. Corrected], trace: "E78"));

        Assert.Equal(2, _practice.Records.All<ClaimResponse>().Count());
        Assert.Equal(["credit-balance", "duplicate-payment"], _practice.TaskCodes);
        Assert.Equal(ClaimStage.PatientBalance, _practice.Stage("a1"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task An_interruption_at_any_commit_is_completed_by_repeating(int failing)
    {
        string[] ids = ["a1", "a2", "a3", "a4", "a5"];
        foreach (var id in ids)
            Submitted(id);
        var file = Era("375", [.. ids.SelectMany(id => (string[])[Clp("1", 150, 75, "*25", $"PCN{id.ToUpperInvariant()}"), .. Paid.Select(l => l.Replace("PCNA1", $"PCN{id.ToUpperInvariant()}", StringComparison.Ordinal))])]);
        var commits = 0;
        _practice.Records.AfterCommit = () =>
        {
            if (++commits == failing)
                throw new IOException("power cut");
        };
        await Assert.ThrowsAsync<IOException>(() => PostAsync(file, claimsPerCommit: 2));
        _practice.Records.AfterCommit = null;

        await PostAsync(file, claimsPerCommit: 2);

        Assert.Equal(5, _practice.Records.All<ClaimResponse>().Count());
        Assert.Equal(5, _practice.Records.All<ExplanationOfBenefit>().Count());
        var payment = Assert.Single(_practice.Records.All<PaymentReconciliation>());
        Assert.Equal((ClaimProcessingCodes.Complete, 375m), (payment.Outcome, payment.Detail.Sum(d => d.Amount!.Value)));
        Assert.All(payment.Detail, d => Assert.StartsWith("ClaimResponse/", d.Response!.Reference, StringComparison.Ordinal));
        Assert.All(ids, id => Assert.Equal(["submitted → paid", "paid → patient-balance"], _practice.History(id)));
        Assert.Empty(_practice.TaskCodes);
    }

    [Fact]
    public async Task The_claims_of_a_payment_are_asked_for_many_at_a_time()
    {
        var ids = Enumerable.Range(0, 40).Select(i => $"m{i:00}").ToList();
        ids.ForEach(id => Submitted(id));
        var before = _practice.Records.Searches;

        await PostAsync(Era("3000", [.. ids.SelectMany(id => Paid.Select(l => l.Replace("PCNA1", $"PCN{id.ToUpperInvariant()}", StringComparison.Ordinal)).Prepend(Clp("1", 150, 75, "*25", $"PCN{id.ToUpperInvariant()}")))]));

        Assert.Equal(40, _practice.Records.All<ClaimResponse>().Count());
        Assert.All(ids, id => Assert.Equal(["submitted → paid", "paid → patient-balance"], _practice.History(id)));
        Assert.InRange(_practice.Records.Searches - before, 1, 20);
    }

    /// <summary>Whatever a payer puts in an element, the file is posted or refused; it never breaks the posting.</summary>
    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("?")]
    [InlineData("é:^")]
    public async Task Odd_content_in_any_element_is_posted_or_refused(string odd)
    {
        string[] lines =
        [
            "BPR*I*65*C*ACH************20260420", "TRN*1*E77*1600000001", "DTM*405*20260420", "N1*PR*FIRST MUTUAL*XV*FM001", "PER*BL*EDI*TE*8005550100",
            "N1*PE*HILLTOP CLINIC*XX*1234567893", "LX*1", Clp("1", 150, 75, "*25"), "NM1*QC*1*DOE*ROWAN****MI*M100200", "MOA***MA01", "REF*CE*GOLD", "DTM*232*20260330",
            .. Paid, "PLB*1234567893*20261231*WO:FM8000*10",
        ];
        foreach (var (at, line) in lines.Index())
        {
            for (var element = 1; element < line.Split('*').Length; element++)
            {
                var practice = new SmallPractice();
                practice.AddClaim("a1");
                practice.SetStage("a1", ClaimStage.Submitted);
                var parts = line.Split('*');
                parts[element] = odd;
                var file = Fixtures.File835(lines.Select((l, i) => i == at ? string.Join('*', parts) : l));
                Assert.Single((await practice.Remittance().PostAsync(new MemoryStream(Encoding.UTF8.GetBytes(file)), Ct)).Payments);
            }
        }
    }

    [Fact]
    public async Task Two_posters_of_one_file_post_it_once()
    {
        Submitted("a1");
        var file = Era("75", [Clp("1", 150, 75, "*25"), .. Paid]);
        var nested = false;
        _practice.Records.BeforeCommit = () =>
        {
            if (nested)
                return;
            nested = true;
            PostAsync(file).GetAwaiter().GetResult();
        };

        Assert.IsType<PaymentOutcome.Duplicate>(Assert.Single((await PostAsync(file)).Payments));
        Assert.Single(_practice.Records.All<ClaimResponse>());
        Assert.Single(_practice.Records.All<ExplanationOfBenefit>());
        Assert.Single(_practice.Records.All<PaymentReconciliation>());
    }

    private static readonly string[] Corrected =
        ["SVC*HC:99213:25*120*70**1", "DTM*472*20260330", "CAS*CO*45*40", "CAS*PR*3*10", "REF*6R*PCNA1-1", "SVC*HC:87880*30*20**1", "DTM*472*20260330", "CAS*CO*45*10", "REF*6R*PCNA1-2"];

    private static readonly string[] Negated =
        ["SVC*HC:99213:25*-120*-55**1", "DTM*472*20260330", "CAS*CO*45*-40", "CAS*PR*3*-25", "REF*6R*PCNA1-1", "SVC*HC:87880*-30*-20**1", "DTM*472*20260330", "CAS*CO*45*-10", "REF*6R*PCNA1-2"];

    private static string Clp(string status, int charge, int paid, string patient = "*", string number = "PCNA1") =>
        $"CLP*{number}*{status}*{charge}*{paid}{patient}*CI*FM9001*11*1";

    private static string Era(string bpr, string[] claims, string trace = "E77") => Fixtures.File835(
        [$"BPR*I*{bpr}*C*ACH************20260420", $"TRN*1*{trace}*1600000001", "DTM*405*20260420", "N1*PR*FIRST MUTUAL*XV*FM001", "N1*PE*HILLTOP CLINIC*XX*1234567893", "LX*1", .. claims]);

    private void Submitted(string id, Action<Claim>? change = null)
    {
        _practice.AddClaim(id, change: change);
        _practice.SetStage(id, ClaimStage.Submitted);
    }

    private Task<RemittanceResult> PostAsync(string text, int claimsPerCommit = 500) =>
        _practice.Remittance(claimsPerCommit).PostAsync(new MemoryStream(Encoding.ASCII.GetBytes(text)), Ct);
}
