using System.Text;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.BillingBridge.Tests.X12;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests;

public sealed class ClaimStatusPipelineTests
{
    private readonly SmallPractice _practice = new();
    private readonly MemoryChannel _channel = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writes_the_276_that_the_guide_asks_for()
    {
        AddSubmitted("a1");

        var asked = await Pipeline().AskAsync(["a1"], Ct);

        Assert.Empty(asked.NotAsked);
        Assert.Equal("276-000000001.x12", asked.FileName);
        Assert.Equal(
            """
            ISA*00*          *00*          *ZZ*OURPRACTICE    *ZZ*HUBONE         *260401*0800*^*00501*000000001*0*T*:~
            GS*HR*OURPRACTICE*HUBONE*20260401*0800*1*X*005010X212~
            ST*276*0001*005010X212~
            BHT*0010*13*S000000001-1*20260401*0800~
            HL*1**20*1~
            NM1*PR*2*FIRST MUTUAL*****PI*FM001~
            HL*2*1*21*1~
            NM1*41*2*HILLTOP CLINIC*****46*OURPRACTICE~
            HL*3*2*19*1~
            NM1*1P*2*HILLTOP CLINIC*****XX*1234567893~
            HL*4*3*22*0~
            DMG*D8*19700101*F~
            NM1*IL*1*DOE*ROWAN*LEE***MI*M100200~
            TRN*1*S000000001-1~
            REF*1K*FM9001~
            REF*EJ*PCNA1~
            REF*D9*T7-1~
            AMT*T3*150~
            DTP*472*D8*20260330~
            SVC*HC:99213:25*120*****1~
            REF*FJ*PCNA1-1~
            DTP*472*D8*20260330~
            SVC*HC:87880*30*****1~
            REF*FJ*PCNA1-2~
            DTP*472*D8*20260330~
            SE*24*0001~
            GE*1*1~
            IEA*1*000000001~

            """.ReplaceLineEndings("\n"),
            await SentAsync());
    }

    [Fact]
    public async Task What_is_written_is_read_back_without_a_finding_and_written_equal()
    {
        AddSubmitted("a1");
        AddSubmitted("a2", c => (c.Relationship, c.Subscriber) = (new CodeableConcept("x", "spouse"), new ResourceReference("RelatedPerson/spouse")));
        _practice.Records.Put(new RelatedPerson { Id = "spouse", Patient = new ResourceReference("Patient/p-a2"), Name = [new HumanName { Family = "Doe", Given = ["Sky"] }] });
        await Pipeline().AskAsync(["a1", "a2"], Ct);
        var file = await SentAsync();

        var envelope = X12Read.Envelope(file);
        var items = await HierarchyReader.ReadAsync(envelope, HierarchyGuide.ClaimStatus276, Ct).ToListAsync(Ct);

        Assert.Empty(envelope.Findings.Items);
        Assert.Equal(["22/0", "22/1", "23/0"], items.OfType<HierarchyItem.Level>().Where(l => l.IsPerson).Select(l => $"{l.Hl.Level}/{l.Hl.HasChildren}"));
        Assert.Equal(file, await X12.Transactions.HierarchyTests.RewriteAsync(file, HierarchyGuide.ClaimStatus276));
    }

    [Fact]
    public async Task A_claim_that_cannot_be_asked_about_is_named_and_spends_no_number()
    {
        AddSubmitted("a1", c => c.Payor = []);

        var asked = await Pipeline().AskAsync(["a1", "nobody"], Ct);

        Assert.Null(asked.FileName);
        Assert.Equal(["a1", "nobody"], asked.NotAsked.Select(n => n.ClaimId));
        Assert.Empty(_practice.Records.All<DocumentReference>());
    }

    [Theory]
    [InlineData("A1:19", ClaimStage.Accepted, 0)]
    [InlineData("A0:16", ClaimStage.Forwarded, 0)]
    [InlineData("A4:35", ClaimStage.PayerRejected, 1)]
    [InlineData("A7:164:IL", ClaimStage.PayerRejected, 1)]
    [InlineData("P1:20", ClaimStage.Pended, 0)]
    [InlineData("R3:297", ClaimStage.Pended, 1)]
    [InlineData("F1:65", ClaimStage.Submitted, 0)]
    [InlineData("E1:0", ClaimStage.Submitted, 1)]
    public async Task A_category_moves_the_claim_and_makes_the_work_it_should(string status, string stage, int tasks)
    {
        AddSubmitted("a1");

        var result = await ApplyAsync("S000000001-1", "REF*EJ*PCNA1", status);

        Assert.Empty(result.Findings);
        Assert.Equal(("277", stage, tasks), (result.Kind, _practice.Stage("a1"), _practice.Records.All<FhirTask>().Count()));
        Assert.Equal($"277 {status}", Assert.Single(_practice.Records.All<ClaimResponse>()).Disposition);
    }

