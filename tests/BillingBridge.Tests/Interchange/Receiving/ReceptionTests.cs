using System.Text;
using FhirEmr.BillingBridge.Channels;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Remittance;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.BillingBridge.Tests.X12;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Interchange.Receiving;

public sealed class ReceptionTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("reception").FullName;
    private readonly SmallPractice _practice = new();
    private readonly FolderChannel _channel;

    public ReceptionTests() => _channel = new FolderChannel(_root, ChannelKind.Mock);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Remittance => Fixtures.File835(Fixtures.Remittance).Inbound();

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_good_835_is_answered_by_an_accepting_999_and_by_nothing_else()
    {
        await ReceiveAsync("p.835", Remittance);

        var (name, text) = Assert.Single(await SentAsync());
        Assert.Equal("999-000000001.x12", name);
        Assert.Equal(
            [
                "ISA*00*          *00*          *ZZ*OURPRACTICE    *ZZ*HUBONE         *260401*0800*^*00501*000000001*0*T*:", "GS*FA*OURPRACTICE*HUBONE*20260401*0800*1*X*005010X231A1",
                "ST*999*0001*005010X231A1", "AK1*HP*7*005010X221A1", "AK2*835*0001", "IK5*A", "AK9*A*1*1*1", "SE*6*0001", "GE*1*1", "IEA*1*000000001",
            ],
            Lines(text));
    }

    [Fact]
    public async Task A_TA1_is_written_when_the_sender_asks_for_one()
    {
        await ReceiveAsync("p.835", Fixtures.File835(Fixtures.Remittance).Inbound(requested: "1"));

        Assert.Contains("TA1*000000007*260401*0800*A*000", Lines((await SentAsync())["TA1-000000001.x12"]));
    }

    [Fact]
    public async Task Every_set_a_payment_was_refused_in_is_rejected_at_its_segment_and_element()
    {
        var file = Fixtures.File835(Fixtures.Remittance.With("SVC*HC:87880", "SVC*HC:87880*30*21**1")).Inbound();

        await ReceiveAsync("p.835", file);

        // BPR is ST's first follower (2); the second SVC is the sixteenth segment, and its payment does not follow from its adjustments.
        Assert.Equal(
            ["AK1*HP*7*005010X221A1", "AK2*835*0001", "IK3*SVC*16*2110*8", "CTX*TRN02:E77", "IK4*3*782*7*21", "IK5*R*5", "AK9*R*1*1*0"],
            Lines(Assert.Single(await SentAsync()).Value).Skip(3).SkipLast(3).Where(l => !l.Contains("CLP", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_wrong_count_is_accepted_with_errors()
    {
        await ReceiveAsync("p.835", Remittance.Replace("SE*21*", "SE*22*", StringComparison.Ordinal).Replace("IEA*1*", "IEA*2*", StringComparison.Ordinal));

        var sent = await SentAsync();
        Assert.Contains("IK5*E*4", Lines(sent["999-000000002.x12"]));
        Assert.Contains("AK9*E*1*1*1", Lines(sent["999-000000002.x12"]));
        Assert.Contains("TA1*000000007*260401*0800*E*021", Lines(sent["TA1-000000001.x12"]));
        Assert.Single(_practice.Records.All<PaymentReconciliation>());
    }

    [Fact]
    public async Task An_acknowledgement_is_not_acknowledged()
    {
        await ReceiveAsync("a.999", Fixtures.File999(["AK1*HC*1*005010X222A1", "AK9*A*1*1*1"]).Inbound());
        await ReceiveAsync("a.ta1", Fixtures.IsaInbound.Replace("000000007", "000000008", StringComparison.Ordinal) + "\nTA1*000000001*260401*0800*A*000~\nIEA*0*000000008~\n");

        Assert.Empty(await SentAsync());
    }

    [Fact]
    public async Task The_same_interchange_again_is_told_archived_and_answered_no_second_time()
    {
        await ReceiveAsync("p.835", Remittance);
        await SentAsync();
        var before = _practice.Records.Snapshot;

        var again = Assert.Single(await ReceiveAsync("again.835", Remittance.Replace("\n", "\r\n", StringComparison.Ordinal)));

        Assert.False(again.IsRefused);
        Assert.Contains("000000007 from ZZ/HUBONE was applied on 2026-04-01", again.Ignored, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_channel.Archive, "again.835")));
        Assert.Equal(before, _practice.Records.Snapshot);
        Assert.Single(await SentAsync());
    }

    [Fact]
    public async Task The_same_number_with_other_content_is_refused_with_work_and_a_TA1()
    {
        await ReceiveAsync("p.835", Remittance);
        var other = Assert.Single(await ReceiveAsync("other.835", Remittance.Replace("TRN*1*E77", "TRN*1*E78", StringComparison.Ordinal)));

        Assert.True(other.IsRefused);
        Assert.True(File.Exists(Path.Combine(_channel.Rejected, "other.835")));
        Assert.Contains("has other content", Assert.Single(_practice.Records.All<FhirTask>(), t => t.Code!.Coding[0].Code == "refused-file").Description, StringComparison.Ordinal);
        Assert.Contains("TA1*000000007*260401*0800*R*025", Lines((await SentAsync())["TA1-000000002.x12"]));
        Assert.Single(_practice.Records.All<PaymentReconciliation>());
    }

    [Fact]
    public async Task A_partner_who_gives_numbers_twice_may()
    {
        var options = SmallPractice.Options;
        options.Partners = [new TradingPartner { Id = "HUBONE", ReusesControlNumbers = true }];
        await ReceiveAsync("p.835", Remittance, options);
        await ReceiveAsync("other.835", Remittance.Replace("TRN*1*E77", "TRN*1*E78", StringComparison.Ordinal), options);

        Assert.Equal(2, _practice.Records.All<PaymentReconciliation>().Count());
    }

    [Fact]
    public async Task After_two_years_a_number_may_come_again()
    {
        await ReceiveAsync("p.835", Remittance);
        var receipt = _practice.Records.All<DocumentReference>().Single(d => d.Type!.Coding[0].Code == "received");
        receipt.Date = SmallPractice.Now.AddMonths(-25);
        _practice.Records.Put(receipt);

        Assert.False(Assert.Single(await ReceiveAsync("other.835", Remittance.Replace("TRN*1*E77", "TRN*1*E78", StringComparison.Ordinal))).IsRefused);
        Assert.Equal(SmallPractice.Now, _practice.Records.Get<DocumentReference>(receipt.Id!).Date);
    }

    [Theory]
    [InlineData("*ZZ*HUBONE  ", "*ZZ*STRANGER", "not from a trading partner")]
    [InlineData("*ZZ*OURPRACTICE ", "*ZZ*OTHERDOCTORS", "addressed to OTHERDOCTORS")]
    [InlineData("*0*T*:", "*0*P*:", "marked production")]
    [InlineData("*00501*", "*00401*", "this reader takes 00501")]
    public async Task What_is_not_for_us_is_refused_and_changes_nothing_else(string text, string instead, string why)
    {
        _practice.AddClaim("a1");
        var result = Assert.Single(await ReceiveAsync("p.835", Remittance.Replace(text, instead, StringComparison.Ordinal)));

        Assert.Contains(why, result.Refusal, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_channel.Rejected, "p.835")));
        Assert.Equal(["refused-file"], _practice.TaskCodes);
        Assert.Empty(_practice.Records.All<PaymentReconciliation>());
    }

    [Fact]
    public async Task A_stranger_gets_no_answer_a_partner_is_told_why()
    {
        await ReceiveAsync("1.835", Remittance.Replace("*ZZ*HUBONE  ", "*ZZ*STRANGER", StringComparison.Ordinal));
        Assert.Empty(await SentAsync());

        await ReceiveAsync("2.835", Remittance.Replace("*0*T*:", "*0*P*:", StringComparison.Ordinal));
        Assert.Contains("TA1*000000007*260401*0800*R*020", Lines(Assert.Single(await SentAsync()).Value));
    }

    [Fact]
    public async Task Test_money_does_not_go_into_production_but_the_answer_to_a_test_claim_is_read()
    {
        var options = SmallPractice.Options;
        options.UsageIndicator = "P";
        var live = new FolderChannel(_root, ChannelKind.Live);

        Assert.Contains("test payments", Assert.Single(await ReceiveAsync("p.835", Remittance, options, live)).Refusal, StringComparison.Ordinal);
        Assert.False(Assert.Single(await ReceiveAsync("a.999", Fixtures.File999(["AK1*HC*1*005010X222A1", "AK9*A*1*1*1"]).Inbound(8), options, live)).IsRefused);
    }

    [Fact]
    public async Task A_partner_of_its_own_has_its_ids_its_transactions_and_its_control_numbers()
    {
        var options = SmallPractice.Options;
        options.Partners = [new TradingPartner { Id = "PAYERX", OurId = "CLINIC9", Transactions = ["835"] }];
        string OfPayer(string file) => file.Replace("*ZZ*HUBONE  ", "*ZZ*PAYERX  ", StringComparison.Ordinal).Replace("*ZZ*OURPRACTICE ", "*ZZ*CLINIC9     ", StringComparison.Ordinal);
        await ReceiveAsync("1.835", Remittance, options);
        Assert.False(Assert.Single(await ReceiveAsync("2.835", OfPayer(Remittance.Replace("TRN*1*E77", "TRN*1*E78", StringComparison.Ordinal)), options)).IsRefused);
        var claimAck = Fixtures.File277CA(["BHT*0085*08*X1*20260402*0900*TH", "HL*1**20*1", "NM1*AY*2*X*****46*X", "TRN*1*X1"]).Inbound(8);
        Assert.Contains("277CA is not agreed with PAYERX", Assert.Single(await ReceiveAsync("3.277", OfPayer(claimAck), options)).Refusal, StringComparison.Ordinal);

        var sent = await SentAsync();
        Assert.Equal(["999-000000001.x12", "999-PAYERX-000000001.x12", "999-PAYERX-000000002.x12"], sent.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("*ZZ*CLINIC9        *ZZ*PAYERX         *", sent["999-PAYERX-000000001.x12"], StringComparison.Ordinal);
        Assert.Contains("AK9*R*1*1*0*1", Lines(sent["999-PAYERX-000000002.x12"]));
    }

    [Fact]
    public async Task Counters_that_were_kept_for_the_sender_alone_go_on_and_a_second_receiver_starts_behind_them()
    {
        var stored = new Basic { Id = "old", Identifier = [new(InterchangeUrls.ControlNumbers, "OURPRACTICE")], Code = new CodeableConcept { Text = "X12 control numbers" } };
        foreach (var url in (string[])[InterchangeUrls.LastInterchange, InterchangeUrls.LastGroup, InterchangeUrls.LastBatch])
            stored.SetExtension(url, new Integer(41));
        _practice.Records.Put(stored);
        var options = SmallPractice.Options;
        options.Partners = [new TradingPartner { Id = "PAYERX" }];
        await ReceiveAsync("1.835", Remittance, options);
        await ReceiveAsync("2.835", Remittance.Replace("*ZZ*HUBONE  ", "*ZZ*PAYERX  ", StringComparison.Ordinal), options);

        Assert.Equal(["999-000000042.x12", "999-PAYERX-000000043.x12"], (await SentAsync()).Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_set_number_given_twice_rejects_the_second_set_alone()
    {
        var body = Fixtures.Remittance.Prepend("ST*835*0001").Select(l => l + "~\n");
        var two = Remittance.Replace("GE*1*", string.Concat(body.Append("SE*21*0001~\n")).Replace("TRN*1*E77", "TRN*1*E78", StringComparison.Ordinal) + "GE*2*", StringComparison.Ordinal);

        await ReceiveAsync("p.835", two);

        var lines = Lines(Assert.Single(await SentAsync()).Value);
        Assert.Equal(["IK5*A", "IK5*R*23", "AK9*P*2*2*1"], lines.Where(l => l.StartsWith("IK5", StringComparison.Ordinal) || l.StartsWith("AK9", StringComparison.Ordinal)));
        Assert.Equal("E77", Assert.Single(_practice.Records.All<PaymentReconciliation>()).PaymentIdentifier!.Value);
    }

    [Fact]
    public async Task A_group_number_given_twice_rejects_the_second_group_alone()
    {
        var group = Remittance[Remittance.IndexOf("GS*", StringComparison.Ordinal)..Remittance.IndexOf("IEA", StringComparison.Ordinal)];
        var two = Remittance.Replace("IEA*1*", group.Replace("TRN*1*E77", "TRN*1*E78", StringComparison.Ordinal) + "IEA*2*", StringComparison.Ordinal);

        var results = await ReceiveAsync("p.835", two);

        Assert.Equal([false, true], results.Select(r => r.IsRefused));
        Assert.Equal(["AK9*A*1*1*1", "AK9*R*1*1*0*19"], Lines(Assert.Single(await SentAsync()).Value).Where(l => l.StartsWith("AK9", StringComparison.Ordinal)));
        Assert.Equal("E77", Assert.Single(_practice.Records.All<PaymentReconciliation>()).PaymentIdentifier!.Value);
    }

    [Fact]
    public async Task Groups_of_different_kinds_and_several_interchanges_of_one_file_are_each_applied()
    {
        await SubmitAsync("a1");
        var acceptance = Fixtures.File999(["AK1*HC*1*005010X222A1", "AK9*A*1*1*1"]).Inbound();
        var group = acceptance[acceptance.IndexOf("GS*", StringComparison.Ordinal)..acceptance.IndexOf("IEA", StringComparison.Ordinal)].Replace("*7*X*", "*8*X*", StringComparison.Ordinal).Replace("GE*1*7", "GE*1*8", StringComparison.Ordinal);
        var first = Remittance.Replace("IEA*1*", group + "IEA*2*", StringComparison.Ordinal);
        var second = Fixtures.File835(Fixtures.Remittance.With("TRN*", "TRN*1*E99*1600000001")).Inbound(9);

        var results = await ReceiveAsync("all.x12", first + second);

        Assert.Equal(3, results.Count(r => !r.IsRefused));
        Assert.Equal("forwarded", Assert.Single(results, r => r.Acknowledgement is not null).Acknowledgement!.Moved.Single().Stage);
        Assert.Equal(["E77", "E99"], _practice.Records.All<PaymentReconciliation>().Select(p => p.PaymentIdentifier!.Value).Order());
        Assert.Equal(2, (await SentAsync()).Count(f => f.Key.StartsWith("999", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_refused_interchange_does_not_hold_back_the_others_of_its_file()
    {
        var stranger = Fixtures.File835(Fixtures.Remittance.With("TRN*", "TRN*1*E99*1600000001")).Inbound(9).Replace("*ZZ*HUBONE  ", "*ZZ*STRANGER", StringComparison.Ordinal);

        var results = await ReceiveAsync("all.x12", stranger + Remittance);

        Assert.Equal([true, false], results.Select(r => r.IsRefused));
        Assert.True(File.Exists(Path.Combine(_channel.Rejected, "all.x12")));
        Assert.Equal("E77", Assert.Single(_practice.Records.All<PaymentReconciliation>()).PaymentIdentifier!.Value);
    }

    [Fact]
    public async Task A_file_that_ends_too_early_is_rejected_as_a_whole_with_TA1_023()
    {
        var before = Remittance[..Remittance.IndexOf("SE*", StringComparison.Ordinal)];

        Assert.True(Assert.Single(await ReceiveAsync("p.835", before)).IsRefused);

        Assert.Contains("TA1*000000007*260401*0800*R*023", Lines(Assert.Single(await SentAsync()).Value));
        Assert.Empty(_practice.Records.All<PaymentReconciliation>());
    }

    [Fact]
    public async Task What_stands_behind_the_last_interchange_does_not_spoil_it()
    {
        var results = await ReceiveAsync("p.835", Remittance + "THE END*OF IT~\n");

        Assert.Equal([false, true], results.Select(r => r.IsRefused));
        Assert.Single(_practice.Records.All<PaymentReconciliation>());
        Assert.True(File.Exists(Path.Combine(_channel.Rejected, "p.835")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Dear Sirs, enclosed please find")]
    public async Task What_is_no_X12_goes_to_the_rejected_files_with_work(string text)
    {
        Assert.True(Assert.Single(await ReceiveAsync("letter.txt", text)).IsRefused);
        Assert.True(File.Exists(Path.Combine(_channel.Rejected, "letter.txt")));
        Assert.Equal(["refused-file"], _practice.TaskCodes);
    }

    [Fact]
    public async Task A_guide_we_do_not_read_rejects_the_group_for_it()
    {
        await ReceiveAsync("p.835", Remittance.Replace("005010X221A1", "005010X218", StringComparison.Ordinal));
        Assert.Contains("AK9*R*1*1*0*2", Lines(Assert.Single(await SentAsync()).Value));
    }

    [Fact]
    public async Task A_crash_after_posting_and_before_the_receipt_repeats_and_answers_once()
    {
        _practice.AddClaim("a1", change: c => c.Identifier[0].Value = "HT0001");
        _practice.SetStage("a1", ClaimStage.Submitted);
        var commits = 0;
        _practice.Records.BeforeCommit = () =>
        {
            if (++commits == 2)
                throw new IOException("power");
        };
        await _channel.DeliverAsync("p.835", Encoding.ASCII.GetBytes(Remittance), Ct);
        await Assert.ThrowsAsync<AggregateException>(() => Inbound().ReceiveAsync(Ct));
        Assert.Single(_practice.Records.All<PaymentReconciliation>());
        Assert.Empty(await SentAsync());

        var result = Assert.Single(await Inbound().ReceiveAsync(Ct));

        Assert.IsType<PaymentOutcome.Duplicate>(Assert.Single(result.Remittance!.Payments));
        Assert.Single(await SentAsync());
        Assert.Single(_practice.Records.All<ClaimResponse>());
    }

    [Fact]
    public async Task A_file_sent_but_not_noted_is_sent_under_the_same_number_again()
    {
        await ReceiveAsync("p.835", Remittance);
        _practice.Records.BeforeCommit = () => throw new IOException("power");
        await Assert.ThrowsAsync<IOException>(() => Submission(SmallPractice.Options, _channel).DispatchAsync(Ct));
        _practice.Records.BeforeCommit = null;

        var file = Assert.Single((await Submission(SmallPractice.Options, _channel).DispatchAsync(Ct)).Files);

        Assert.Equal(SendOutcome.AlreadySent, file.Outcome);
        Assert.Single(Directory.GetFiles(_channel.Outbound));
    }

    [Fact]
    public async Task Two_who_receive_the_same_file_at_once_answer_it_once()
    {
        var raced = false;
        _practice.Records.BeforeCommit = () =>
        {
            if (raced || !_practice.Records.All<PaymentReconciliation>().Any())
                return;
            raced = true;
            Inbound(new FolderChannel(Path.Combine(_root, "second"), ChannelKind.Mock)).ReceiveAsync(Ct).GetAwaiter().GetResult();
        };
        var other = new FolderChannel(Path.Combine(_root, "second"), ChannelKind.Mock);
        await other.DeliverAsync("p.835", Encoding.ASCII.GetBytes(Remittance), Ct);

        await ReceiveAsync("p.835", Remittance);

        Assert.True(raced);
        Assert.Single(_practice.Records.All<DocumentReference>(), d => d.Type!.Coding[0].Code == "received");
        Assert.Single(await SentAsync());
    }

    [Fact]
    public async Task A_rejected_question_is_work_on_its_file()
    {
        _practice.Records.Put(new DocumentReference
        {
            Id = "q1",
            Identifier = [new(InterchangeUrls.Group("OURPRACTICE"), "5"), new(InterchangeUrls.Interchange("OURPRACTICE"), "000000005")],
            Status = DocumentReferenceStatus.Current,
            Type = new CodeableConcept(InterchangeUrls.DocumentType, "270"),
            Content = [new DocumentReference.ContentComponent { Attachment = new Attachment { Title = "270-000000005.x12" } }],
        });

        await ReceiveAsync("a.999", Fixtures.File999(["AK1*HS*5*005010X279A1", "AK2*270*0001*005010X279A1", "IK3*NM1*8*2100*8", "IK4*9*67*1", "IK5*R*5", "AK9*R*1*1*0"]).Inbound());
        await ReceiveAsync("a.ta1", Fixtures.IsaInbound.Replace("000000007", "000000008", StringComparison.Ordinal) + "\nTA1*000000005*260401*0800*R*006~\nIEA*0*000000008~\n");

        Assert.All(_practice.Records.All<FhirTask>(), t => Assert.Equal("DocumentReference/q1", t.Focus!.Reference));
        Assert.Contains(_practice.Records.All<FhirTask>(), t => t.Input.Any(i => i.Value is FhirString { Value: var text } && text!.Contains("bad sender id", StringComparison.Ordinal)));
        Assert.Equal(2, _practice.Records.All<FhirTask>().Count());
    }

    [Fact]
    public async Task Claims_are_taken_from_those_with_whom_that_is_agreed_and_answered_by_a_999()
    {
        var file = Fixtures.File837(Fixtures.Claim.With("SV1*HC:87880", "SV1*HC:87880*30*UN*1***3")).Inbound();
        Assert.Contains("837P is not agreed with HUBONE", Assert.Single(await ReceiveAsync("1.837", file)).Refusal, StringComparison.Ordinal);

        var options = SmallPractice.Options;
        options.Partners = [new TradingPartner { Id = "HUBONE", Transactions = ["837P"] }];
        Assert.True(Assert.Single(await ReceiveAsync("2.837", file.Replace("000000007", "000000008", StringComparison.Ordinal), options)).IsRefused);
        Assert.IsType<ClaimImported.Taken>(Assert.Single(Assert.Single(await ReceiveAsync("3.837", Fixtures.File837(Fixtures.Claim).Inbound(9), options)).Import!.Claims));

        var sent = await SentAsync();
        Assert.Equal(["IK3*SV1*26*2400*8", "CTX*CLM01:HT0001", "IK4*7:1*1328*7*3", "IK5*R*5"], Lines(sent["999-000000002.x12"]).Where(l => l[..3] is "IK3" or "CTX" or "IK4" or "IK5"));
        Assert.Contains("AK9*A*1*1*1", Lines(sent["999-000000003.x12"]));
    }

    [Fact]
    public void Partners_that_cannot_be_are_named_at_start()
    {
        var options = SmallPractice.Options;
        options.Partners = [new TradingPartner { Id = "X" }, new TradingPartner { Id = "PAYERX", UsageIndicator = "Q", Transactions = ["836"] }];
        var faults = new List<System.ComponentModel.DataAnnotations.ValidationResult>();

        System.ComponentModel.DataAnnotations.Validator.TryValidateObject(options, new System.ComponentModel.DataAnnotations.ValidationContext(options), faults, validateAllProperties: true);

        Assert.Equal(3, faults.Count);
        Assert.Contains(faults, f => f.ErrorMessage!.Contains("836 is no transaction we read", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_found_file_is_taken_or_refused_and_leaves_the_folder()
    {
        foreach (var path in Directory.EnumerateFiles(Path.Combine(SharedX12.Require(), "found")).Order())
        {
            var text = await File.ReadAllTextAsync(path, Ct);
            var options = SmallPractice.Options;
            if (text.TrimStart().StartsWith("ISA", StringComparison.Ordinal) && text.TrimStart() is { Length: > 106 } isa)
                options.Partners = [new TradingPartner { Id = isa[35..50].Trim(), OurId = isa[54..69].Trim(), UsageIndicator = "T" }];
            var channel = new FolderChannel(Path.Combine(_root, Path.GetFileName(path)), ChannelKind.Mock);

            Assert.NotEmpty(await ReceiveAsync(Path.GetFileName(path), text.Replace("*P*:", "*T*:", StringComparison.Ordinal), options, channel));

            Assert.Empty(Directory.GetFiles(channel.Inbound));
        }
    }

    private InboundPipeline Inbound(FolderChannel? channel = null) => Inbound(SmallPractice.Options, channel ?? _channel);

    private InboundPipeline Inbound(InterchangeOptions options, FolderChannel channel) => new(
        channel, Submission(options, channel), _practice.Remittance(), new EligibilityPipeline(_practice.Records, options, SmallPractice.Time),
        new ClaimImportPipeline(_practice.Records, SmallPractice.Time));

    private SubmissionPipeline Submission(InterchangeOptions options, IPayerChannel channel) => _practice.Submission(channel, options);

    private async Task<IReadOnlyList<InboundResult>> ReceiveAsync(string name, string text, InterchangeOptions? options = null, FolderChannel? channel = null)
    {
        await (channel ?? _channel).DeliverAsync(name, Encoding.UTF8.GetBytes(text), Ct);
        return await Inbound(options ?? SmallPractice.Options, channel ?? _channel).ReceiveAsync(Ct);
    }

    private async Task SubmitAsync(string claim)
    {
        _practice.AddClaim(claim);
        var submission = Submission(SmallPractice.Options, _channel);
        await submission.BatchReadyClaimsAsync(Ct);
        await submission.DispatchAsync(Ct);
        foreach (var file in Directory.GetFiles(_channel.Outbound))
            _channel.MarkTaken(Path.GetFileName(file));
    }

    private async Task<Dictionary<string, string>> SentAsync()
    {
        await Submission(SmallPractice.Options, _channel).DispatchAsync(Ct);
        return Directory.GetFiles(_channel.Outbound).ToDictionary(f => Path.GetFileName(f), File.ReadAllText);
    }

    private static string[] Lines(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.TrimEnd('~'))];
}
