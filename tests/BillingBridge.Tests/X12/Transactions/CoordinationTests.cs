using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Tests.X12.Transactions;

/// <summary>Loops 2320, 2330 and 2430: what earlier payers did (billing spec 2.2).</summary>
public sealed class CoordinationTests
{
    // Line 1: 120 = 70 + 30 + 20. Line 2: 30 = 25 + 5. The payer took 10 from the claim as a whole.
    private static readonly string[] Claim =
    [
        .. Fixtures.Claim.TakeWhile(l => !l.StartsWith("LX*1", StringComparison.Ordinal)).Select(l => l.StartsWith("SBR*P", StringComparison.Ordinal) ? "SBR*S*18*G55******CI" : l),
        "SBR*P*18*******MB", "CAS*PR*1*10", "AMT*D*85", "OI***Y***Y", "MOA***MA01", "NM1*IL*1*DOE*ROWAN****MI*1EG4TE5MK73", "NM1*PR*2*EARLIER PAYER*****PI*EP1", "REF*F8*EPICN1",
        "LX*1", "SV1*HC:99213:25*120*UN*1***1:2", "DTP*472*D8*20260330", "REF*6R*HT0001-1", "SVD*EP1*70*HC:99213:25**1", "CAS*CO*45*30", "CAS*PR*2*20", "DTP*573*D8*20260410", "AMT*EAF*20",
        "LX*2", "SV1*HC:87880*30*UN*1***1", "DTP*472*D8*20260330", "REF*6R*HT0001-2", "SVD*EP1*25*HC:87880**1", "CAS*CO*45*5", "DTP*573*D8*20260410", "AMT*EAF*0",
    ];

    [Fact]
    public async Task What_an_earlier_payer_did_is_read_and_written_back()
    {
        var file = Fixtures.File837(Claim);
        var (items, findings) = await X12Read.ClaimsAsync(file);

        Assert.Empty(findings.Items);
        var body = items.OfType<Claim837PItem.Claim>().Single().Body;
        var other = Assert.Single(body.OtherPayers);
        Assert.Equal(("EP1", 85m, "EPICN1", "P", 10m), (other.PayerId, other.PaidUsd, other.PayerControlNumber, other.Sbr!.Responsibility, other.Adjustments.Sum(c => c.TotalUsd)));
        Assert.Equal("1EG4TE5MK73", other.Insured!.Name.Id);
        Assert.Null(other.PaidOn);
        var line = Assert.Single(body.Lines[0].Adjudications);
        Assert.Equal((70m, 50m, 20m, new DateOnly(2026, 4, 10)), (line.Svd.PaidUsd, line.Adjustments.Sum(c => c.TotalUsd), line.PatientUsd, line.PaidOn));
        Assert.Equal(file, await Claim837PTests.RewriteAsync(file));
    }

    [Theory]
    [InlineData("AMT*D", "AMT*D*86", "AMT*D and the adjustments of payer EP1 add up to 151; CLM02 is 150")]
    [InlineData("SVD*EP1*70", "SVD*EP1*71*HC:99213:25**1", "payment and adjustments add up to 121; SV102 is 120")]
    [InlineData("SVD*EP1*25", "SVD*EPX*25*HC:87880**1", "SVD01 EPX is no payer of loop 2330B")]
    [InlineData("SVD*EP1*25", null, "its lines (SVD02) less the adjustments of the claim are 60")]
    public async Task What_does_not_add_up_is_refused(string start, string? replacement, string words)
    {
        var (items, findings) = await X12Read.ClaimsAsync(Fixtures.File837(Claim.With(start, replacement)));

        Assert.Contains(findings.Items, f => f.Message.Contains(words, StringComparison.Ordinal));
        Assert.True(items.OfType<Claim837PItem.End>().Single().IsRefused);
    }

    [Fact]
    public async Task The_shared_secondary_claim_reads_and_rewrites()
    {
        var file = await File.ReadAllTextAsync(SharedX12.Clean("837p-03").Single(), TestContext.Current.CancellationToken);
        var (items, findings) = await X12Read.ClaimsAsync(file);

        Assert.DoesNotContain(findings.Items, f => f.Severity is BillingBridge.X12.X12Severity.Refusal);
        var body = items.OfType<Claim837PItem.Claim>().Single().Body;
        Assert.Equal((70m, 28m, "ICN1019"), (body.OtherPayers[0].PaidUsd, body.OtherPayers[0].PatientUsd, body.OtherPayers[0].PayerControlNumber));
        Assert.Equal(28m, body.Lines[0].Adjudications[0].PatientUsd);
        Assert.Equal(file, await Claim837PTests.RewriteAsync(file));
    }
}
