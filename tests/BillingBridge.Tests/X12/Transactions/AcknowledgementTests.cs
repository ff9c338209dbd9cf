using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Tests.X12.Transactions;

public sealed class AcknowledgementTests
{
    private static readonly string[] Rejecting =
    [
        "AK1*HC*7*005010X222A1", "AK2*837*0001*005010X222A1", "IK5*A", "AK2*837*0002*005010X222A1", "IK3*SV1*20*2400*8", "CTX*CLM01:HT0001",
        "IK4*7:2*1328*7*9", "CTX*SITUATIONAL TRIGGER*SV1*20**7", "IK5*R*5", "AK9*P*2*2*1",
    ];

    private static readonly string[] Mixed =
    [
        "BHT*0085*08*X1*20260402*0900*TH", "HL*1**20*1", "NM1*AY*2*HUB ONE*****46*HUBONE", "TRN*1*X1", "HL*2*1*21*1",
        "NM1*41*2*HILLTOP CLINIC*****46*OURPRACTICE", "TRN*2*B7", "STC*A1:19:PR*20260402*WQ*150", "QTY*90*1", "AMT*YU*150", "HL*3*2*19*1",
        "NM1*85*2*HILLTOP CLINIC*****XX*1234567893", "TRN*1*0", "STC*A1:19:PR**WQ*150", "HL*4*3*PT", "NM1*QC*1*DOE*ROWAN****MI*M100200",
        "TRN*2*HT0001", "STC*A7:164:IL*20260402*U*150******A7:500:IL**SEE NOTES", "REF*1K*FM9001", "REF*D9*T7-1", "DTP*472*D8*20260330",
        "SVC*HC:99213*120****1", "STC*A7:454**U*120", "REF*FJ*HT0001-1",
    ];

    [Fact]
    public async Task Reads_a_999_down_to_the_component()
    {
        var envelope = X12Read.Envelope(Fixtures.File999(Rejecting));
        var acknowledgement = Assert.Single(await Acknowledgement999.ReadAsync(envelope, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));

        Assert.Empty(envelope.Findings.Items);
        Assert.Equal("7", acknowledgement.Group.GroupControlNumber);
        Assert.Equal([true, false], acknowledgement.Sets.Select(s => s.IsAccepted));
        var error = Assert.Single(acknowledgement.Sets[1].Errors);
        Assert.Equal(("SV1", "20", "HT0001"), (error.Segment.SegmentId, error.Segment.Position, error.ControlNumber));
        Assert.Equal(new Ik4("7", "2", null, "1328", "7", "9"), error.Elements.Single().Element);
    }

    [Fact]
    public async Task A_999_without_verdict_is_refused()
    {
        var envelope = X12Read.Envelope(Fixtures.File999(Rejecting.With("AK9", null)));
        Assert.Empty(await Acknowledgement999.ReadAsync(envelope, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
        Assert.Equal("AK9", Assert.Single(envelope.Findings.Items).Place!.SegmentId);
    }

    [Fact]
    public async Task Writing_a_999_gives_the_same_file()
    {
        var file = Fixtures.File999(Rejecting);
        Assert.Equal(file, await Rewrite999Async(file));
    }

    [Fact]
    public async Task Reads_a_277CA_with_the_levels_above_each_claim()
    {
        var envelope = X12Read.Envelope(Fixtures.File277CA(Mixed));
        var items = await HierarchyReader.ReadAsync(envelope, HierarchyGuide.ClaimAck277, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

        Assert.Empty(envelope.Findings.Items);
        var claim = items.OfType<HierarchyItem.Level>().Single(l => l.IsClaim);
        Assert.Equal(("HT0001", "FM9001", "T7-1"), (claim.Trace, claim.Reference("1K"), claim.Reference("D9")));
        Assert.Equal(["A7:164:IL", "A7:500:IL"], claim.Statuses.Single().Statuses.Select(s => s.ToString()));
        Assert.Equal("SEE NOTES", claim.Statuses.Single().Text);
        Assert.Equal("B7", claim.Parent!.Parent!.Trace);
    }

    [Fact]
    public async Task Writing_a_277CA_gives_the_same_file()
    {
        var file = Fixtures.File277CA(Mixed);
        Assert.Equal(file, await Rewrite277Async(file));
    }

    [Theory]
    [InlineData("TRN*2*HT0001", "TRN")]
    [InlineData("STC*A7:164", "STC")]
    public async Task A_277CA_claim_needs_its_number_and_a_status(string removed, string segment)
    {
        var envelope = X12Read.Envelope(Fixtures.File277CA(Mixed.With(removed, null)));
        await HierarchyReader.ReadAsync(envelope, HierarchyGuide.ClaimAck277, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(segment, Assert.Single(envelope.Findings.Items).Place!.SegmentId);
    }

    [Fact]
    public void A_TA1_written_again_is_the_same_file()
    {
        const string file = Fixtures.Isa837 + "\nTA1*000000012*260401*0800*R*025~\nIEA*0*000000007~\n";
        var envelope = X12Read.Envelope(file);
        var text = X12Read.Text(
            x12 =>
            {
                var writer = new EnvelopeWriter(x12);
                while (envelope.ReadAsync(TestContext.Current.CancellationToken).AsTask().GetAwaiter().GetResult() is { } next)
                {
                    switch (next.Part)
                    {
                        case EnvelopePart.InterchangeStart:
                            writer.BeginInterchange(envelope.Interchange!);
                            break;
                        case EnvelopePart.InterchangeAck:
                            Ta1.Read(next.Segment).WriteTo(x12);
                            break;
                        default:
                            writer.EndInterchange();
                            break;
                    }
                }
            },
            out _,
            lineEnding: "\n");

        Assert.Empty(envelope.Findings.Items);
        Assert.Equal(file, text);
    }

    internal static Task<string> Rewrite999Async(string text) => X12Read.RewriteAsync(text, async (envelope, output) =>
    {
        await foreach (var acknowledgement in Acknowledgement999.ReadAsync(envelope, TestContext.Current.CancellationToken))
            acknowledgement.WriteTo(output);
    });

    internal static Task<string> Rewrite277Async(string text) => HierarchyTests.RewriteAsync(text, HierarchyGuide.ClaimAck277);
}
