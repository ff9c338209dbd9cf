namespace FhirEmr.BillingBridge.Tests.X12.Envelope;

public sealed class EnvelopeReaderTests
{
    private static readonly string File = Fixtures.File837(Fixtures.Claim);

    [Fact]
    public async Task A_sound_envelope_has_no_findings() => Assert.Empty((await X12Read.WalkEnvelopeAsync(File)).Items);

    [Theory]
    [InlineData("SE*29*0001", "SE*30*0001", "IK5-4", "SE", 1)]
    [InlineData("SE*29*0001", "SE*29*0002", "IK5-3", "SE", 2)]
    [InlineData("GE*1*7", "GE*2*7", "AK9-5", "GE", 1)]
    [InlineData("GE*1*7", "GE*1*8", "AK9-4", "GE", 2)]
    [InlineData("IEA*1*000000007", "IEA*9*000000007", "TA1-021", "IEA", 1)]
    [InlineData("IEA*1*000000007", "IEA*1*000000008", "TA1-001", "IEA", 2)]
    public async Task A_wrong_count_or_control_number_is_a_warning_at_its_element(string good, string bad, string code, string segment, int element)
    {
        var findings = await X12Read.WalkEnvelopeAsync(File.Replace(good, bad, StringComparison.Ordinal));

        var finding = Assert.Single(findings.Items);
        Assert.Equal((X12Severity.Warning, code, segment, element), (finding.Severity, finding.Code, finding.Place!.SegmentId, finding.Place.Element!.Value));
    }

    [Theory]
    [InlineData("SE*29*0001~\n", "SE")]
    [InlineData("GE*1*7~\n", "GE")]
    [InlineData("IEA*1*000000007~\n", "IEA")]
    public async Task A_missing_trailer_is_a_refusal(string trailer, string segment)
    {
        var findings = await X12Read.WalkEnvelopeAsync(File.Replace(trailer, "", StringComparison.Ordinal));

        Assert.Contains(findings.Items, f => f.Severity is X12Severity.Refusal && f.Place!.SegmentId == segment);
    }

    [Fact]
    public async Task Several_interchanges_may_follow_one_another() =>
        Assert.Empty((await X12Read.WalkEnvelopeAsync(File + "\r\n" + File)).Items);

    [Fact]
    public async Task Another_version_is_refused_at_ISA12()
    {
        var findings = await X12Read.WalkEnvelopeAsync(File.Replace("*00501*", "*00401*", StringComparison.Ordinal));

        Assert.Contains(findings.Items, f => f is { Severity: X12Severity.Refusal, Place: { SegmentId: "ISA", Element: 12 } });
    }

    [Fact]
    public async Task Numbers_segments_from_ST_as_IK302_does()
    {
        var envelope = X12Read.Envelope(File);
        var positions = new List<int?>();
        while (await envelope.ReadAsync(TestContext.Current.CancellationToken) is { } next)
            positions.Add(next.Segment.SetPosition);

        Assert.Equal([null, null, .. Enumerable.Range(1, 29), null, null], positions);
    }
}
