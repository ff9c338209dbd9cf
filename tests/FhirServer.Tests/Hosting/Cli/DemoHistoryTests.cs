using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.FhirServer.Billing;
using FhirEmr.FhirServer.Hosting.Cli;
using Hl7.Fhir.Model;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.FhirServer.Tests.Hosting.Cli;

/// <summary>Four months of the demo practice, lived through the pipelines in a store of its own.</summary>
public sealed class DemoHistoryTests : IAsyncLifetime
{
    private static readonly DateOnly Today = new(2026, 11, 25);

    private readonly string _folder = Directory.CreateTempSubdirectory("demo-history").FullName;
    private LocalStore? _store;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private IFhirRecords Records => _store!.Services.GetRequiredService<IFhirRecords>();

    public async ValueTask InitializeAsync()
    {
        _store = await LocalStore.OpenAsync([$"--Storage:DataFolder={_folder}"], Ct, services => services.AddDemoBilling());
        await new DemoHistory(_store.Services).RunAsync(Today, 4, Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _store!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async System.Threading.Tasks.Task It_has_a_claim_in_every_stage_each_brought_there_by_allowed_changes_and_every_cent_is_explained()
    {
        var claims = await Records.SearchAsync<Claim>("use=claim", Ct).ToListAsync(Ct);
        string[] stages =
        [
            ClaimStage.Draft, ClaimStage.ScrubFailed, ClaimStage.Ready, ClaimStage.Queued, ClaimStage.Submitted, ClaimStage.AckRejected, ClaimStage.Forwarded, ClaimStage.PayerRejected,
            ClaimStage.Accepted, ClaimStage.Pended, ClaimStage.Paid, ClaimStage.PartiallyDenied, ClaimStage.Denied, ClaimStage.Reversed, ClaimStage.Appealed, ClaimStage.SecondaryDue,
            ClaimStage.PatientBalance, ClaimStage.Closed, ClaimStage.Replaced, ClaimStage.Voided, ClaimStage.WrittenOff,
        ];
        Assert.Empty(stages.Except(claims.Select(c => c.Stage()!)));
        Assert.Contains(claims, c => c.IsSelfPay());
        Assert.Contains(claims, c => c.FocalInsurance()?.Sequence == 2);

        // The stage of each is the end of an unbroken way through the table.
        var steps = (await Records.SearchAsync<Provenance>("recorded=ge2000-01-01", Ct).ToListAsync(Ct))
            .Select(p => (Claim: p.Target[0].Reference, At: p.Recorded, From: p.GetExtensionValue<Code>(BillingUrls.StageTransition + "-from")?.Value, To: p.GetExtensionValue<Code>(BillingUrls.StageTransition + "-to")?.Value))
            .Where(s => s.From is not null).ToLookup(s => s.Claim);
        foreach (var claim in claims)
        {
            var way = steps[$"Claim/{claim.Id}"].ToList();
            Assert.All(way, s => Assert.True(StageTransitions.IsAllowed(s.From!, s.To!), $"{s.From} → {s.To}"));
            // As often as it came to a stage it left it, but for the first and the last.
            var degree = way.SelectMany(s => (IEnumerable<(string Stage, int By)>)[(s.From!, -1), (s.To!, 1)]).GroupBy(s => s.Stage).ToDictionary(g => g.Key, g => g.Sum(s => s.By));
            if (claim.Stage() == ClaimStage.Draft && way.Count == 0)
                continue;
            Assert.Equal([claim.Stage()], degree.Where(d => d.Value == 1).Select(d => d.Key).DefaultIfEmpty(claim.Stage()!));
            Assert.All(degree.Where(d => d.Value < 0), d => Assert.Equal((ClaimStage.Draft, -1), (d.Key, d.Value)));
        }

        // Double entry, and every balance is what its entries say: charges less all that was paid, adjusted and given up.
        var entries = (await Records.SearchAsync<Basic>($"code={LedgerUrls.Ledger}|{LedgerUrls.EntryCode}", Ct).ToListAsync(Ct)).ConvertAll(JournalBasic.Parse);
        var balances = Balances.Of(entries);
        Assert.Equal(0m, balances.SumUsd);
        Assert.Equal(entries.Count, entries.Select(e => e.Key).Distinct().Count());
        foreach (var reference in balances.Claims)
        {
            var b = balances.OfClaim(reference);
            Assert.Equal(b.BalanceUsd, b.ChargesUsd - b.PayerPaidUsd - b.PatientPaidUsd - b.AdjustedUsd - b.WrittenOffUsd + b.RefundedUsd);
        }

        // What is settled owes nothing, and what owes nothing to anybody is settled. A claim to a second payer has its money on the first.
        var followed = claims.Where(c => c.Frequency() != "1").SelectMany(c => c.Related).Select(r => r.Claim?.Reference).ToHashSet(); // whose charge is on their successor
        foreach (var claim in claims.Where(c => balances.Claims.Contains($"Claim/{c.Id}")))
        {
            var balance = balances.OfClaim($"Claim/{claim.Id}");
            var isOpen = balance is not { InsuranceUsd: 0, PatientUsd: 0 };
            if (claim.Stage() is ClaimStage.Voided) // what was paid for it is here until the payer takes it back
                Assert.True(balance is { InsuranceUsd: <= 0, PatientUsd: <= 0 }, $"Claim/{claim.Id} is {claim.Stage()}: {balance}");
            else if (claim.Stage() is ClaimStage.WrittenOff || (claim.Stage() == ClaimStage.Closed && claim.Insurance.Count == 1))
                Assert.False(isOpen, $"Claim/{claim.Id} is {claim.Stage()}: {balance}");
            else if (claim.Stage() is ClaimStage.Submitted or ClaimStage.Accepted or ClaimStage.Pended or ClaimStage.Denied or ClaimStage.PatientBalance && claim.Frequency() != "8" && !followed.Contains($"Claim/{claim.Id}"))
                Assert.True(isOpen, $"Claim/{claim.Id} is {claim.Stage()}");
        }

        // Deposits, of payers and of patients, are all the cash there is.
        var payments = await Records.SearchAsync<PaymentReconciliation>("created=ge2000-01-01", Ct).ToListAsync(Ct);
        Assert.Equal(balances.Usd(LedgerAccount.Cash), payments.Sum(p => p.PaymentAmount?.Value ?? 0m));
    }
}
