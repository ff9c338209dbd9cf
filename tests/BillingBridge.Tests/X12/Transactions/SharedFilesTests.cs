using System.Buffers;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Tests.X12.Transactions;

/// <summary>The given sample files: clean ones go through byte for byte, broken ones are refused for their own fault, found ones never throw.</summary>
public sealed class SharedFilesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_clean_file_is_copied_byte_for_byte()
    {
        foreach (var path in SharedX12.Clean(""))
        {
            var bytes = await File.ReadAllBytesAsync(path, Ct);
            var (segments, findings, reader) = await X12Read.SegmentsAsync(new MemoryStream(bytes));
            var output = new ArrayBufferWriter<byte>();
            var writer = new SegmentWriter(output, findings, reader.Separators, reader.LineEnding);
            segments.ForEach(writer.WriteVerbatim);

            Assert.Empty(findings.Items);
            Assert.True(output.WrittenSpan.SequenceEqual(bytes), path);
        }
    }

    [Theory]
    [InlineData("837p")]
    [InlineData("835")]
    [InlineData("999")]
    [InlineData("277ca")]
    [InlineData("270")]
    [InlineData("271")]
    public async Task Every_clean_file_survives_typed_reading_and_writing(string kind)
    {
        foreach (var path in SharedX12.Clean(kind))
        {
            var text = await File.ReadAllTextAsync(path, Ct);
            Assert.Empty((await FindingsAsync(text, kind)).Items);
            Assert.Equal(text, kind switch
            {
                "837p" => await Claim837PTests.RewriteAsync(text),
                "835" => await Remittance835Tests.RewriteAsync(text),
                "999" => await AcknowledgementTests.Rewrite999Async(text),
                _ => await HierarchyTests.RewriteAsync(text, Guide(kind)),
            });
        }
    }

    [Theory]
    [InlineData("835-bpr-does-not-balance", "BPR02")]
    [InlineData("835-service-does-not-balance", "SVC03")]
    [InlineData("837p-bad-frequency", "CLM05-3")]
    [InlineData("837p-bad-npi", "NM109")]
    [InlineData("837p-no-billing-address", "N3")]
    [InlineData("837p-pointer-out-of-range", "SV107-2")]
    [InlineData("837p-replacement-without-icn", "REF")]
    [InlineData("837p-total-differs-from-lines", "CLM02")]
    public async Task Every_broken_file_is_refused_for_its_own_fault(string name, string place)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(SharedX12.Require(), "clean", "broken", name + ".x12"), Ct);
        var findings = await FindingsAsync(text, name[..name.IndexOf('-', StringComparison.Ordinal)]);

        var first = findings.Items.First(f => f.Severity is X12Severity.Refusal);
        Assert.StartsWith(place + " (", first.Place!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_segment_count_is_named_but_does_not_lose_a_claim_that_adds_up()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(SharedX12.Require(), "clean", "broken", "837p-bad-se-count.x12"), Ct);
        var findings = await FindingsAsync(text, "837p");

        var finding = Assert.Single(findings.Items);
        Assert.Equal((X12Severity.Warning, "SE", 1), (finding.Severity, finding.Place!.SegmentId, finding.Place.Element));
    }

    [Fact]
    public async Task No_found_file_throws_whatever_reader_takes_it()
    {
        foreach (var path in Directory.EnumerateFiles(Path.Combine(SharedX12.Require(), "found")))
        {
            var text = await File.ReadAllTextAsync(path, Ct);
            foreach (var kind in (string[])["837p", "835", "999", "277ca", "270", "271", "276", "277"])
                Assert.All((await FindingsAsync(text, kind)).Items, f => Assert.NotNull(f.Place));
        }
    }

    [Fact]
    public async Task The_one_valid_found_claim_file_has_no_refusal()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(SharedX12.Require(), "found", "dbx_837p.txt"), Ct);
        Assert.Empty((await FindingsAsync(text, "837p")).Items);
    }

    private static HierarchyGuide Guide(string kind) => kind switch
    {
        "270" => HierarchyGuide.Eligibility270,
        "271" => HierarchyGuide.Eligibility271,
        "276" => HierarchyGuide.ClaimStatus276,
        "277" => HierarchyGuide.ClaimStatus277,
        _ => HierarchyGuide.ClaimAck277,
    };

    private static async Task<X12Findings> FindingsAsync(string text, string kind)
    {
        var envelope = X12Read.Envelope(text);
        switch (kind)
        {
            case "837p":
                await Claim837PReader.ReadAsync(envelope, null, Ct).ToListAsync(Ct);
                break;
            case "835":
                await Remittance835Reader.ReadAsync(envelope, Ct).ToListAsync(Ct);
                break;
            case "999":
                await Acknowledgement999.ReadAsync(envelope, Ct).ToListAsync(Ct);
                break;
            default:
                await HierarchyReader.ReadAsync(envelope, Guide(kind), Ct).ToListAsync(Ct);
                break;
        }

        return envelope.Findings;
    }
}
