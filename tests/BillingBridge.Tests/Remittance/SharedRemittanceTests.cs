using FhirEmr.BillingBridge.MockPayer;
using FhirEmr.BillingBridge.Remittance;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.BillingBridge.Tests.X12;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Remittance;

/// <summary>The given sample files through the whole pipelines, into a store that knows none of their claims.</summary>
public sealed class SharedRemittanceTests
{
    private readonly SmallPractice _practice = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_clean_remittance_keeps_its_money_and_repeats_to_nothing()
    {
        foreach (var path in SharedX12.Clean("835"))
            Assert.All((await PostAsync(path)).Payments, p => Assert.IsType<PaymentOutcome.Posted>(p));
        Assert.All(_practice.Records.All<PaymentReconciliation>(), p => Assert.Equal(p.PaymentAmount!.Value, p.Detail.Sum(d => d.Amount!.Value)));

        var before = _practice.Records.Snapshot;
        foreach (var path in SharedX12.Clean("835"))
            Assert.All((await PostAsync(path)).Payments, p => Assert.IsType<PaymentOutcome.Duplicate>(p));
        Assert.Equal(before, _practice.Records.Snapshot);
    }

    [Fact]
    public async Task Found_files_are_posted_or_refused_whatever_they_are()
    {
        foreach (var path in Directory.EnumerateFiles(Path.Combine(SharedX12.Require(), "found")))
        {
            await PostAsync(path);
            await using var again = File.OpenRead(path);
            Assert.NotNull(await _practice.Submission(new MemoryChannel()).ApplyAcknowledgementAsync(again, Ct));
            Assert.NotNull(await ScriptedPayer.AnswerAsync("f", await File.ReadAllBytesAsync(path, Ct), new MockScript(), SmallPractice.Now, Ct));
        }
    }

    [Theory]
    [InlineData("999")]
    [InlineData("277ca")]
    public async Task Clean_acknowledgements_of_others_are_named_as_unmatched(string kind)
    {
        foreach (var path in SharedX12.Clean(kind))
        {
            await using var file = File.OpenRead(path);
            var result = await _practice.Submission(new MemoryChannel()).ApplyAcknowledgementAsync(file, Ct);
            Assert.False(result.IsRefused);
            Assert.NotEmpty(result.Unmatched);
        }
    }

    [Fact]
    public async Task The_mock_payer_accepts_every_clean_claim_file()
    {
        foreach (var path in SharedX12.Clean("837p"))
        {
            var answer = await ScriptedPayer.AnswerAsync("f", await File.ReadAllBytesAsync(path, Ct), new MockScript(), SmallPractice.Now, Ct);
            Assert.Equal(["999", "277CA", "835"], answer.Files.Select(f => f.Name.Split('-')[0]));
            Assert.Contains("AK9*A*", System.Text.Encoding.ASCII.GetString(answer.Files[0].Content.Span), StringComparison.Ordinal);
        }
    }

    private async Task<RemittanceResult> PostAsync(string path)
    {
        await using var file = File.OpenRead(path);
        return await _practice.Remittance().PostAsync(file, Ct);
    }
}
