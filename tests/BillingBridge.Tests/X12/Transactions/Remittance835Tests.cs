using CsCheck;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Tests.X12.Transactions;

public sealed class Remittance835Tests
{
    private static readonly string File = Fixtures.File835(Fixtures.Remittance);

    [Fact]
    public async Task Reads_payment_claims_and_lines()
    {
        var (items, findings) = await X12Read.RemittanceAsync(File);

        Assert.Empty(findings.Items);
        var payment = items.OfType<Remittance835Item.Payment>().Single();
        Assert.Equal(("E77", "1600000001", "FM001", 75m), (payment.Trn!.Number, payment.Trn.Originator, payment.PayerId, payment.PaidUsd));
        var claim = items.OfType<Remittance835Item.Claim>().Single();
        Assert.Equal(new DateOnly(2026, 3, 30), claim.ServiceDate);
        Assert.Equal([(55m, 80m), (20m, 20m)], claim.Lines.Select(l => (l.Svc.PaidUsd, l.Amount("B6")!.Value)));
        Assert.False(items.OfType<Remittance835Item.End>().Single().IsRefused);
    }

    [Fact]
    public async Task Writing_what_was_read_gives_the_same_file() => Assert.Equal(File, await RewriteAsync(File));

    [Theory]
    [InlineData("BPR*", "BPR*I*76*C*ACH************20260420", "BAL-FILE", "BPR02")]
    [InlineData("CAS*PR*3*25", "CAS*PR*3*26", "BAL-LINE", "SVC03")]
    [InlineData("CLP*", "CLP*HT0001*1*151*75*25*CI*FM9001*11*1", "BAL-CLAIM", "CLP03")]
    [InlineData("CLP*", "CLP*HT0001*1*150*74*25*CI*FM9001*11*1", "BAL-CLAIM", "CLP04")]
    [InlineData("CAS*CO*45*40", "CAS*CO*45*4O", "IK4-6", "CAS03")]
    [InlineData("CAS*CO*45*40", "CAS*CO**40", "IK4-1", "CAS02")]
    [InlineData("TRN", null, "IK3-3", "TRN")]
    [InlineData("BPR", null, "IK3-3", "BPR")]
    public async Task Refuses_money_that_does_not_add_up(string start, string? replacement, string code, string place)
    {
        var (items, findings) = await X12Read.RemittanceAsync(Fixtures.File835(Fixtures.Remittance.With(start, replacement)));

        Assert.Contains(
            findings.Items,
            f => f.Code == code && f.Severity is X12Severity.Refusal && f.Place!.ToString().StartsWith(place + " (", StringComparison.Ordinal));
        Assert.True(items.OfType<Remittance835Item.End>().Single().IsRefused);
    }

    [Fact]
    public async Task Two_lines_that_are_wrong_by_the_same_amount_do_not_excuse_each_other()
    {
        var lines = Fixtures.Remittance.With("SVC*HC:99213", "SVC*HC:99213:25*120*56**1").With("SVC*HC:87880", "SVC*HC:87880*30*19**1");
        var (_, findings) = await X12Read.RemittanceAsync(Fixtures.File835(lines));

        Assert.Equal(["BAL-LINE", "BAL-LINE"], findings.Items.Select(f => f.Code));
    }

    [Fact]
    public async Task A_provider_adjustment_lowers_the_payment()
    {
        string[] lines = [.. Fixtures.Remittance.With("BPR", "BPR*I*70*C*ACH************20260420"), "PLB*1234567893*20261231*WO:FM8000*7.5*L6:INT*-2.5"];
        var (items, findings) = await X12Read.RemittanceAsync(Fixtures.File835(lines));

        Assert.Empty(findings.Items);
        Assert.Equal(
            [new PlbAdjustment("WO", "FM8000", 7.5m), new PlbAdjustment("L6", "INT", -2.5m)],
            items.OfType<Remittance835Item.End>().Single().ProviderAdjustments.Single().Adjustments);
    }

    [Fact]
    public async Task A_wrong_count_is_only_a_warning_when_the_money_adds_up()
    {
        var (items, findings) = await X12Read.RemittanceAsync(File.Replace("SE*21*", "SE*99*", StringComparison.Ordinal));

        Assert.Equal(X12Severity.Warning, Assert.Single(findings.Items).Severity);
        Assert.False(items.OfType<Remittance835Item.End>().Single().IsRefused);
    }

