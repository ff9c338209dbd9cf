using System.Text;

namespace FhirEmr.BillingBridge.Tests.X12.Syntax;

[Trait("Requirement", "S-78")]
public sealed class SegmentReaderTests
{
    private const string OddIsa = "ISA|00|          |00|          |ZZ|A              |ZZ|B              |260401|0800|!|00501|000000007|0|T|>\n";

    [Fact]
    public async Task Takes_its_separators_from_ISA()
    {
        var (segments, findings, _) = await X12Read.SegmentsAsync(X12Read.Stream(OddIsa + "SV1|HC>99213>25|a!b\r\n\nSE|1\n"));

        Assert.Empty(findings.Items);
        Assert.Equal(["ISA", "SV1", "SE"], segments.Select(s => s.Id));
        Assert.Equal(["HC", "99213", "25"], segments[1].Components(1));
        Assert.Equal("b\r", segments[1].Repetitions(2)[1]);
    }

    [Theory]
    [InlineData("\uFEFF")]
    [InlineData("  \r\n")]
    public async Task Skips_a_byte_order_mark_or_blanks_before_ISA(string lead)
    {
        var (segments, findings, _) = await X12Read.SegmentsAsync(X12Read.Stream(lead + Fixtures.Isa837 + "\r\nGS*HC~\r\n"));

        Assert.Empty(findings.Items);
        Assert.Equal(["ISA", "GS"], segments.Select(s => s.Id));
    }

    [Fact]
    public async Task Tells_ordinal_and_byte_offset_of_every_segment()
    {
        var (segments, _, reader) = await X12Read.SegmentsAsync(X12Read.Stream(Fixtures.Isa837 + "\r\nGS*HC~\r\nST*837~"));

        Assert.Equal("\r\n", reader.LineEnding);
        Assert.Equal([(1, 0), (2, 108), (3, 116)], segments.Select(s => (s.Ordinal, s.Offset)));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("GS*HC*A~", 1)]
    [InlineData("ISA", 1)]
    [InlineData("ISA*00*short~", 1)]
    [InlineData("%PDF-1.7 nothing of ours", 1)]
    public async Task Says_why_bytes_without_an_ISA_are_no_X12(string text, int refusals)
    {
        var (segments, findings, _) = await X12Read.SegmentsAsync(X12Read.Stream(text));

        Assert.Empty(segments);
        Assert.Equal(refusals, findings.Refusals);
        Assert.All(findings.Items, f => Assert.Equal("ISA", f.Place!.SegmentId));
    }

    [Fact]
    public async Task Names_the_ISA_element_whose_width_is_wrong()
    {
        var (_, findings, _) = await X12Read.SegmentsAsync(X12Read.Stream(Fixtures.Isa837.Replace("*00*          *00*", "*00*         *00*", StringComparison.Ordinal)));

        var finding = Assert.Single(findings.Items);
        Assert.Equal(2, finding.Place!.Element);
        Assert.Contains("9 characters", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reports_a_file_cut_inside_a_segment_with_its_place()
    {
        var (segments, findings, _) = await X12Read.SegmentsAsync(X12Read.Stream(Fixtures.Isa837 + "GS*HC*A~CLM*PCN1*1"));

        Assert.Equal(2, segments.Count);
        var finding = Assert.Single(findings.Items);
        Assert.Equal(("SYN-TRUNCATED", "CLM", 3L, 114L), (finding.Code, finding.Place!.SegmentId, finding.Place.Segment, finding.Place.Offset));
    }

    [Fact]
    public async Task Gives_up_on_a_segment_without_end_instead_of_filling_the_memory()
    {
        var endless = Fixtures.Isa837 + new string('X', 10_000_000);
        var (_, findings, _) = await X12Read.SegmentsAsync(X12Read.Stream(endless));

        Assert.Equal("SYN-TERMINATOR", Assert.Single(findings.Items).Code);
    }

    [Fact]
    public async Task A_segment_may_straddle_any_number_of_reads()
    {
        var text = Fixtures.File837(Fixtures.Claim);
        var whole = await X12Read.SegmentsAsync(X12Read.Stream(text));
        var trickled = await X12Read.SegmentsAsync(new TricklingStream(Encoding.UTF8.GetBytes(text)));

        Assert.Equal(whole.Segments.Select(s => s.ToString()), trickled.Segments.Select(s => s.ToString()));
    }

    [Fact]
    public async Task Every_truncation_of_a_file_is_read_without_an_exception_and_refused()
    {
        var text = Fixtures.File837(Fixtures.Claim);
        for (var length = 1; length < text.TrimEnd().Length; length += 7)
            Assert.True((await X12Read.ClaimsAsync(text[..length])).Findings.HasRefusal, $"cut at {length}");
    }

    private sealed class TricklingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(3, buffer.Length)], cancellationToken);
    }
}