    [Theory]
    [InlineData("OTHER", "REF*D9*T7-1")]
    [InlineData("S000000001-1", "REF*EA*CHART7")]
    public async Task An_answer_without_our_number_finds_its_claim_by_trace_or_question(string trace, string reference)
    {
        AddSubmitted("a1");
        await Pipeline().AskAsync(["a1"], Ct);

        await ApplyAsync(trace, reference, "P1:20");

        Assert.Equal(ClaimStage.Pended, _practice.Stage("a1"));
    }

    [Fact]
    public async Task An_answer_to_nothing_of_ours_is_named_and_the_same_one_twice_is_ignored()
    {
        AddSubmitted("a1");
        await ApplyAsync("S000000001-1", "REF*EJ*PCNA1", "P1:20");
        var before = _practice.Records.Snapshot;

        Assert.Equal(1, (await ApplyAsync("S000000001-1", "REF*EJ*PCNA1", "P1:20")).Ignored);
        Assert.Equal(["patient control number NOTOURS"], (await ApplyAsync("S000000009-1", "REF*EJ*NOTOURS", "P1:20")).Unmatched);
        Assert.Equal(before, _practice.Records.Snapshot);
    }

    [Fact]
    public async Task Each_claim_of_one_person_gets_its_own_status()
    {
        AddSubmitted("a1");
        AddSubmitted("a2");

        await ApplyAsync("S1", "REF*EJ*PCNA1", "P1:20", "TRN*2*S2", "STC*A7:164:IL*20260402", "REF*EJ*PCNA2");

        Assert.Equal((ClaimStage.Pended, ClaimStage.PayerRejected), (_practice.Stage("a1"), _practice.Stage("a2")));
    }

    [Theory]
    [InlineData("TRN*2", "TRN")]
    [InlineData("STC*", "STC")]
    public async Task A_claim_without_number_or_status_refuses_the_file(string removed, string segment)
    {
        var result = await _practice.Submission(_channel).ApplyAcknowledgementAsync(
            X12Read.Stream(Fixtures.File277(Answer("S1", "REF*EJ*PCNA1", "P1:20").With(removed, null))), Ct);

        Assert.True(result.IsRefused);
        Assert.Equal(segment, result.Findings[0].Place!.SegmentId);
    }

    private static IEnumerable<string> Answer(string trace, string reference, string status, params string[] more) =>
    [
        "BHT*0010*08*PAYERREF*20260402*0900*DG", "HL*1**20*1", "NM1*PR*2*FIRST MUTUAL*****PI*FM001", "HL*2*1*21*1",
        "NM1*41*2*HILLTOP CLINIC*****46*OURPRACTICE", "HL*3*2*19*1", "NM1*1P*2*HILLTOP CLINIC*****XX*1234567893", "HL*4*3*22*0",
        "NM1*IL*1*DOE*ROWAN****MI*M100200", $"TRN*2*{trace}", $"STC*{status}*20260402**150", reference, .. more,
    ];

    private Task<AcknowledgementResult> ApplyAsync(string trace, string reference, string status, params string[] more) =>
        _practice.Submission(_channel).ApplyAcknowledgementAsync(X12Read.Stream(Fixtures.File277(Answer(trace, reference, status, more))), Ct);

    private ClaimStatusPipeline Pipeline() => new(_practice.Records, SmallPractice.Options, SmallPractice.Time);

    private void AddSubmitted(string id, Action<Coverage>? changeCoverage = null)
    {
        _practice.AddClaim(
            id,
            change: c => c.Identifier.AddRange([new Identifier(BillingUrls.Trace, id == "a1" ? "T7-1" : "T7-2"), new Identifier(BillingUrls.Icn("FM001"), "FM9001")]),
            changeCoverage: changeCoverage);
        _practice.SetStage(id, ClaimStage.Submitted);
    }

    private async Task<string> SentAsync()
    {
        var sent = Assert.Single((await _practice.Submission(_channel).DispatchAsync(Ct)).Files);
        Assert.True(sent.IsSent, sent.Problem);
        return Encoding.ASCII.GetString(_channel.Sent[sent.FileName]);
    }
}
