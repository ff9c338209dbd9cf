using System.Text;
using FhirEmr.BillingBridge.Interchange.Receiving;
using FhirEmr.BillingBridge.Tests.X12;
using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Tests.Interchange.Receiving;

/// <summary>The 999 for each file that has exactly one fault: the segment, the element, the code and the value that is wrong.</summary>
public sealed class GroupVerdictTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("835-bpr-does-not-balance", "R", "IK3*BPR*2**8|CTX*TRN02:EFT101|IK4*2*782*7*1190.54")]
    [InlineData("835-service-does-not-balance", "R", "IK3*CLP*12*2100*8|CTX*TRN02:EFT101|IK4*4*782*7*80")]
    [InlineData("837p-bad-frequency", "R", "IK3*CLM*19*2300*8|CTX*CLM01:PCN10101|IK4*5:3*1325*1")]
    [InlineData("837p-bad-npi", "R", "IK3*NM1*8*2010*8|IK4*9*67*7*")]
    [InlineData("837p-bad-se-count", "E", "")]
    [InlineData("837p-no-billing-address", "R", "IK3*N3*8*2010*3")]
    [InlineData("837p-pointer-out-of-range", "R", "IK3*SV1*")]
    [InlineData("837p-replacement-without-icn", "R", "IK3*REF*19*2300*I6|CTX*CLM01:PCN10101R|CTX*SITUATIONAL TRIGGER*CLM*19**5:3")]
    [InlineData("837p-total-differs-from-lines", "R", "IK3*CLM*19*2300*8|CTX*CLM01:PCN10101|IK4*2*782*7*")]
    public async Task Each_fault_is_told_at_its_segment_element_and_value(string name, string verdict, string expected)
    {
        var path = Path.Combine(SharedX12.Require(), "clean", "broken", name + ".x12");
        var segments = (await X12Read.SegmentsAsync(new MemoryStream(await File.ReadAllBytesAsync(path, Ct)))).Segments;
        var text = await VerdictAsync(await File.ReadAllTextAsync(path, Ct), name.StartsWith("835", StringComparison.Ordinal));

        var lines = text.Split('~', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal($"IK5*{verdict}", lines.Single(l => l.StartsWith("IK5", StringComparison.Ordinal))[..5]);
        Assert.StartsWith(expected, string.Join('|', lines.Where(l => l[..3] is "IK3" or "CTX" or "IK4")), StringComparison.Ordinal);
        string[] place = [];
        foreach (var line in lines.Select(l => l.Split('*')))
        {
            place = line[0] == "IK3" ? line : place;
            if (line is not ["IK4", var at, _, _, var bad])
                continue;
            var sent = segments[Number(place[2]) + 1]; // ISA and GS stand before ST
            Assert.Equal(place[1], sent.Id);
            Assert.Equal(bad, at.Split(':') is [var element, var component] ? sent.Components(Number(element))[Number(component) - 1] : sent[Number(at)]);
        }
    }

    private static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("837p")]
    [InlineData("835")]
    public async Task Every_clean_file_is_accepted(string kind)
    {
        foreach (var path in SharedX12.Clean(kind))
        {
            var text = await VerdictAsync(await File.ReadAllTextAsync(path, Ct), kind == "835");
            Assert.DoesNotContain("IK3", text, StringComparison.Ordinal);
            Assert.Contains("AK9*A*", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task More_faults_than_are_kept_reject_the_whole_group()
    {
        var bad = Fixtures.Claim.SelectMany(l => l.StartsWith("REF*6R", StringComparison.Ordinal) ? Enumerable.Repeat("AMT*T*X", 600).Prepend(l) : [l]);
        var text = await VerdictAsync(Fixtures.File837(bad), isRemittance: false);

        Assert.Contains("AK9*R*1*1*0*5", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thousand_warnings_do_not_refuse_a_payment()
    {
        var claims = Fixtures.Remittance.SkipWhile(l => !l.StartsWith("CLP", StringComparison.Ordinal)).With("CLP", "CLP*HT0001*1*150*75*26*CI*FM9001*11*1").ToList();
        var body = Fixtures.Remittance.TakeWhile(l => !l.StartsWith("CLP", StringComparison.Ordinal)).Concat(Enumerable.Repeat(claims, 1_100).SelectMany(c => c));
        var file = Fixtures.File835(body.With("BPR", $"BPR*I*{75 * 1_100}*C*ACH************20260420"));

        var survey = await BillingBridge.Remittance.RemittanceSurvey.ReadAsync(X12Read.Stream(file), Ct);

        Assert.True(survey.IsWhole);
        Assert.False(Assert.Single(survey.Payments).IsRefused);
        Assert.Equal(1_000, survey.Findings.Count);
    }

    private static async Task<string> VerdictAsync(string file, bool isRemittance)
    {
        var received = await ReceivedFile.ReadAsync(X12Read.Stream(file), Ct);
        var group = Assert.Single(Assert.Single(received.Interchanges).Groups);
        var envelope = X12Read.Envelope(file);
        if (isRemittance)
            await Remittance835Reader.ReadAsync(envelope, Ct).ToListAsync(Ct);
        else
            await Claim837PReader.ReadAsync(envelope, null, Ct).ToListAsync(Ct);
        return X12Read.Text(x12 => GroupVerdict.Of(group, envelope.Findings.Items, "0001").WriteTo(new BillingBridge.X12.Envelope.EnvelopeWriter(x12)));
    }
}
