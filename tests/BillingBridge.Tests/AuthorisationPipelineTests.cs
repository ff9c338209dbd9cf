using System.Text;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange.Authorisation;
using FhirEmr.BillingBridge.MockPayer;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.BillingBridge.Tests.X12;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests;

public sealed class AuthorisationPipelineTests
{
    private readonly SmallPractice _practice = new();
    private readonly MemoryChannel _channel = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private AuthorisationPipeline Pipeline => new(_practice.Records, SmallPractice.Options, SmallPractice.Time);

    [Fact]
    public async Task Writes_the_278_that_the_guide_asks_for()
    {
        Add("a1");

        var sent = Assert.IsType<AuthorisationResult.Sent>(await Pipeline.SubmitAsync("a1", Ct));

        Assert.Equal("278-000000001.x12", sent.FileName);
        Assert.Equal(
            """
            ISA*00*          *00*          *ZZ*OURPRACTICE    *ZZ*HUBONE         *260401*0800*^*00501*000000001*0*T*:~
            GS*HI*OURPRACTICE*HUBONE*20260401*0800*1*X*005010X217~
            ST*278*0001*005010X217~
            BHT*0007*13*A000000001-1*20260401*0800~
            HL*1**20*1~
            NM1*X3*2*FIRST MUTUAL*****PI*FM001~
            HL*2*1*21*1~
            NM1*1P*2*HILLTOP CLINIC*****XX*1234567893~
            HL*3*2*22*1~
            NM1*IL*1*DOE*ROWAN*LEE***MI*M100200~
            REF*6P*G55~
            N3*1 OAK LANE*APT 4~
            N4*SALEM*OR*97301~
            DMG*D8*19700101*F~
            HL*4*3*EV*1~
            TRN*1*A000000001-1*9931234567~
            UM*HS*I*1*11:B~
            DTP*AAH*RD8*20260410-20260701~
            HI*ABK:M545~
            NM1*SJ*1*NUNEZ*ALBA****XX*1987654328~
            PRV*PE*PXC*207Q00000X~
            HL*5*4*SS*0~
            TRN*1*A000000001-1.1*9931234567~
            DTP*472*RD8*20260410-20260701~
            SV1*HC:97110:GP*720*UN*12~
            SE*24*0001~
            GE*1*1~
            IEA*1*000000001~

            """.ReplaceLineEndings("\n"),
            await SentAsync());
        var response = _practice.Records.All<ClaimResponse>().Single();
        Assert.Equal((ClaimProcessingCodes.Queued, ClaimUseCode.Preauthorization, "Claim/a1"), (response.Outcome, response.Use, response.Request!.Reference));
        Assert.Equal(FinancialResourceStatusCodes.Active, _practice.Records.Get<Claim>("a1").Status);
    }