    /// <summary>The law: a remittance whose parts add up is taken, and the same remittance with any one amount moved by a cent is not.</summary>
    [Fact]
    public void A_remittance_at_random_balances_or_is_refused()
    {
        Gen.Select(GenClaims, Gen.Int[-500, 500].Array[0, 3], Gen.Int[0, 1_000_000]).Sample((claims, plb, pick) =>
        {
            var lines = Remittance(claims, plb);
            Assert.False(Refused(lines));

            var moved = MoveOneCent(lines, pick);
            Assert.True(Refused(moved), string.Join("~\n", moved));
            Assert.Equal(Fixtures.File835(lines), RewriteAsync(Fixtures.File835(lines)).GetAwaiter().GetResult());
        }, iter: 200);
    }

    private static readonly Gen<(int Charge, int[] Adjustments)[][]> GenClaims =
        Gen.Select(Gen.Int[100, 99_999], Gen.Int[1, 5_000].Array[0, 6]).Array[1, 4].Array[0, 5];

    private static List<string> Remittance((int Charge, int[] Adjustments)[][] claims, int[] plb)
    {
        var lines = new List<string>();
        var total = 0m;
        foreach (var (c, claim) in claims.Index())
        {
            var body = new List<string>();
            var (charged, paid) = (0m, 0m);
            foreach (var (charge, adjustments) in claim)
            {
                var linePaid = charge - adjustments.Sum();
                (charged, paid) = (charged + charge, paid + linePaid);
                body.Add($"SVC*HC:99213*{Usd(charge)}*{Usd(linePaid)}**1");
                if (adjustments.Length > 0)
                    body.Add("CAS*CO*" + string.Join("**", adjustments.Select((a, i) => $"{40 + i}*{Usd(a)}")));
            }

            lines.Add($"CLP*PCN{c}*1*{Usd(charged)}*{Usd(paid)}**12*ICN{c}");
            lines.AddRange(body);
            total += paid;
        }

        if (plb.Length > 0)
            lines.Add("PLB*1234567893*20261231*" + string.Join('*', plb.Select((p, i) => $"WO:R{i}*{Usd(p)}")));
        total -= plb.Sum();
        return [$"BPR*I*{Usd(Math.Abs(total))}*{(total < 0 ? "D" : "C")}*ACH************20260420", "TRN*1*E1*1600000001", .. lines];

        static string Usd(decimal cents) => X12Text.Amount(cents / 100m);
    }

    private static List<string> MoveOneCent(List<string> lines, int pick)
    {
        // Every amount of the file: BPR02, CLP03, CLP04, SVC02, SVC03, each CAS amount, each PLB amount.
        var amounts = lines.SelectMany((line, l) => line[..3] switch
        {
            "BPR" => [(l, 2)],
            "CLP" => [(l, 3), (l, 4)],
            "SVC" => [(l, 2), (l, 3)],
            "CAS" => Enumerable.Range(0, (line.Count(c => c == '*') + 1) / 3).Select(n => (l, 3 + (3 * n))),
            "PLB" => Enumerable.Range(0, (line.Count(c => c == '*') - 2) / 2).Select(n => (l, 4 + (2 * n))),
            _ => Enumerable.Empty<(int, int)>(),
        }).ToList();
        var (at, element) = amounts[pick % amounts.Count];
        var elements = lines[at].Split('*');
        X12Text.TryAmount(elements[element], out var usd);
        elements[element] = X12Text.Amount(usd + 0.01m);
        return [.. lines.Select((line, l) => l == at ? string.Join('*', elements) : line)];
    }

    private static bool Refused(IEnumerable<string> lines) =>
        X12Read.RemittanceAsync(Fixtures.File835(lines)).GetAwaiter().GetResult().Items.OfType<Remittance835Item.End>().Single().IsRefused;

    internal static Task<string> RewriteAsync(string text) => X12Read.RewriteAsync(text, async (envelope, output) =>
    {
        var writer = new Remittance835Writer(output);
        await foreach (var item in Remittance835Reader.ReadAsync(envelope, TestContext.Current.CancellationToken))
            writer.Write(item);
    });
}
