using FhirEmr.BillingBridge.Channels;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.MockPayer;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Tests.Fakes.LedgerPractice;

namespace FhirEmr.BillingBridge.Tests.Remittance;

/// <summary>What an answer alone settles, and what it leaves to do.</summary>
public sealed class SettledByRemittanceTests
{
    private readonly LedgerPractice _practice = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_claim_of_which_nobody_owes_a_cent_is_closed_by_the_answer()
    {
        await AnswerAsync("99213:25 120 80 CO-45=40", "87880 30 20 CO-45=10");
        Assert.Equal(ClaimStage.Closed, _practice.Practice.Stage("a1"));
        Assert.Equal(["paid → closed", "submitted → paid"], _practice.Practice.History("a1").TakeLast(2).Order());
        Assert.Empty(_practice.TaskCodes);
    }

    [Theory]
    [InlineData("99213:25 120 55 CO-45=40 PR-3=25", ClaimStage.PatientBalance)]
    [InlineData("99213:25 120 0 CO-133=120", ClaimStage.Paid)] // still under review: open with the payer
    [InlineData("99213:25 120 0 CO-197=120", ClaimStage.PartiallyDenied)]
    public async Task Whatever_is_left_keeps_it_open(string line, string stage)
    {
        await AnswerAsync(line, "87880 30 20 CO-45=10");
        Assert.Equal(stage, _practice.Practice.Stage("a1"));
        Assert.NotEqual(0m, _practice.Of("a1").BalanceUsd);
    }

    [Fact]
    public async Task An_answer_to_a_part_of_the_claim_closes_nothing()
    {
        await AnswerAsync("99213:25 120 80 CO-45=40");
        Assert.Equal((ClaimStage.Paid, 30m), (_practice.Practice.Stage("a1"), _practice.Of("a1").InsuranceUsd));
    }

    [Fact]
    public async Task What_is_denied_and_left_to_the_patient_is_billed_to_them_and_looked_at()
    {
        await AnswerAsync("99213:25 120 80 CO-45=40", "87880 30 0 PR-204=30");

        Assert.Equal((ClaimStage.PatientBalance, 30m), (_practice.Practice.Stage("a1"), _practice.Of("a1").PatientUsd));
        var task = Assert.Single(_practice.Records.All<FhirTask>());
        Assert.Equal("denial-benefit", task.Code!.Coding[0].Code);
        Assert.Contains(task.Input, i => (i.Value as CodeableConcept)?.Coding.Exists(c => c.Code == "bill-patient") == true);
    }

    [Fact]
    public async Task Another_coverage_that_might_pay_what_was_left_to_the_patient_is_somebodys_work()
    {
        await AnswerAsync("99213:25 120 0 PR-27=120", "87880 30 0 PR-27=30");
        Assert.Equal(["denial-eligibility"], _practice.TaskCodes);
        Assert.Equal(150m, _practice.Of("a1").PatientUsd);
    }

    [Theory]
    [InlineData("PR-1")]
    [InlineData("PR-2")]
    [InlineData("PR-3")]
    public async Task The_patients_usual_share_is_no_denial(string share)
    {
        await AnswerAsync($"99213:25 120 55 CO-45=40 {share}=25", "87880 30 20 CO-45=10");
        Assert.Empty(_practice.TaskCodes);
    }

    [Theory]
    [InlineData("25", "OA-101")]
    [InlineData("25", "CO-101")]
    [InlineData("1", "CO-101")]
    [InlineData("1", "OA-101")]
    public async Task A_predetermination_denies_nothing_and_gives_nothing_up(string status, string reason)
    {
        await _practice.SubmitAsync("a1");
        await _practice.PostAsync(Era("E1", [Clp("a1", status, $"99213:25 120 0 {reason}=120", $"87880 30 0 {reason}=30")]));
        Assert.Empty(_practice.TaskCodes);
        Assert.Equal(150m, _practice.Of("a1").InsuranceUsd);
    }

    [Fact]
    public async Task The_mock_payer_takes_back_what_it_paid_for_a_claim_that_is_voided()
    {
        var root = Directory.CreateTempSubdirectory("void").FullName;
        try
        {
            var two = new TwoPayers();
            var channel = new FolderChannel(root, ChannelKind.Mock);
            var claim = await two.BillAsync();
            two.Records.All<Coverage>().Where(c => c.Id == "second").ToList().ForEach(c =>
            {
                c.Status = FinancialResourceStatusCodes.Cancelled;
                two.Records.Put(c);
            });
            claim.Insurance.RemoveAll(i => i.Focal != true);
            two.Records.Put(claim);
            await TurnAsync(two, channel);
            Assert.True(Entries(two).OfClaim($"Claim/{claim.Id}").PayerPaidUsd > 0);

            Assert.IsType<SuccessorResult.Made>(await two.Replacements.VoidAsync(claim.Id!, "Never seen here.", BillingAgent.Reference, Ct));
            await TurnAsync(two, channel);
            await two.Replacements.SettleAsync(Ct);

            Assert.Equal(ClaimStage.Voided, two.Records.Get<Claim>(claim.Id!).Stage());
            Assert.Equal(ClaimStage.Closed, two.Records.All<Claim>().Single(c => c.Id != claim.Id).Stage());
            var balance = Entries(two).OfClaim($"Claim/{claim.Id}");
            Assert.Equal((0m, 0m, 0m, 0m), (balance.ChargesUsd, balance.PayerPaidUsd, balance.InsuranceUsd, balance.PatientUsd));
            Assert.Equal((0m, 0m, 0m), (Entries(two).SumUsd, Entries(two).Usd(LedgerAccount.Cash), Entries(two).Usd(LedgerAccount.UnappliedPayerMoney)));
            Assert.DoesNotContain("unmatched-remit", two.TaskCodes);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }

        static Balances Entries(TwoPayers two) => Balances.Of(two.Records.All<Basic>().Where(JournalBasic.IsEntry).Select(JournalBasic.Parse));
    }

    private static async Task TurnAsync(TwoPayers two, FolderChannel channel)
    {
        var submission = new SubmissionPipeline(two.Records, channel, TwoPayers.Sender, TwoPayers.Clock);
        Assert.Empty((await submission.BatchReadyClaimsAsync(Ct)).NotSent);
        await submission.DispatchAsync(Ct);
        await new ScriptedPayer(channel, new MockScript(), TwoPayers.Clock).AnswerAllAsync(Ct);
        Assert.DoesNotContain(await new InboundPipeline(channel, submission, new RemittancePipeline(two.Records, TwoPayers.Clock)).ReceiveAsync(Ct), r => r.IsRefused);
    }

    private async Task AnswerAsync(params string[] lines)
    {
        await _practice.SubmitAsync("a1");
        await _practice.PostAsync(Era("E1", [Clp("a1", "1", lines)]));
    }
}
