using System.Text;
using CsCheck;
using FhirEmr.BillingBridge.Channels;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.MockPayer;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Remittance;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.BillingBridge.Tests.X12;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.MockPayer;

public sealed class ScriptedPayerTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("mock").FullName;
    private readonly SmallPractice _practice = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Refuses_a_live_channel() =>
        Assert.Throws<ArgumentException>(() => new ScriptedPayer(new FolderChannel(_root, ChannelKind.Live), new MockScript(), SmallPractice.Time));

    [Fact]
    public async Task Refuses_a_production_interchange_and_leaves_it_where_it_is()
    {
        var channel = new FolderChannel(_root, ChannelKind.Mock);
        await channel.SendAsync("p.x12", Encoding.ASCII.GetBytes(Fixtures.File837(Fixtures.Claim).Replace("*0*T*:", "*0*P*:", StringComparison.Ordinal)), Ct);

        var answer = Assert.Single(await Payer(channel).AnswerAllAsync(Ct));

        Assert.NotNull(answer.Refusal);
        Assert.Empty(await channel.ListInboundAsync(Ct).ToListAsync(Ct));
        Assert.True(File.Exists(Path.Combine(channel.Outbound, "p.x12")));
    }

    [Theory]
    [InlineData("M1", "patient-balance", "")]
    [InlineData("DED1", "patient-balance", "")]
    [InlineData("COINS1", "patient-balance", "")]
    [InlineData("NOCODE1", "denied", "denial-medical-necessity")]
    [InlineData("NOAUTH1", "denied", "denial-auth")]
    [InlineData("PART1", "partially-denied", "denial-bundling")]
    [InlineData("REJ999", "ack-rejected", "fix-rejection")]
    [InlineData("REJ277", "payer-rejected", "fix-rejection")]
    [InlineData("PEND1", "pended", "")]
    [InlineData("DUP1", "patient-balance", "duplicate-payment")]
    [InlineData("ZERO1", "closed", "")]
    [InlineData("RECOV1", "patient-balance", "unmatched-remit")]
    [InlineData("REVERSE1", "patient-balance", "")]
    public async Task The_whole_cycle_closes_and_repeating_it_changes_nothing(string member, string stage, string tasks)
    {
        _practice.AddClaim("a1", member);
        var channel = new FolderChannel(_root, ChannelKind.Mock);
        var submission = _practice.Submission(channel);
        var inbound = new InboundPipeline(channel, submission, _practice.Remittance());
        await submission.BatchReadyClaimsAsync(Ct);
        await submission.DispatchAsync(Ct);
        Assert.All(await Payer(channel).AnswerAllAsync(Ct), a => Assert.Null(a.Refusal));

        Assert.All(await inbound.ReceiveAsync(Ct), r => Assert.False(r.IsRefused, r.FileName));

        Assert.Equal(stage, _practice.Stage("a1"));
        Assert.Equal(tasks, string.Join(' ', _practice.TaskCodes));
        Assert.All(_practice.Records.All<PaymentReconciliation>(), p => Assert.Equal(p.PaymentAmount!.Value, p.Detail.Sum(d => d.Amount!.Value)));
        await submission.DispatchAsync(Ct); // the 999s for what the payer sent
        Assert.All(await Payer(channel).AnswerAllAsync(Ct), a => Assert.Empty(a.Files));

        var before = _practice.Records.Snapshot;
        foreach (var archived in Directory.GetFiles(channel.Archive))
            File.Move(archived, Path.Combine(channel.Inbound, Path.GetFileName(archived)));
        await inbound.ReceiveAsync(Ct);
        await submission.DispatchAsync(Ct);
        Assert.Equal(before, _practice.Records.Snapshot);
    }

    [Fact]
    public async Task A_rejection_in_the_999_points_at_the_member_id()
    {
        _practice.AddClaim("a1", "REJ999");
        var channel = new FolderChannel(_root, ChannelKind.Mock);
        var submission = _practice.Submission(channel);
        await submission.BatchReadyClaimsAsync(Ct);
        await submission.DispatchAsync(Ct);
        await Payer(channel).AnswerAllAsync(Ct);

        var result = Assert.Single(await new InboundPipeline(channel, submission, _practice.Remittance()).ReceiveAsync(Ct)).Acknowledgement!;

        Assert.Equal("Claim.insurance.where(focal=true).coverage.resolve().subscriberId", Assert.Single(result.Problems).Expression);
    }

    [Fact]
    public async Task The_reversal_nets_to_its_correction()
    {
        _practice.AddClaim("a1", "REVERSE1");
        await CycleAsync();

        // 62 % of 150 is 93: paid 68 with copay 25, then 83 with copay 10.
        Assert.Equal(83m, _practice.Records.All<ClaimResponse>().Where(r => r.Payment is not null).Sum(r => r.Payment!.Amount!.Value));
        Assert.Equal(83m, _practice.Records.All<PaymentReconciliation>().Sum(p => p.PaymentAmount!.Value));
    }

    [Fact]
    public async Task A_set_with_a_wrong_segment_count_is_rejected_for_that()
    {
        var file = Fixtures.File837(Fixtures.Claim).Replace("SE*29*", "SE*30*", StringComparison.Ordinal);
        var answer = await ScriptedPayer.AnswerAsync("f", Encoding.ASCII.GetBytes(file), new MockScript(), SmallPractice.Now, Ct);

        Assert.Contains("IK5*R*4~", Encoding.ASCII.GetString(Assert.Single(answer.Files).Content.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Garbage_gets_a_refusal_or_a_TA1_never_an_exception()
    {
        foreach (var text in (string[])["", "garbage", Fixtures.Isa837, Fixtures.File837(Fixtures.Claim)[..300], Fixtures.File835(Fixtures.Remittance)])
            Assert.NotNull(await ScriptedPayer.AnswerAsync("f", Encoding.ASCII.GetBytes(text), new MockScript(), SmallPractice.Now, Ct));
    }

    /// <summary>The law: whatever is charged and whatever the scenario, every 835 of the mock payer adds up.</summary>
    [Fact]
    public void Every_835_balances() => Gen.Select(Gen.Int[1, 99_999].Array[1, 5], Gen.OneOf(Whole)).Array[1, 6].Sample(
        claims =>
        {
            var answer = ScriptedPayer.AnswerAsync(
                "f", Encoding.ASCII.GetBytes(Fixtures.File837(Claims(claims.Select(c => c.Item1)))), Script(claims.Select(c => c.Item2)), SmallPractice.Now, CancellationToken.None).GetAwaiter().GetResult();
            foreach (var file in answer.Files.Where(f => f.Name.StartsWith("835", StringComparison.Ordinal)))
            {
                var (items, findings) = X12Read.RemittanceAsync(Encoding.ASCII.GetString(file.Content.Span)).GetAwaiter().GetResult();
                Assert.Empty(findings.Items);
                Assert.NotEmpty(items.OfType<Remittance835Item.Claim>());
            }
        },
        iter: 100);

    private static MockScript Script(IEnumerable<MockScenario> scenarios) =>
        new() { ByMember = scenarios.Select((s, i) => (s, i)).ToDictionary(p => $"G{p.i}", p => p.s) };

    /// <summary>Those that do not spoil the file for the others.</summary>
    private static MockScenario[] Whole => [.. MockScenarios.All.Where(s => s is { Receipt: MockReceipt.Accepted or MockReceipt.Noted or MockReceipt.Silent, Fault: MockFault.None })];

    private static IEnumerable<string> Claims(IEnumerable<int[]> charges)
    {
        foreach (var line in Fixtures.Claim.TakeWhile(l => !l.StartsWith("HL*2", StringComparison.Ordinal)))
            yield return line;
        foreach (var (c, cents) in charges.Index())
        {
            yield return $"HL*{c + 2}*1*22*0";
            yield return "SBR*P*18*******CI";
            yield return $"NM1*IL*1*DOE*ROWAN****MI*G{c}";
            yield return "NM1*PR*2*FIRST MUTUAL*****PI*FM001";
            yield return $"CLM*P{c}*{cents.Sum() / 100m:0.##}***11:B:1*Y*A*Y*Y";
            yield return "HI*ABK:J069";
            foreach (var (l, cent) in cents.Index())
            {
                yield return $"LX*{l + 1}";
                yield return $"SV1*HC:99213*{cent / 100m:0.##}*UN*1***1";
                yield return "DTP*472*D8*20260330";
            }
        }
    }

    private static ScriptedPayer Payer(FolderChannel channel) => new(channel, new MockScript(), SmallPractice.Time);

    private async Task CycleAsync()
    {
        var channel = new FolderChannel(_root, ChannelKind.Mock);
        var submission = _practice.Submission(channel);
        await submission.BatchReadyClaimsAsync(Ct);
        await submission.DispatchAsync(Ct);
        await Payer(channel).AnswerAllAsync(Ct);
        await new InboundPipeline(channel, submission, _practice.Remittance()).ReceiveAsync(Ct);
    }
}