    [Fact]
    public async Task What_is_asked_is_said_in_the_terms_of_PAS()
    {
        Add("a1", c =>
        {
            c.Item[0].AddExtension(AuthorisationUrls.RequestType, new CodeableConcept("https://codesystem.x12.org/005010/1525", "SC"));
            c.Item[0].AddExtension(AuthorisationUrls.CertificationType, new CodeableConcept("https://codesystem.x12.org/005010/1322", "R"));
            c.Item[0].Category = new CodeableConcept("https://codesystem.x12.org/005010/1365", "PT");
        });

        await Pipeline.SubmitAsync("a1", Ct);

        Assert.Contains("UM*SC*R*PT*11:B~", await SentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asked_twice_it_is_sent_once()
    {
        Add("a1");
        await Pipeline.SubmitAsync("a1", Ct);
        var before = _practice.Records.Snapshot;

        Assert.IsType<AuthorisationResult.Known>(await Pipeline.SubmitAsync("a1", Ct));
        Assert.Equal(before, _practice.Records.Snapshot);
    }

    [Fact]
    public async Task Says_what_is_missing_and_spends_no_number()
    {
        Add("a1", c => (c.Use, c.Item[0].Sequence) = (ClaimUseCode.Claim, null));

        var refused = Assert.IsType<AuthorisationResult.NotAsked>(await Pipeline.SubmitAsync("a1", Ct));

        Assert.Equal(["Claim.use", "Claim.item[0]"], refused.Problems.Select(p => p.Expression));
        Assert.Empty(_practice.Records.All<DocumentReference>());
        Assert.IsType<AuthorisationResult.NoSuchClaim>(await Pipeline.SubmitAsync("nobody", Ct));
    }

    [Theory]
    [InlineData("A1", ClaimProcessingCodes.Complete, "AU77", 12)]
    [InlineData("A6", ClaimProcessingCodes.Complete, "AU77", 8)]
    [InlineData("A2", ClaimProcessingCodes.Complete, "AU77", 8)]
    [InlineData("A3", ClaimProcessingCodes.Complete, null, null)]
    [InlineData("A4", ClaimProcessingCodes.Queued, null, null)]
    [InlineData("C", ClaimProcessingCodes.Complete, null, null)]
    [InlineData("CT", ClaimProcessingCodes.Partial, null, null)]
    public async Task A_decision_becomes_a_review_action_and_what_is_certified(string action, ClaimProcessingCodes outcome, string? number, int? units)
    {
        Add("a1");
        await Pipeline.SubmitAsync("a1", Ct);

        var result = await ApplyAsync(Answer($"HCR*{action}*AU77", "DTP*007*RD8*20260410-20260930", units is 12 or null ? [] : ["HL*5*4*SS*0", "TRN*2*A000000001-1.1*9931234567", $"HCR*{action}", $"SV1*HC:97110:GP**UN*{units}"]));

        Assert.Equal(["a1"], result.ClaimIds);
        var response = _practice.Records.All<ClaimResponse>().Single();
        Assert.Equal((outcome, number), (response.Outcome, response.PreAuthRef));
        Assert.Equal([action], AuthorisationResponseMapping.Actions(response));
        if (number is null)
        {
            Assert.Empty(response.AddItem);
            return;
        }

        Assert.Equal(("2026-04-10", "2026-09-30"), (response.PreAuthPeriod!.Start, response.PreAuthPeriod.End));
        Assert.Equal(("97110", (decimal?)units), (response.AddItem.Single().ProductOrService!.Coding[0].Code, response.AddItem[0].Quantity!.Value));
        Assert.Equal("Coverage/c-a1", response.Insurance.Single().Coverage!.Reference);
    }

    [Fact]
    public async Task Each_service_has_its_own_decision_and_the_event_speaks_for_the_rest()
    {
        Add("a1", c => c.Item.Add(new Claim.ItemComponent { Sequence = 2, ProductOrService = new CodeableConcept("http://www.ama-assn.org/go/cpt", "97140"), Quantity = new Quantity { Value = 4 } }));
        await Pipeline.SubmitAsync("a1", Ct);

        await ApplyAsync(Answer("HCR*A1*AU77", "DTP*007*D8*20260410", ["HL*5*4*SS*0", "TRN*2*A000000001-1.2*9931234567", "HCR*A3**0V", "SV1*HC:97140**UN*4"]));

        var response = _practice.Records.All<ClaimResponse>().Single();
        Assert.Equal(["A1", "A3"], AuthorisationResponseMapping.Actions(response));
        Assert.Equal([1], response.AddItem.Single().ItemSequence.OfType<int>());
        Assert.Equal(["obtain-auth"], _practice.TaskCodes);
    }

    [Fact]
    public async Task A_request_the_payer_cannot_take_names_the_reason_and_may_be_sent_again()
    {
        Add("a1");
        await Pipeline.SubmitAsync("a1", Ct);

        await ApplyAsync(["BHT*0007*11*A000000001-1*20260402*0900*18", "HL*1**20*1", "NM1*X3*2*FIRST MUTUAL*****PI*FM001", "HL*2*1*21*1", "NM1*1P*2*HILLTOP CLINIC*****XX*1234567893", "HL*3*2*22*0", "TRN*2*A000000001-1*9931234567", "NM1*IL*1*DOE*ROWAN*LEE***MI*M100200", "AAA*N**72*C"]);

        var response = _practice.Records.All<ClaimResponse>().Single();
        Assert.Equal((ClaimProcessingCodes.Error, "72"), (response.Outcome, response.Error[0].Code!.Coding[0].Code));
        Assert.Equal(["obtain-auth"], _practice.TaskCodes);
        Assert.Equal("278-000000002.x12", Assert.IsType<AuthorisationResult.Sent>(await Pipeline.SubmitAsync("a1", Ct)).FileName);
        Assert.Equal(ClaimProcessingCodes.Queued, _practice.Records.All<ClaimResponse>().Single().Outcome);
    }

    [Fact]
    public async Task Applying_a_file_again_changes_nothing_and_an_older_pended_undoes_nothing()
    {
        Add("a1");
        await Pipeline.SubmitAsync("a1", Ct);
        var certified = Answer("HCR*A1*AU77", "DTP*007*D8*20260410", []);
        await ApplyAsync(certified);
        var before = _practice.Records.Snapshot;

        Assert.Equal(1, (await ApplyAsync(certified)).Ignored);
        Assert.Equal(1, (await ApplyAsync(Answer("HCR*A4", "REF*NT*R1", []), control: "8")).Ignored);
        Assert.Equal(["trace A9-9"], (await ApplyAsync([.. Answer("HCR*A1", "REF*NT*R1", []).Select(l => l.Replace("A000000001-1", "A9-9", StringComparison.Ordinal))], control: "9")).Unmatched);

        Assert.Equal(before, _practice.Records.Snapshot);
    }

    [Fact]
    public async Task A_pended_request_is_asked_about_once_until_it_is_answered()
    {
        Add("a1", member: "PEND100");
        Assert.IsType<AuthorisationResult.NotAsked>(await Pipeline.InquireAsync("a1", Ct));
        await Pipeline.SubmitAsync("a1", Ct);
        await AnswerByMockAsync("278-000000001.x12");
        Assert.Equal(["A4"], AuthorisationResponseMapping.Actions(_practice.Records.All<ClaimResponse>().Single()));

        var asked = Assert.IsType<AuthorisationResult.Sent>(await Pipeline.InquireAsync("a1", Ct));
        Assert.IsType<AuthorisationResult.Known>(await Pipeline.InquireAsync("a1", Ct));
        var file = await AnswerByMockAsync(asked.FileName);

        Assert.Contains("005010X215~", file, StringComparison.Ordinal);
        Assert.Contains("BHT*0007*28*A000000002-1", file, StringComparison.Ordinal);
        Assert.Contains("REF*NT*R00000000104~", file, StringComparison.Ordinal);
        var response = _practice.Records.All<ClaimResponse>().Single();
        Assert.Equal((ClaimProcessingCodes.Complete, "AUTH00000000104"), (response.Outcome, response.PreAuthRef));
        Assert.IsType<AuthorisationResult.Known>(await Pipeline.InquireAsync("a1", Ct));
    }

    [Theory]
    [InlineData("M100200", "A1", 12)]
    [InlineData("PART1", "A2", 6)]
    [InlineData("NOAUTH1", "A3", null)]
    public async Task The_mock_payer_decides_by_the_member(string member, string action, int? units)
    {
        Add("a1", member: member);
        await Pipeline.SubmitAsync("a1", Ct);

        await AnswerByMockAsync("278-000000001.x12");

        var response = _practice.Records.All<ClaimResponse>().Single();
        Assert.Equal([action], AuthorisationResponseMapping.Actions(response));
        Assert.Equal(units, (int?)response.AddItem.Select(a => a.Quantity?.Value).FirstOrDefault());
    }

    [Fact]
    public async Task What_we_write_reads_back_the_same()
    {
        Add("a1");
        await Pipeline.SubmitAsync("a1", Ct);
        var file = await SentAsync();

        var rewritten = await X12Read.RewriteAsync(file, async (reader, writer) =>
        {
            await foreach (var item in BillingBridge.X12.Transactions.HierarchyReader.ReadAsync(reader, BillingBridge.X12.Transactions.HierarchyGuide.Review278, Ct))
                BillingBridge.X12.Transactions.HierarchyReader.Write(item, writer);
            Assert.Empty(reader.Findings.Items);
        });

        Assert.Equal(file, rewritten);
    }

    private static string[] Answer(string decision, string date, string[] services) =>
    [
        "BHT*0007*11*A000000001-1*20260402*0900*18", "HL*1**20*1", "NM1*X3*2*FIRST MUTUAL*****PI*FM001", "HL*2*1*21*1", "NM1*1P*2*HILLTOP CLINIC*****XX*1234567893",
        "HL*3*2*22*1", "NM1*IL*1*DOE*ROWAN*LEE***MI*M100200", $"HL*4*3*EV*{(services.Length > 0 ? 1 : 0)}", "TRN*2*A000000001-1*9931234567", "UM*HS*I*1*11:B",
        decision, date, .. services,
    ];

    private Task<AuthorisationAnswered> ApplyAsync(IEnumerable<string> lines, string control = "7") => Pipeline.ApplyAsync(
        new MemoryStream(Encoding.ASCII.GetBytes(Fixtures.File278(lines).Replace("000000007", $"00000000{control}", StringComparison.Ordinal))), Ct);

    private async Task<string> SentAsync()
    {
        await _practice.Submission(_channel).DispatchAsync(Ct);
        return Encoding.ASCII.GetString(_channel.Sent.Values.Last());
    }

    /// <summary>Sends the file, has the mock payer answer it and applies the answer; gives the file sent.</summary>
    private async Task<string> AnswerByMockAsync(string name)
    {
        await _practice.Submission(_channel).DispatchAsync(Ct);
        var file = _channel.Sent[name];
        var answer = await ScriptedPayer.AnswerAsync(name, file, new MockScript(), SmallPractice.Now, Ct);
        var result = await Pipeline.ApplyAsync(new MemoryStream(Assert.Single(answer.Files).Content.ToArray()), Ct);
        Assert.False(result.IsRefused, string.Join('\n', result.Findings));
        Assert.Single(result.ClaimIds);
        return Encoding.ASCII.GetString(file);
    }

    private void Add(string id, Action<Claim>? change = null, string member = "M100200") => _practice.AddClaim(id, member, c =>
    {
        c.Extension.Clear();
        (c.Use, c.Identifier, c.Total) = (ClaimUseCode.Preauthorization, [], null);
        c.Diagnosis = [SmallPractice.Diagnosis(1, "M54.5")];
        var item = SmallPractice.Line(1, "97110", 720m, ["GP"], 1);
        item.Quantity = new Quantity { Value = 12 };
        item.Serviced = new Period { Start = "2026-04-10", End = "2026-07-01" };
        c.Item = [item];
        change?.Invoke(c);
    });
}
