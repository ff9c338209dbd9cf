using System.Text;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.BillingBridge.Tests.X12;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Interchange;

public sealed class AcknowledgementTests
{
    private readonly SmallPractice _practice = new();
    private readonly MemoryChannel _channel = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_999_accepting_the_set_forwards_its_claims()
    {
        await SubmitAsync("a1", "a2");

        var result = await ApplyAsync(Fixtures.File999(["AK1*HC*1*005010X222A1", "AK2*837*0001*005010X222A1", "IK5*A", "AK9*A*1*1*1"]));

        Assert.Equal([new ClaimMoved("a1", "forwarded"), new ClaimMoved("a2", "forwarded")], result.Moved);
        Assert.Equal(["ready → queued", "queued → submitted", "submitted → forwarded"], _practice.History("a1"));
    }

    [Fact]
    public async Task A_999_that_leaves_out_AK2_speaks_for_the_whole_group()
    {
        await SubmitAsync("a1");
        Assert.Equal("forwarded", Assert.Single((await ApplyAsync(Fixtures.File999(["AK1*HC*1*005010X222A1", "AK9*A*1*1*1"]))).Moved).Stage);
    }

    [Fact]
    public async Task A_999_rejection_shows_the_segment_sent_and_the_FHIR_element_it_came_from()
    {
        await SubmitAsync("a1", "a2");

        // Position 40 is SV1 of the second claim's first line: 9 + 2 HL blocks above it.
        var position = (await SentAsync()).FindLastIndex(s => s.StartsWith("SV1*HC:99213", StringComparison.Ordinal)) - 1;
        var result = await ApplyAsync(Fixtures.File999(
            ["AK1*HC*1*005010X222A1", "AK2*837*0001*005010X222A1", $"IK3*SV1*{position}*2400*8", "CTX*CLM01:PCNA2", "IK4*7:2*1328*7*2", "IK5*R*5", "AK9*R*1*1*0"]));

        Assert.Equal(["ack-rejected", "ack-rejected"], result.Moved.Select(m => m.Stage));
        var error = Assert.Single(result.Problems);
        Assert.Equal(("PCNA2", "IK4-7", "SV1*HC:99213:25*120*UN*1***1:2", "Claim.item[0].diagnosisSequence[1]"), (error.ControlNumber, error.Code, error.SentSegment, error.Expression));

        var tasks = _practice.Records.All<FhirTask>().ToDictionary(t => t.Focus!.Reference!);
        Assert.Contains("SV1*HC:99213:25*120", tasks["Claim/a2"].Input.Select(i => i.Value).OfType<FhirString>().First().Value, StringComparison.Ordinal);
        Assert.Contains("because of another claim", tasks["Claim/a1"].Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_segment_above_the_claim_is_counted_to_the_claim_that_follows()
    {
        await SubmitAsync("a1", "a2");
        var position = (await SentAsync()).FindLastIndex(s => s.StartsWith("NM1*IL", StringComparison.Ordinal)) - 1;
        var result = await ApplyAsync(Fixtures.File999(
            ["AK1*HC*1*005010X222A1", "AK2*837*0001*005010X222A1", $"IK3*NM1*{position}*2010*8", "IK4*9*67*7", "IK5*R*5", "AK9*R*1*1*0"]));

        Assert.Equal("PCNA2", Assert.Single(result.Problems).ControlNumber);
    }

    [Fact]
    public async Task A_missing_segment_is_explained_by_the_element_that_should_give_it()
    {
        await SubmitAsync("a1");
        var position = (await SentAsync()).FindIndex(s => s.StartsWith("NM1*82", StringComparison.Ordinal)) - 1;
        var result = await ApplyAsync(Fixtures.File999(
            ["AK1*HC*1*005010X222A1", "AK2*837*0001*005010X222A1", $"IK3*HI*{position}*2300*3", "IK5*R*5", "AK9*R*1*1*0"]));

        Assert.Equal(("IK3-3", (string?)null, "Claim.diagnosis"), result.Problems.Select(p => (p.Code, p.SentSegment, p.Expression)).Single());
    }

    [Fact]
    public async Task After_a_rejection_the_same_claim_may_be_sent_again_with_other_numbers()
    {
        await SubmitAsync("a1");
        await ApplyAsync(Fixtures.File999(["AK1*HC*1*005010X222A1", "AK2*837*0001*005010X222A1", "IK5*R*5", "AK9*R*1*1*0"]));
        _practice.SetStage("a1", ClaimStage.Ready);

        Assert.Equal("000000002", (await _practice.Submission(_channel).BatchReadyClaimsAsync(Ct)).Batches.Single().InterchangeControlNumber);
    }

    [Fact]
    public async Task Every_acknowledgement_applied_again_changes_nothing()
    {
        await SubmitAsync("a1");
        string[] files =
        [
            Fixtures.File999(["AK1*HC*1*005010X222A1", "AK2*837*0001*005010X222A1", "IK5*A", "AK9*A*1*1*1"]),
            Fixtures.File277CA(ClaimAck("STC*A2:20:PR*20260402*WQ*150", "REF*1K*FM9001")),
        ];
        foreach (var file in files)
            await ApplyAsync(file);
        var before = _practice.Records.Snapshot;

        foreach (var file in files)
        {
            var again = await ApplyAsync(file);
            Assert.Empty(again.Moved);
            Assert.Equal(1, again.Ignored);
        }

        Assert.Equal(before, _practice.Records.Snapshot);
    }

    [Fact]
    public async Task A_277CA_acceptance_keeps_the_payers_claim_number()
    {
        await SubmitAsync("a1");

        var result = await ApplyAsync(Fixtures.File277CA(ClaimAck("STC*A2:20:PR*20260402*WQ*150", "REF*1K*FM9001")));

        Assert.Equal([new ClaimMoved("a1", "accepted")], result.Moved);
        Assert.Contains(_practice.Records.Get<Claim>("a1").Identifier, i => i is { System: "urn:fhiremr:icn:FM001", Value: "FM9001" });
        var response = Assert.Single(_practice.Records.All<ClaimResponse>());
        Assert.Equal((ClaimProcessingCodes.Queued, "Claim/a1"), (response.Outcome, response.Request!.Reference));
    }

    [Fact]
    public async Task A_277CA_rejection_lists_every_status_as_an_error()
    {
        await SubmitAsync("a1");

        await ApplyAsync(Fixtures.File277CA(ClaimAck("STC*A7:164:IL*20260402*U*150******A7:500:IL**MEMBER NOT FOUND")));

        Assert.Equal(ClaimStage.PayerRejected, _practice.Stage("a1"));
        var response = Assert.Single(_practice.Records.All<ClaimResponse>());
        Assert.Equal(ClaimProcessingCodes.Error, response.Outcome);
        Assert.Equal(["164", "500"], response.Error.Select(e => e.Code!.Coding[1].Code));
        Assert.Equal(["fix-rejection"], _practice.TaskCodes);
    }

    [Theory]
    [InlineData("P1:20:PR", "WQ", "pended")]
    [InlineData("A1:20:PR", "WQ", "accepted")]
    [InlineData("A0:20:PR", "WQ", "forwarded")]
    [InlineData("R4:20:PR", "WQ", "pended")]
    [InlineData("F1:65", "WQ", "submitted")]
    [InlineData("A3:21", "U", "payer-rejected")]
    public async Task Each_status_category_has_its_stage(string status, string action, string stage)
    {
        await SubmitAsync("a1");
        await ApplyAsync(Fixtures.File277CA(ClaimAck($"STC*{status}*20260402*{action}*150")));
        Assert.Equal(stage, _practice.Stage("a1"));
    }

    [Fact]
    public async Task A_late_999_does_not_move_an_accepted_claim_back()
    {
        await SubmitAsync("a1");
        await ApplyAsync(Fixtures.File277CA(ClaimAck("STC*A2:20:PR*20260402*WQ*150")));
        var late = await ApplyAsync(Fixtures.File999(["AK1*HC*1*005010X222A1", "AK2*837*0001*005010X222A1", "IK5*A", "AK9*A*1*1*1"]));

        Assert.Empty(late.Moved);
        Assert.Equal(ClaimStage.Accepted, _practice.Stage("a1"));
    }

    [Fact]
    public async Task A_rejection_above_the_claims_rejects_every_claim_of_the_batch()
    {
        await SubmitAsync("a1", "a2");
        var result = await ApplyAsync(Fixtures.File277CA(
            ["BHT*0085*08*X2*20260402*0900*TH", "HL*1**20*1", "NM1*AY*2*HUB*****46*HUBONE", "TRN*1*X2", "HL*2*1*21*1", "NM1*41*2*US*****46*OURPRACTICE", "TRN*2*B1", "STC*A3:24:41*20260402*U*300"]));

        Assert.Equal(["payer-rejected", "payer-rejected"], result.Moved.Select(m => m.Stage));
    }

    [Theory]
    [InlineData("TRN*2~")]
    [InlineData("TRN*2* ")]
    [InlineData(null)]
    public async Task A_rejection_that_names_no_batch_rejects_no_claim(string? trace)
    {
        await SubmitAsync("a1", "a2");
        string[] body = ["BHT*0085*08*X2*20260402*0900*TH", "HL*1**20*1", "NM1*AY*2*HUB*****46*HUBONE", "TRN*1*X2", "HL*2*1*21*1", "NM1*41*2*US*****46*OURPRACTICE", "TRN*2*B1", "STC*A3:24:41*20260402*U*300"];

        var result = await ApplyAsync(Fixtures.File277CA(body.With("TRN*2", trace?.TrimEnd('~'))));

        Assert.Empty(result.Moved);
        Assert.NotEmpty(result.Unmatched);
        Assert.Equal(ClaimStage.Submitted, _practice.Stage("a1"));
    }

    [Fact]
    public async Task A_999_or_TA1_without_a_number_rejects_no_claim()
    {
        await SubmitAsync("a1");
        var before = _practice.Records.Snapshot;

        Assert.NotEmpty((await ApplyAsync(Fixtures.File999(["AK1*HC**005010X222A1", "AK2*837*0001*005010X222A1", "IK5*R*5", "AK9*R*1*1*0"]))).Unmatched);
        Assert.NotEmpty((await ApplyAsync(Fixtures.Isa837 + "\nTA1**260401*0800*R*006~\nIEA*0*000000007~\n")).Unmatched);

        Assert.Equal(before, _practice.Records.Snapshot);
    }

    [Fact]
    public async Task A_TA1_rejection_rejects_the_interchange()
    {
        await SubmitAsync("a1");
        var result = await ApplyAsync(Fixtures.Isa837 + "\nTA1*000000001*260401*0800*R*006~\nIEA*0*000000007~\n");

        Assert.Equal([new ClaimMoved("a1", "ack-rejected")], result.Moved);
    }

    [Fact]
    public async Task Numbers_that_are_not_ours_are_named()
    {
        await SubmitAsync("a1");
        Assert.Equal(["functional group 99"], (await ApplyAsync(Fixtures.File999(["AK1*HC*99*005010X222A1", "AK9*A*1*1*1"]))).Unmatched);
        Assert.Equal(
            ["patient control number STRANGER"],
            (await ApplyAsync(Fixtures.File277CA(ClaimAck("STC*A2:20:PR*20260402*WQ*150").With("TRN*2*PCN", "TRN*2*STRANGER")))).Unmatched);
    }

    [Theory]
    [InlineData("not x12 at all")]
    [InlineData("")]
    public async Task Garbage_is_refused_and_changes_nothing(string text)
    {
        await SubmitAsync("a1");
        var before = _practice.Records.Snapshot;
        Assert.True((await ApplyAsync(text)).IsRefused);
        Assert.Equal(before, _practice.Records.Snapshot);
    }

    [Fact]
    public async Task A_truncated_277CA_applies_nothing()
    {
        await SubmitAsync("a1");
        var before = _practice.Records.Snapshot;
        var file = Fixtures.File277CA(ClaimAck("STC*A2:20:PR*20260402*WQ*150"));
        Assert.True((await ApplyAsync(file[..(file.Length - 40)])).IsRefused);
        Assert.Equal(before, _practice.Records.Snapshot);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?")]
    [InlineData("é:^")]
    public async Task Odd_content_in_any_element_is_applied_or_refused(string odd)
    {
        string[] answer = ClaimAck("STC*A7:164:IL*20260402*U*150******A7:500:IL**SEE NOTES", "REF*1K*FM9001", "DTP*472*D8*20260330");
        string[] rejection = ["AK1*HC*1*005010X222A1", "AK2*837*0001*005010X222A1", "IK3*SV1*30*2400*8", "CTX*CLM01:PCNA1", "IK4*7:2*1328*7*2", "IK5*R*5", "AK9*R*1*1*0"];
        await SubmitAsync("a1");
        foreach (var lines in (string[][])[answer, rejection])
        {
            foreach (var (at, line) in lines.Index())
            {
                for (var element = 1; element < line.Split('*').Length; element++)
                {
                    _practice.SetStage("a1", ClaimStage.Submitted);
                    var parts = line.Split('*');
                    parts[element] = odd;
                    var body = lines.Select((l, i) => i == at ? string.Join('*', parts) : l);
                    Assert.NotNull(await ApplyAsync(lines == answer ? Fixtures.File277CA(body) : Fixtures.File999(body)));
                }
            }
        }
    }

    [Fact]
    public async Task A_conflict_is_decided_again_on_fresh_claims()
    {
        await SubmitAsync("a1");
        var conflicts = 2;
        _practice.Records.BeforeCommit = () =>
        {
            if (conflicts-- > 0)
                _practice.Records.Put(_practice.Records.Get<Claim>("a1")); // somebody saved it
        };

        Assert.Single((await ApplyAsync(Fixtures.File277CA(ClaimAck("STC*A2:20:PR*20260402*WQ*150")))).Moved);
        Assert.Single(_practice.Records.All<ClaimResponse>());
    }

    private static string[] ClaimAck(string stc, params string[] more) =>
    [
        "BHT*0085*08*X1*20260402*0900*TH", "HL*1**20*1", "NM1*AY*2*HUB ONE*****46*HUBONE", "TRN*1*X1", "HL*2*1*21*1",
        "NM1*41*2*HILLTOP CLINIC*****46*OURPRACTICE", "TRN*2*B1", "STC*A1:19:PR*20260402*WQ*150", "HL*3*2*19*1",
        "NM1*85*2*HILLTOP CLINIC*****XX*1234567893", "TRN*1*0", "STC*A1:19:PR**WQ*150", "HL*4*3*PT", "NM1*QC*1*DOE*ROWAN****MI*M100200",
        "TRN*2*PCNA1", stc, .. more,
    ];

    private async Task SubmitAsync(params string[] claims)
    {
        foreach (var claim in claims)
            _practice.AddClaim(claim);
        var pipeline = _practice.Submission(_channel);
        await pipeline.BatchReadyClaimsAsync(Ct);
        await pipeline.DispatchAsync(Ct);
    }

    private async Task<List<string>> SentAsync() =>
        [.. (await X12Read.SegmentsAsync(new MemoryStream(_channel.Sent.Values.Single()))).Segments.Select(s => s.ToString())];

    private Task<AcknowledgementResult> ApplyAsync(string text) =>
        _practice.Submission(_channel).ApplyAcknowledgementAsync(new MemoryStream(Encoding.ASCII.GetBytes(text)), Ct);
}
