using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Tests.X12.Transactions;

public sealed class Claim837PTests
{
    private static readonly string File = Fixtures.File837(Fixtures.Claim);

    [Fact]
    public async Task Reads_a_claim_with_the_loops_it_hangs_under()
    {
        var (items, findings) = await X12Read.ClaimsAsync(File);

        Assert.Empty(findings.Items);
        var claim = Assert.Single(items.OfType<Claim837PItem.Claim>());
        Assert.Equal("HT0001", claim.Body.Clm.ControlNumber);
        Assert.Equal(150m, claim.Body.Clm.ChargeUsd);
        Assert.Equal("1234567893", claim.Billing.Provider!.Name.Id);
        Assert.Equal("M100200", claim.Subscriber.Insured!.Name.Id);
        Assert.Equal(["J069", "R509"], claim.Body.Diagnoses.Select(d => d.Code));
        Assert.Equal(["99213", "87880"], claim.Body.Lines.Select(l => l.Sv1!.Procedure.Code));
        Assert.Equal(["25"], claim.Body.Lines[0].Sv1!.Procedure.Modifiers);
        Assert.Equal("HT0001-2", claim.Body.Lines[1].Reference("6R"));
        Assert.False(items.OfType<Claim837PItem.End>().Single().IsRefused);
    }

    [Fact]
    public async Task Writing_what_was_read_gives_the_same_file() => Assert.Equal(File, await RewriteAsync(File));

    [Fact]
    public async Task Segments_no_record_models_survive_the_round_trip()
    {
        var file = Fixtures.File837(Fixtures.Claim.SelectMany(l => l.StartsWith("HI*", StringComparison.Ordinal) ? ["CR1***A*DH*15****UNCONSCIOUS", l] : new[] { l }));

        Assert.Equal(file, await RewriteAsync(file));
    }

    [Theory]
    [InlineData("CLM*", "CLM*HT0001*151***11:B:1*Y*A*Y*Y", "BAL-837", "CLM02")]
    [InlineData("CLM*", "CLM*HT0001*15O***11:B:1*Y*A*Y*Y", "IK4-6", "CLM02")]
    [InlineData("CLM*", "CLM**150***11:B:1*Y*A*Y*Y", "IK4-1", "CLM01")]
    [InlineData("CLM*", "CLM*HT0001*150***11:B*Y*A*Y*Y", "IK4-1", "CLM05-3")]
    [InlineData("CLM*", "CLM*HT0001*150***11:B:3*Y*A*Y*Y", "IK4-7", "CLM05-3")]
    [InlineData("CLM*", "CLM*HT0001*150***11:B:7*Y*A*Y*Y", "IK3-I6", "REF")]
    [InlineData("HI*", null, "IK3-3", "HI")]
    [InlineData("N3*7", null, "IK3-3", "N3")]
    [InlineData("NM1*85", "NM1*85*2*HILLTOP CLINIC*****XX*1234567890", "IK4-7", "NM109")]
    [InlineData("SV1*HC:99213", "SV1*HC:99213:25*120*UN*1***1:3", "IK4-7", "SV107-2")]
    [InlineData("SV1*HC:87880", "SV1*HC:87880*30*UN*1", "IK4-1", "SV107")]
    [InlineData("SV1*HC:87880", null, "IK3-3", "SV1")]
    [InlineData("DTP*472", "DTP*472*D8*20261331", "IK4-8", "DTP03")]
    [InlineData("BHT", null, "IK3-3", "BHT")]
    public async Task Refuses_a_fault_at_its_segment_and_element(string start, string? replacement, string code, string place)
    {
        var (items, findings) = await X12Read.ClaimsAsync(Fixtures.File837(Fixtures.Claim.With(start, replacement)));

        var finding = findings.Items.First(f => f.Code == code);
        Assert.Equal(X12Severity.Refusal, finding.Severity);
        Assert.StartsWith(place + " (", finding.Place!.ToString(), StringComparison.Ordinal);
        Assert.True(items.OfType<Claim837PItem.End>().Single().IsRefused);
    }

    [Fact]
    public async Task Refuses_a_prior_payer_that_does_not_add_up()
    {
        string[] lines = [.. Fixtures.Claim.TakeWhile(l => !l.StartsWith("LX*2", StringComparison.Ordinal)), "SVD*OLD1*50*HC:99213:25**1", "CAS*CO*45*60"];
        var (_, findings) = await X12Read.ClaimsAsync(Fixtures.File837(lines.With("CLM*", "CLM*HT0001*120***11:B:1*Y*A*Y*Y")));

        var finding = Assert.Single(findings.Items, f => f.Code == "BAL-COB");
        Assert.Equal(("BAL-COB", "SVD", 2), (finding.Code, finding.Place!.SegmentId, finding.Place.Element));
    }

    [Fact]
    public async Task Another_guide_is_refused_at_GS08()
    {
        var (items, findings) = await X12Read.ClaimsAsync(File.Replace("005010X222A1", "005010X223A2", StringComparison.Ordinal));

        Assert.Empty(items);
        var place = findings.Items.First(f => f.Severity is X12Severity.Refusal).Place!;
        Assert.Equal(("GS", 8), (place.SegmentId, place.Element));
    }

    [Fact]
    public async Task Places_every_segment_in_its_loop()
    {
        var located = new List<LocatedSegment>();
        await Claim837PReader.ReadAsync(X12Read.Envelope(File), located.Add, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal("2010AA", located.Single(l => l.Segment.ToString() == "N3*7 HILL ROAD").Loop);
        Assert.Equal("2010BB", located.Single(l => l.Segment.ToString().StartsWith("NM1*PR", StringComparison.Ordinal)).Loop);
        Assert.Equal(("2300", "HT0001", null), located.Where(l => l.Segment.Id == "HI").Select(l => (l.Loop, l.Claim, l.Line)).Single());
        Assert.Equal(("2400", "HT0001", 2), located.Where(l => l.Segment.Id == "SV1").Select(l => (l.Loop, l.Claim, l.Line)).Last());
    }

    internal static Task<string> RewriteAsync(string text) => X12Read.RewriteAsync(text, async (envelope, output) =>
    {
        var writer = new Claim837PWriter(output);
        await foreach (var item in Claim837PReader.ReadAsync(envelope, null, TestContext.Current.CancellationToken))
        {
            switch (item)
            {
                case Claim837PItem.Set set:
                    writer.BeginSet(set);
                    break;
                case Claim837PItem.Claim claim:
                    writer.Write(claim);
                    break;
                default:
                    writer.EndSet();
                    break;
            }
        }
    });
}
