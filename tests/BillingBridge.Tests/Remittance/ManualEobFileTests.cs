using System.Text;
using FhirEmr.BillingBridge.Remittance;
using FhirEmr.BillingBridge.Tests.Fakes;

namespace FhirEmr.BillingBridge.Tests.Remittance;

public sealed class ManualEobFileTests
{
    private readonly LedgerPractice _practice = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static ManualEob Eob => new()
    {
        PayerId = "FM001",
        PayerName = "First Mutual",
        TraceNumber = "CHECK 77",
        PaidOn = new DateOnly(2026, 4, 20),
        AmountUsd = 73.75m,
        Claims =
        [
            new("a1", "1", "FM9001", [new(1, 55m, 80m, [("CO", "45", 40m), ("PR", "3", 25m)]), new(2, 20m, null, [("CO", "45", 10m)])]),
        ],
        ProviderAdjustments = [("L6", "INT", -1.25m), ("72", null, 2.5m)],
    };

    [Fact]
    public async Task A_paper_eob_is_the_835_that_was_never_sent()
    {
        await _practice.SubmitAsync("a1");
        var (file, faults) = await new ManualEobFile(_practice.Records, SmallPractice.Time).WriteAsync(Eob, Ct);

        Assert.Empty(faults);
        Assert.Equal(
            """
            ST*835*0001~
            BPR*I*73.75*C*CHK************20260420~
            TRN*1*CHECK 77*FM001~
            DTM*405*20260420~
            N1*PR*FIRST MUTUAL*XV*FM001~
            LX*1~
            CLP*PCNA1*1*150*75*25**FM9001~
            SVC*HC:99213:25*120*55**1~
            DTM*472*20260330~
            CAS*CO*45*40~
            CAS*PR*3*25~
            REF*6R*PCNA1-1~
            AMT*B6*80~
            SVC*HC:87880*30*20**1~
            DTM*472*20260330~
            CAS*CO*45*10~
            REF*6R*PCNA1-2~
            PLB*MANUAL*20261231*L6:INT*-1.25*72*2.5~
            SE*19*0001~
            """,
            string.Join('\n', Encoding.ASCII.GetString(file!).Split('\n').SkipWhile(l => !l.StartsWith("ST", StringComparison.Ordinal)).TakeWhile(l => !l.StartsWith("GE", StringComparison.Ordinal))),
            ignoreLineEndingDifferences: true);

        Assert.IsType<PaymentOutcome.Posted>(Assert.Single((await _practice.Pipeline().PostAsync(new MemoryStream(file!), Ct)).Payments));
        Assert.Equal((75m, 25m, 0m), (_practice.Of("a1").PayerPaidUsd, _practice.Of("a1").PatientUsd, _practice.Of("a1").InsuranceUsd));
        Assert.IsType<PaymentOutcome.Duplicate>(Assert.Single((await _practice.Pipeline().PostAsync(new MemoryStream(file!), Ct)).Payments));
    }

    [Fact]
    public async Task A_reversal_by_hand_takes_back_what_was_posted()
    {
        await _practice.SubmitAsync("a1");
        var (first, _) = await new ManualEobFile(_practice.Records, SmallPractice.Time).WriteAsync(Eob, Ct);
        await _practice.Pipeline().PostAsync(new MemoryStream(first!), Ct);
        var (second, faults) = await new ManualEobFile(_practice.Records, SmallPractice.Time)
            .WriteAsync(Eob with { TraceNumber = "CHECK 78", AmountUsd = -75m, ProviderAdjustments = [], Claims = [Eob.Claims[0] with { Status = "22" }] }, Ct);

        Assert.Empty(faults);
        await _practice.Pipeline().PostAsync(new MemoryStream(second!), Ct);
        Assert.Equal((150m, 0m, 0m), (_practice.Of("a1").InsuranceUsd, _practice.Of("a1").PatientUsd, _practice.Of("a1").PayerPaidUsd));
        Assert.Empty(_practice.TaskCodes);
    }

    [Fact]
    public async Task What_is_missing_is_said_in_sentences_all_at_once()
    {
        await _practice.SubmitAsync("a1");
        var (file, faults) = await new ManualEobFile(_practice.Records, SmallPractice.Time).WriteAsync(
            Eob with
            {
                TraceNumber = "",
                PayerId = " ",
                Claims = [new("nobody", "1", null, []), new("a1", "99", null, [new(3, 0m, null, []), new(1, 0m, null, [("XX", "45", 1m)])])],
            },
            Ct);

        Assert.Null(file);
        Assert.Equal(6, faults.Count);
        Assert.Contains(faults, f => f.StartsWith("Claim/a1 has no line 3", StringComparison.Ordinal));
        Assert.Contains(faults, f => f.StartsWith("XX-45 on line 1 is no adjustment", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Data_that_looks_like_structure_stays_data()
    {
        await _practice.SubmitAsync("a1");
        var (file, faults) = await new ManualEobFile(_practice.Records, SmallPractice.Time).WriteAsync(Eob with { PayerName = "First~CLP*X*1*5*5" }, Ct);
        if (file is null)
            Assert.NotEmpty(faults);
        else
            Assert.Equal(1, Encoding.ASCII.GetString(file).Split('\n').Count(l => l.StartsWith("CLP*", StringComparison.Ordinal)));
    }
}
