using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Ledger;

public sealed class ChargeTests
{
    private readonly LedgerPractice _practice = new();

    private InMemoryFhirRecords Records => _practice.Records;

    [Fact]
    public async Task A_claim_that_goes_out_is_charged_line_by_line_in_the_batchs_own_transaction()
    {
        await _practice.SubmitAsync("a1");

        var entry = Assert.Single(_practice.Entries);
        Assert.Equal((JournalEvent.Charge, "Claim/a1", "Patient/p-a1", "Claim/a1", new DateOnly(2026, 4, 1)), (entry.Event, entry.Claim, entry.Patient, entry.Source, entry.PostedOn));
        Assert.Equal(
            [
                new JournalLine(LedgerAccount.InsuranceReceivable, 120m, 1), new JournalLine(LedgerAccount.Revenue, -120m, 1),
                new JournalLine(LedgerAccount.InsuranceReceivable, 30m, 2), new JournalLine(LedgerAccount.Revenue, -30m, 2),
            ],
            entry.Lines);
        Assert.Equal((150m, 150m, 0m), (_practice.Of("a1").ChargesUsd, _practice.Of("a1").InsuranceUsd, _practice.Of("a1").PatientUsd));
    }

    [Fact]
    public async Task A_batch_that_is_not_committed_charges_nothing()
    {
        _practice.Practice.AddClaim("a1");
        Records.BeforeCommit = () => throw new IOException("power cut");
        await Assert.ThrowsAsync<IOException>(() => _practice.BatchAsync());
        Records.BeforeCommit = null;
        Assert.DoesNotContain(Records.All<Basic>(), JournalBasic.IsEntry);
    }

    [Theory]
    [InlineData(120, 0)]
    [InlineData(135.5, 15.5)]
    [InlineData(100, -20)]
    public async Task A_claim_that_goes_out_again_is_charged_the_difference(double charge, double difference)
    {
        await _practice.SubmitAsync("a1");
        Again("a1", c => (c.Item[0].Net, c.Item[1].Quantity!.Value, c.Total) = (SmallPractice.Usd((decimal)charge), charge == 120 ? 2 : 1, SmallPractice.Usd((decimal)charge + 30)));
        Assert.Empty((await _practice.BatchAsync()).NotSent);

        Assert.Equal((decimal)difference, _practice.Entries.Where(e => e.Event is JournalEvent.ChargeCorrection).Sum(e => e.Lines[0].AmountUsd));
        Assert.Equal((decimal)charge + 30m, _practice.Of("a1").ChargesUsd);
        Assert.Equal(2, _practice.Entries.Count + (difference == 0 ? 1 : 0));
    }

    [Theory]
    [InlineData("7", 0, 150)]
    [InlineData("8", 0, 0)]
    public async Task A_replacement_takes_the_charge_over_and_a_void_ends_it(string frequency, int ofFirst, int ofSecond)
    {
        await _practice.SubmitAsync("a1");
        await _practice.SubmitAsync("a2", change: c =>
        {
            c.AddExtension(BillingUrls.FrequencyExtension, new Code(frequency));
            c.Related.Add(new Claim.RelatedClaimComponent { Claim = new ResourceReference("Claim/a1"), Reference = new Identifier("urn:fhiremr:icn:FM001", "FM9001") });
        });

        Assert.Equal((ofFirst, ofSecond), ((int)_practice.Of("a1").BalanceUsd, (int)_practice.Of("a2").BalanceUsd));
        Assert.Equal(0m, _practice.Balances.SumUsd);
        Assert.Equal("Claim/a2", _practice.Entries.Single(e => e.Event is JournalEvent.ChargeCorrection).Source);
    }

    [Fact]
    public async Task A_secondary_claim_charges_nothing_again()
    {
        await _practice.SubmitAsync("a1");
        await _practice.PostAsync(LedgerPractice.Era("E1", [LedgerPractice.Clp("a1", "1", LedgerPractice.Paid)]));
        await _practice.SubmitAsync("a2", change: c =>
        {
            c.Insurance[0].Sequence = 2;
            c.Insurance.Insert(0, new Claim.InsuranceComponent { Sequence = 1, Focal = false, Coverage = new ResourceReference("Coverage/c-a1"), ClaimResponse = new ResourceReference($"ClaimResponse/{Records.All<ClaimResponse>().Single().Id}") });
        });

        Assert.Equal((150m, 0m), (_practice.Of("a1").ChargesUsd, _practice.Of("a2").ChargesUsd));
        Assert.Equal(150m, -_practice.Balances.Usd(LedgerAccount.Revenue));
    }

    private void Again(string id, Action<Claim> change)
    {
        var claim = Records.Get<Claim>(id);
        change(claim);
        claim.SetStage(ClaimStage.Ready);
        Records.Put(claim);
    }
}
