using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Tests.X12.Transactions;

public sealed class HierarchyTests
{
    private static readonly string[] Answer =
    [
        "BHT*0022*11*E1*20260401*0801", "HL*1**20*1", "NM1*PR*2*FIRST MUTUAL*****PI*FM001", "HL*2*1*21*1",
        "NM1*1P*2*HILLTOP CLINIC*****XX*1234567893", "HL*3*2*22*1", "NM1*IL*1*DOE*ROWAN****MI*M100200", "HL*4*3*23*0", "TRN*2*E1*9931234567",
        "NM1*03*1*DOE*ASH", "DMG*D8*20150101*M", "EB*1*IND*30", "EB*R**30", "LS*2120", "NM1*SEP*2*OTHER PLAN*****PI*OP9", "LE*2120",
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_dependents_answer_hangs_below_its_subscriber()
    {
        var (items, findings) = await ReadAsync(Fixtures.File271(Answer));

        Assert.Empty(findings);
        var answer = Assert.Single(EligibilityAnswer.Of(items));
        Assert.Equal(("E1", "ASH"), (answer.Trace, answer.Person!.First));
        Assert.Equal(["1", "R"], answer.Benefits.Select(b => b.Eb.Code));
        Assert.Equal("OTHER PLAN", answer.Benefits[1].Details.OfType<Nm1>().Single().Name);
    }

    [Fact]
    public async Task A_refusal_above_everybody_is_an_answer_under_the_sets_reference()
    {
        string[] refused = [.. Answer[..3], "AAA*Y**42*R"];
        var (items, findings) = await ReadAsync(Fixtures.File271(refused));

        Assert.Empty(findings);
        var answer = Assert.Single(EligibilityAnswer.Of(items));
        Assert.Equal(("E1", "42"), (answer.Trace, Assert.Single(answer.Rejections).Reason));
        Assert.Null(answer.Person);
    }

    [Fact]
    public async Task A_question_about_a_claim_and_its_answer_written_again_are_the_same_files()
    {
        string[] above = ["HL*1**20*1", "NM1*PR*2*FIRST MUTUAL*****PI*FM001", "HL*2*1*21*1", "NM1*41*2*US*****46*OURPRACTICE", "HL*3*2*19*1", "NM1*1P*2*HILLTOP CLINIC*****XX*1234567893", "HL*4*3*22*0"];
        var answer = Fixtures.File277(
        [
            "BHT*0010*08*X1*20260402*0900*DG", .. above, "NM1*IL*1*DOE*ROWAN****MI*M100200", "TRN*2*T7-1", "STC*F1:65*20260402**150*75*20260401*CHK*20260401*C1",
            "REF*1K*FM9001", "DTP*472*D8*20260330", "SVC*HC:99213*120*55****1", "STC*F1:65*20260402", "REF*FJ*HT0001-1", "DTP*472*D8*20260330",
        ]);
        var question = Fixtures.File277(
            ["BHT*0010*13*B7*20260401*0800", .. above, "DMG*D8*19700101*F", "NM1*IL*1*DOE*ROWAN****MI*M100200", "TRN*1*T7-1", "REF*EJ*HT0001", "AMT*T3*150", "DTP*472*RD8*20260330-20260331"])
            .Replace("GS*HN*", "GS*HR*", StringComparison.Ordinal).Replace("ST*277*", "ST*276*", StringComparison.Ordinal);

        Assert.Equal(answer, await RewriteAsync(answer, HierarchyGuide.ClaimStatus277));
        Assert.Equal(question, await RewriteAsync(question, HierarchyGuide.ClaimStatus276));
    }

    [Fact]
    public async Task Every_element_of_EB_survives_reading_and_writing()
    {
        var file = Fixtures.File271(Answer.With("EB*1", "EB*A*FAM*98^UC*HM*GOLD*27*12.5*.2*VS*3*Y*W*HC:99213:25"));
        Assert.Equal(file, await RewriteAsync(file, HierarchyGuide.Eligibility271));
    }

    [Theory]
    [InlineData("EB*", null, "IK3-3", "EB")]
    [InlineData("EB*1", "EB**IND*30", "IK4-1", "EB01")]
    [InlineData("EB*1", "EB*C*IND*30***23*12,5", "IK4-6", "EB07")]
    [InlineData("EB*1", "EB*A*IND*30***23**x", "IK4-6", "EB08")]
    [InlineData("EB*1", "AAA*N***C", "IK4-1", "AAA03")]
    [InlineData("NM1*03", null, "IK3-3", "NM1")]
    [InlineData("NM1*1P", "NM1*1P*2*HILLTOP CLINIC*****XX*1234567890", "IK4-7", "NM109")]
    [InlineData("HL*4", "HL*4*3*PT*0", "IK4-7", "HL03")]
    [InlineData("BHT", null, "IK3-3", "BHT")]
    public async Task Refuses_a_fault_at_its_segment_and_element(string start, string? replacement, string code, string place)
    {
        var (items, findings) = await ReadAsync(Fixtures.File271(Answer.With(start, replacement)));

        var finding = findings.First(f => f.Code == code);
        Assert.Equal(X12Severity.Refusal, finding.Severity);
        Assert.StartsWith(place + " (", finding.Place!.ToString(), StringComparison.Ordinal);
        Assert.True(items.OfType<HierarchyItem.End>().Single().IsRefused);
    }

    internal static Task<string> RewriteAsync(string text, HierarchyGuide guide) => X12Read.RewriteAsync(text, async (envelope, output) =>
    {
        await foreach (var item in HierarchyReader.ReadAsync(envelope, guide, Ct))
            HierarchyReader.Write(item, output);
    });

    private static async Task<(List<HierarchyItem> Items, IReadOnlyList<X12Finding> Findings)> ReadAsync(string text)
    {
        var envelope = X12Read.Envelope(text);
        return (await HierarchyReader.ReadAsync(envelope, HierarchyGuide.Eligibility271, Ct).ToListAsync(Ct), envelope.Findings.Items);
    }
}
