using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Remittance;

/// <summary>A payer sends its claim on itself, and the next payer's answer comes under the first one's control number.</summary>
public sealed class CrossoverTests
{
    // Charge 152: allowed 100, of which the payer pays 80 and leaves 20.
    private static readonly string[] Primary = ["CAS*CO*45*52", "CAS*PR*2*20"];

    private readonly TwoPayers _two = new();

    private Balances Balances => Balances.Of(_two.Records.All<Basic>().Where(JournalBasic.IsEntry).Select(JournalBasic.Parse));

    [Fact]
    public async Task The_next_payers_money_is_posted_to_a_claim_of_its_own_and_nothing_is_a_duplicate()
    {
        var first = await CrossedAsync("19");

        await _two.AnswerAsync(first.PatientControlNumber()!, "2", 20m, ["CAS*OA*23*132"], payer: "BETA2");

        var second = Assert.Single(_two.Records.All<Claim>(), c => c.Id != first.Id);
        Assert.Equal("Coverage/second", second.FocalInsurance()!.Coverage!.Reference);
        Assert.True(second.GetExtensionValue<FhirBoolean>(BillingUrls.CrossoverExtension)!.Value);
        Assert.Equal((ClaimStage.Closed, ClaimStage.Closed), (second.Stage(), _two.Records.Get<Claim>(first.Id!).Stage()));
        Assert.DoesNotContain("duplicate-payment", _two.TaskCodes);
        Assert.Contains(_two.Records.All<ClaimResponse>(), r => r.Request!.Reference == $"Claim/{second.Id}" && r.Payment!.Amount!.Value == 20m);
        var balance = Balances.OfClaim($"Claim/{first.Id}"); // charged once, so its money is one claim's
        Assert.Equal((152m, 100m, 52m, 0m), (balance.ChargesUsd, balance.PayerPaidUsd, balance.AdjustedUsd, balance.BalanceUsd));
        Assert.Equal(0m, Balances.SumUsd);
    }

    [Fact]
    public async Task What_the_next_payer_leaves_is_the_patients()
    {
        var first = await CrossedAsync("19");
        await _two.AnswerAsync(first.PatientControlNumber()!, "2", 15m, ["CAS*OA*23*132", "CAS*PR*3*5"], payer: "BETA2");
        Assert.Equal(ClaimStage.PatientBalance, Assert.Single(_two.Records.All<Claim>(), c => c.Id != first.Id).Stage());
        Assert.Equal((0m, 5m), (Balances.OfClaim($"Claim/{first.Id}").InsuranceUsd, Balances.OfClaim($"Claim/{first.Id}").PatientUsd));
    }

    [Fact]
    public async Task A_denial_of_the_next_payer_is_work_on_its_own_claim()
    {
        var first = await CrossedAsync("19");
        await _two.AnswerAsync(first.PatientControlNumber()!, "2", 0m, ["CAS*OA*23*132", "CAS*CO*197*20"], payer: "BETA2");
        var second = Assert.Single(_two.Records.All<Claim>(), c => c.Id != first.Id);
        Assert.Equal(ClaimStage.Denied, second.Stage());
        var task = Assert.Single(_two.Records.All<FhirTask>(), t => t.Code!.Coding[0].Code == "denial-auth");
        Assert.Equal($"Claim/{second.Id}", task.Focus!.Reference);
    }

    [Fact]
    public async Task A_second_check_of_the_next_payer_makes_no_second_claim_and_is_looked_at()
    {
        var first = await CrossedAsync("19");
        await _two.AnswerAsync(first.PatientControlNumber()!, "2", 20m, ["CAS*OA*23*132"], payer: "BETA2");
        await _two.AnswerAsync(first.PatientControlNumber()!, "2", 20m, ["CAS*OA*23*132"], payer: "BETA2");
        Assert.Equal(2, _two.Records.All<Claim>().Count());
        Assert.Equal((120m, -20m), (Balances.OfClaim($"Claim/{first.Id}").PayerPaidUsd, Balances.OfClaim($"Claim/{first.Id}").InsuranceUsd));
        Assert.Contains("duplicate-payment", _two.TaskCodes);
    }

    [Fact]
    public async Task What_the_next_payer_takes_back_is_taken_from_its_own_claim()
    {
        var first = await CrossedAsync("19");
        await _two.AnswerAsync(first.PatientControlNumber()!, "2", 20m, ["CAS*OA*23*132"], payer: "BETA2");
        await _two.AnswerAsync(first.PatientControlNumber()!, "22", -20m, ["CAS*OA*23*-132"], payer: "BETA2", charge: -152m);
        Assert.Equal(ClaimStage.Reversed, Assert.Single(_two.Records.All<Claim>(), c => c.Id != first.Id).Stage());
        Assert.Equal((80m, 20m, 0m), (Balances.OfClaim($"Claim/{first.Id}").PayerPaidUsd, Balances.OfClaim($"Claim/{first.Id}").InsuranceUsd, Balances.SumUsd));
    }

    [Fact]
    public async Task A_carrier_that_the_payer_names_is_as_good_as_a_status()
    {
        var first = await CrossedAsync("1", "NM1*TT*2*BETA MUTUAL*****PI*BETA2");
        Assert.Equal(ClaimStage.PatientBalance, first.Stage()); // waits for the next payer, nothing of ours is sent
        Assert.True(_two.Records.All<ClaimResponse>().Single().IsForwarded());
    }

    [Fact]
    public async Task An_answer_of_the_payer_that_has_the_claim_is_never_taken_for_the_next_ones()
    {
        var first = await CrossedAsync("19");
        await _two.AnswerAsync(first.PatientControlNumber()!, "2", 20m, ["CAS*OA*23*132"], payer: "ACME1");
        Assert.Single(_two.Records.All<Claim>());
        Assert.Contains("duplicate-payment", _two.TaskCodes);
    }

    private async Task<Claim> CrossedAsync(string status, params string[] ofClaim)
    {
        var claim = await _two.BillAsync();
        await _two.SendAsync();
        await _two.AnswerAsync(claim.PatientControlNumber()!, status, 80m, Primary, ofClaim: ofClaim);
        return _two.Records.Get<Claim>(claim.Id!);
    }
}
