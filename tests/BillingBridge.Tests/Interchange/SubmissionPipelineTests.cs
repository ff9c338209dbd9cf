using System.Text;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.BillingBridge.Tests.X12;
using FhirEmr.BillingBridge.X12.Transactions;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Interchange;

public sealed class SubmissionPipelineTests
{
    private readonly SmallPractice _practice = new();
    private readonly MemoryChannel _channel = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writes_the_837P_that_the_guide_asks_for()
    {
        _practice.AddClaim("a1", change: c =>
        {
            c.SupportingInfo =
            [
                new() { Sequence = 1, Category = new CodeableConcept("x", "onset"), Timing = new Date("2026-03-28") },
                new() { Sequence = 2, Category = new CodeableConcept("x", "clia"), Value = new FhirString("38D0123456") },
                new() { Sequence = 3, Category = new CodeableConcept("x", "patientpaid"), Value = new Quantity { Value = 20m } },
            ];
            c.Insurance[0].PreAuthRef = ["AUTH77"];
        });

        var result = await _practice.Submission(_channel).BatchReadyClaimsAsync(Ct);

        Assert.Empty(result.NotSent);
        var batch = Assert.Single(result.Batches);
        Assert.Equal(("B1", "837P-000000001.x12", "T", 150m), (batch.Reference, batch.FileName, batch.UsageIndicator, batch.ChargeUsd));
        Assert.Equal(
            """
            ISA*00*          *00*          *ZZ*OURPRACTICE    *ZZ*HUBONE         *260401*0800*^*00501*000000001*0*T*:~
            GS*HC*OURPRACTICE*HUBONE*20260401*0800*1*X*005010X222A1~
            ST*837*0001*005010X222A1~
            BHT*0019*00*B1*20260401*0800*CH~
            NM1*41*2*HILLTOP CLINIC*****46*OURPRACTICE~
            PER*IC*FRONT DESK*TE*2025550123~
            NM1*40*2*HUB ONE*****46*HUBONE~
            HL*1**20*1~
            PRV*BI*PXC*207Q00000X~
            NM1*85*2*HILLTOP CLINIC*****XX*1234567893~
            N3*7 HILL ROAD~
            N4*SALEM*OR*973011234~
            REF*EI*931234567~
            HL*2*1*22*0~
            SBR*P*18*G55******CI~
            NM1*IL*1*DOE*ROWAN*LEE***MI*M100200~
            N3*1 OAK LANE*APT 4~
            N4*SALEM*OR*97301~
            DMG*D8*19700101*F~
            NM1*PR*2*FIRST MUTUAL*****PI*FM001~
            CLM*PCNA1*150***11:B:1*Y*A*Y*Y~
            DTP*431*D8*20260328~
            AMT*F5*20~
            REF*G1*AUTH77~
            REF*X4*38D0123456~
            REF*D9*T000000001-1~
            HI*ABK:J069*ABF:R509~
            NM1*82*1*NUNEZ*ALBA****XX*1987654328~
            PRV*PE*PXC*207Q00000X~
            LX*1~
            SV1*HC:99213:25*120*UN*1***1:2~
            DTP*472*D8*20260330~
            REF*6R*PCNA1-1~
            LX*2~
            SV1*HC:87880*30*UN*1***1~
            DTP*472*D8*20260330~
            REF*6R*PCNA1-2~
            SE*36*0001~
            GE*1*1~
            IEA*1*000000001~

            """,
            File());
    }

    [Fact]
    public async Task A_dependent_hangs_under_the_subscriber()
    {
        _practice.Records.Put(new RelatedPerson { Id = "parent", Patient = new ResourceReference("Patient/p-k1"), Name = [new HumanName { Family = "Doe", Given = ["Sam"] }] });
        _practice.AddClaim("k1", changeCoverage: c =>
        {
            c.Relationship = new CodeableConcept("http://terminology.hl7.org/CodeSystem/subscriber-relationship", "child");
            c.Subscriber = new ResourceReference("RelatedPerson/parent");
        });

        await _practice.Submission(_channel).BatchReadyClaimsAsync(Ct);

        var (items, findings) = await X12Read.ClaimsAsync(File());
        Assert.Empty(findings.Items);
        var claim = items.OfType<Claim837PItem.Claim>().Single();
        Assert.Null(claim.Subscriber.Sbr!.Relationship);
        Assert.Equal(("SAM", "ROWAN"), (claim.Subscriber.Insured!.Name.First, claim.PatientParty!.Name.First));
        Assert.Contains("PAT*19~", File(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drugs_places_periods_and_another_facility_are_written()
    {
        _practice.Records.Put(new Location { Id = "annex", Name = "Annex", Identifier = [new(BillingUrls.Npi, "1777788880")], Address = new Address { Line = ["9 Side Road"], City = "Salem", State = "OR", PostalCode = "973019999" } });
        _practice.AddClaim("d1", change: c =>
        {
            c.Facility = new ResourceReference("Location/annex");
            c.Item.Add(SmallPractice.Line(3, "J1885", 18m, [], 1));
            c.Item[2].Serviced = new Period { Start = "2026-03-30", End = "2026-03-31" };
            c.Item[2].Location = new CodeableConcept(CodeSystemUrls.PlaceOfService, "12");
            var ndc = new Extension { Url = "urn:fhiremr:ndc" };
            ndc.AddExtension("code", new Identifier(CodeSystemUrls.Ndc, "00409-3795-01"));
            ndc.AddExtension("quantity", new Quantity { Value = 1.5m, Unit = "mL" });
            c.Item[2].Extension.Add(ndc);
            c.Total = SmallPractice.Usd(168m);
        });

        var result = await _practice.Submission(_channel).BatchReadyClaimsAsync(Ct);

        Assert.Empty(result.NotSent);
        Assert.Contains("NM1*77*2*ANNEX*****XX*1777788880~\nN3*9 SIDE ROAD~\nN4*SALEM*OR*973019999~\nLX*1~", File(), StringComparison.Ordinal);
        Assert.Contains("SV1*HC:J1885*18*UN*1*12**1~\nDTP*472*RD8*20260330-20260331~\nREF*6R*PCND1-3~\nLIN**N4*00409379501~\nCTP****1.5*ML~", File(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0409-3795-01", "00409379501")]
    [InlineData("50242-040-62", "50242004062")]
    [InlineData("60574-4114-1", "60574411401")]
    [InlineData("00409379501", "00409379501")]
    public async Task An_NDC_is_written_with_eleven_digits(string packaged, string written)
    {
        _practice.AddClaim("d1", change: c =>
        {
            var ndc = new Extension { Url = BillingUrls.NdcExtension };
            ndc.AddExtension("code", new FhirString(packaged));
            ndc.AddExtension("quantity", new Quantity { Value = 1m, Code = "UN" });
            c.Item[1].Extension.Add(ndc);
        });

        await _practice.Submission(_channel).BatchReadyClaimsAsync(Ct);

        Assert.Contains($"LIN**N4*{written}~", File(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pointers_count_the_codes_that_are_written_not_the_sequence_numbers()
    {
        _practice.AddClaim("d1", change: c =>
        {
            c.Diagnosis = [SmallPractice.Diagnosis(2, "J06.9"), SmallPractice.Diagnosis(5, "R50.9"), SmallPractice.Diagnosis(7, "R05.9")];
            c.Item[0].DiagnosisSequence = [5, 2];
            c.Item[1].DiagnosisSequence = [2];
        });

        await _practice.Submission(_channel).BatchReadyClaimsAsync(Ct);

        Assert.Contains("HI*ABK:J069*ABF:R509*ABF:R059~", File(), StringComparison.Ordinal);
        Assert.Contains("SV1*HC:99213:25*120*UN*1***2:1~", File(), StringComparison.Ordinal);
        Assert.Contains("SV1*HC:87880*30*UN*1***1~", File(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("80048", true)]
    [InlineData("12001", false)]
    public async Task The_CLIA_number_goes_with_laboratory_lines_only(string code, bool isWritten)
    {
        _practice.AddClaim("d1", change: c =>
        {
            c.Item[1].ProductOrService = new CodeableConcept(CodeSystemUrls.Cpt, code);
            c.SupportingInfo.Add(new Claim.SupportingInformationComponent { Sequence = 1, Category = SupportingInfo.Category(SupportingInfo.Clia), Value = new FhirString("22D0123456") });
        });

        await _practice.Submission(_channel).BatchReadyClaimsAsync(Ct);

        Assert.Equal(isWritten, File().Contains("REF*X4*22D0123456~", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Oregon", "United States", "N4*SALEM*OR*97301~")]
    [InlineData("or", "USA", "N4*SALEM*OR*97301~")]
    [InlineData("ON", "CA", "N4*SALEM*ON*97301*CA~")]
    public async Task States_are_written_as_codes(string state, string country, string segment)
    {
        _practice.AddClaim("d1");
        var patient = _practice.Records.Get<Patient>("p-d1");
        (patient.Address[0].State, patient.Address[0].Country) = (state, country);
        _practice.Records.Put(patient);

        await _practice.Submission(_channel).BatchReadyClaimsAsync(Ct);

        Assert.Contains(segment, File(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_commit_queues_the_claims_and_fills_the_outbox()
    {
        _practice.AddClaim("a1");
        _practice.AddClaim("a2");

        await _practice.Submission(_channel).BatchReadyClaimsAsync(Ct);

        Assert.Equal(2, _practice.Records.Commits); // the counters are made once, then everything at once
        var claim = _practice.Records.Get<Claim>("a2");
        Assert.Equal(FinancialResourceStatusCodes.Active, claim.Status);
        Assert.Equal("T000000001-2", claim.Identifier.Single(i => i.System == BillingUrls.Trace).Value);
        Assert.Equal("B1", claim.Identifier.Single(i => i.System == BillingUrls.Batch).Value);
        Assert.Equal(["ready → queued"], _practice.History("a2"));
        var document = Assert.Single(_practice.Records.All<DocumentReference>());
        Assert.Equal(CompositionStatus.Preliminary, document.DocStatus);
        Assert.Equal(["Claim/a1", "Claim/a2"], document.Context!.Related.Select(r => r.Reference));
        Assert.StartsWith("Binary/", document.Content[0].Attachment!.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Batching_again_finds_nothing_and_numbers_go_on()
    {
        _practice.AddClaim("a1");
        await _practice.Submission(_channel).BatchReadyClaimsAsync(Ct);
        var before = _practice.Records.Snapshot;
        Assert.Empty((await _practice.Submission(_channel).BatchReadyClaimsAsync(Ct)).Batches);
        Assert.Equal(before, _practice.Records.Snapshot);

        _practice.AddClaim("a2");
        Assert.Equal("000000002", (await _practice.Submission(_channel).BatchReadyClaimsAsync(Ct)).Batches.Single().InterchangeControlNumber);
    }

    [Fact]
    public async Task Two_batchers_at_once_never_use_one_number_twice()
    {
        _practice.AddClaim("a1");
        _practice.AddClaim("b1", change: c => c.Provider = new ResourceReference("Organization/other"));
        PutOtherClinic();
        var second = _practice.Submission(_channel);
        var nested = false;
        _practice.Records.BeforeCommit = () =>
        {
            if (nested || !_practice.Records.All<Basic>().Any())
                return;
            nested = true; // another worker commits everything just before us
            Assert.Equal(2, second.BatchReadyClaimsAsync(Ct).GetAwaiter().GetResult().Batches.Count);
        };

        var result = await _practice.Submission(_channel).BatchReadyClaimsAsync(Ct);

        Assert.Empty(result.Batches);
        Assert.Equal(2, _practice.Records.All<DocumentReference>().SelectMany(d => d.Identifier).Where(i => i.System!.Contains("isa13", StringComparison.Ordinal)).Select(i => i.Value).Distinct().Count());
        Assert.Equal(["ready → queued"], _practice.History("a1"));
    }

    [Fact]
    public async Task A_number_another_worker_took_meanwhile_is_not_used()
    {
        _practice.AddClaim("a1");
        var raised = false;
        _practice.Records.BeforeCommit = () =>
        {
            if (raised || _practice.Records.All<Basic>().SingleOrDefault() is not { } counters)
                return;
            raised = true;
            foreach (var extension in counters.Extension)
                extension.Value = new Integer(1);
            _practice.Records.Put(counters);
        };

        Assert.Equal("000000002", (await _practice.Submission(_channel).BatchReadyClaimsAsync(Ct)).Batches.Single().InterchangeControlNumber);
    }

    [Fact]
    public async Task A_claim_acknowledged_before_the_dispatch_is_recorded_is_not_moved_back()
    {
        _practice.AddClaim("a1");
        var pipeline = _practice.Submission(_channel);
        await pipeline.BatchReadyClaimsAsync(Ct);
        _practice.SetStage("a1", ClaimStage.Accepted);

        await pipeline.DispatchAsync(Ct);

        Assert.Equal(ClaimStage.Accepted, _practice.Stage("a1"));
        Assert.Equal(CompositionStatus.Final, _practice.Records.All<DocumentReference>().Single().DocStatus);
    }

    [Fact]
    public async Task One_file_holds_one_billing_provider()
    {
        PutOtherClinic();
        _practice.AddClaim("a1");
        _practice.AddClaim("b1", change: c => c.Provider = new ResourceReference("Organization/other"));

        var result = await _practice.Submission(_channel).BatchReadyClaimsAsync(Ct);

        Assert.Equal([["a1"], ["b1"]], result.Batches.Select(b => b.ClaimIds));
    }

    [Theory]
    [InlineData("P", ChannelKind.Live, false, "P")]
    [InlineData("P", ChannelKind.Mock, false, "T")]
    [InlineData("P", ChannelKind.Live, true, "T")]
    [InlineData("T", ChannelKind.Live, false, "T")]
    public async Task Only_a_live_channel_without_demo_wording_gets_production_files(string configured, ChannelKind kind, bool demo, string expected)
    {
        _practice.AddClaim("a1");
        var options = SmallPractice.Options;
        (options.UsageIndicator, options.UsesDemoProcedures) = (configured, demo);

        var result = await _practice.Submission(new MemoryChannel(kind), options).BatchReadyClaimsAsync(Ct);

        Assert.Equal(expected, result.Batches.Single().UsageIndicator);
    }

    [Fact]
    public async Task A_line_coded_from_the_demo_fragment_makes_the_file_a_test()
    {
        _practice.AddClaim("a1", change: c => c.Item[0].ProductOrService = new CodeableConcept(CodeSystemUrls.DemoProcedures, "99213"));
        var options = SmallPractice.Options;
        options.UsageIndicator = "P";

        Assert.Equal("T", (await _practice.Submission(new MemoryChannel(ChannelKind.Live), options).BatchReadyClaimsAsync(Ct)).Batches.Single().UsageIndicator);
    }

    [Theory]
    [InlineData("Claim.provider.resolve().identifier")]
    [InlineData("Claim.insurance.where(focal=true).coverage.resolve().payor.resolve().identifier")]
    [InlineData("Claim.total")]
    [InlineData("Claim.item[0].diagnosisSequence[1]")]
    [InlineData("Claim.related.reference")]
    [InlineData("Claim.diagnosis")]
    [InlineData("Claim.provider.resolve().address")]
    [InlineData("Claim.insurance.where(focal=true).coverage.resolve().subscriber.resolve().name")]
    public async Task A_claim_that_cannot_be_written_stays_ready_with_a_task_that_names_the_element(string path)
    {
        _practice.AddClaim("a1", change: c => Break(c, path));
        Break(path);

        var result = await _practice.Submission(_channel).BatchReadyClaimsAsync(Ct);
        await _practice.Submission(_channel).BatchReadyClaimsAsync(Ct);

        Assert.Contains(path, Assert.Single(result.NotSent).Problems.Select(p => p.Expression));
        Assert.Equal(ClaimStage.Ready, _practice.Stage("a1"));
        var task = Assert.Single(_practice.Records.All<FhirTask>());
        Assert.Contains(((OperationOutcome)task.Contained[0]).Issue, i => i.Expression.Contains(path));
    }

    [Fact]
    public async Task The_very_same_claim_is_not_sent_twice()
    {
        _practice.AddClaim("a1");
        await _practice.Submission(_channel).BatchReadyClaimsAsync(Ct);
        _practice.SetStage("a1", ClaimStage.Ready);

        var result = await _practice.Submission(_channel).BatchReadyClaimsAsync(Ct);

        Assert.Contains("already sent in batch B1", Assert.Single(result.NotSent).Problems[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispatching_sends_the_file_and_submits_its_claims_once()
    {
        _practice.AddClaim("a1");
        var pipeline = _practice.Submission(_channel);
        await pipeline.BatchReadyClaimsAsync(Ct);

        var file = Assert.Single((await pipeline.DispatchAsync(Ct)).Files);
        Assert.Equal((true, SendOutcome.Sent, 1), (file.IsSent, file.Outcome!.Value, file.ClaimsSubmitted));
        Assert.Equal(["ready → queued", "queued → submitted"], _practice.History("a1"));
        Assert.Equal(File(), Encoding.ASCII.GetString(_channel.Sent["837P-000000001.x12"]));
        Assert.Empty((await pipeline.DispatchAsync(Ct)).Files);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_crash_around_sending_loses_nothing_and_repeats_nothing(bool beforeCommit)
    {
        _practice.AddClaim("a1");
        var pipeline = _practice.Submission(_channel);
        await pipeline.BatchReadyClaimsAsync(Ct);
        _practice.Records.BeforeCommit = beforeCommit ? Crash : null;
        _practice.Records.AfterCommit = beforeCommit ? null : Crash;
        await Assert.ThrowsAsync<InvalidOperationException>(() => pipeline.DispatchAsync(Ct));
        (_practice.Records.BeforeCommit, _practice.Records.AfterCommit) = (null, null);

        var files = (await _practice.Submission(_channel).DispatchAsync(Ct)).Files;

        Assert.Equal(beforeCommit ? [SendOutcome.AlreadySent] : [], files.Select(f => f.Outcome!.Value));
        Assert.Single(_channel.Sent);
        Assert.Equal(["ready → queued", "queued → submitted"], _practice.History("a1"));
    }

    [Fact]
    public async Task Another_file_of_the_same_name_is_a_problem_not_a_success()
    {
        _practice.AddClaim("a1");
        _channel.Sent["837P-000000001.x12"] = [1];
        var pipeline = _practice.Submission(_channel);
        await pipeline.BatchReadyClaimsAsync(Ct);

        Assert.False(Assert.Single((await pipeline.DispatchAsync(Ct)).Files).IsSent);
        Assert.Equal(ClaimStage.Queued, _practice.Stage("a1"));
    }

    [Fact]
    public async Task A_production_file_does_not_go_to_a_mock_channel()
    {
        _practice.AddClaim("a1");
        var options = SmallPractice.Options;
        options.UsageIndicator = "P";
        await _practice.Submission(new MemoryChannel(ChannelKind.Live), options).BatchReadyClaimsAsync(Ct);

        Assert.False(Assert.Single((await _practice.Submission(_channel).DispatchAsync(Ct)).Files).IsSent);
        Assert.Empty(_channel.Sent);
    }

    private static void Crash() => throw new InvalidOperationException("power cut"); // no fault of the channel, which would be tried again

    private string File() => Encoding.ASCII.GetString(_practice.Records.All<Binary>().Single().Data!);

    private void PutOtherClinic()
    {
        var clinic = _practice.Records.Get<Organization>("clinic");
        clinic.Id = "other";
        clinic.Identifier[0].Value = "1777788880";
        _practice.Records.Put(clinic);
    }

    private static void Break(Claim claim, string path)
    {
        switch (path)
        {
            case "Claim.total":
                claim.Total = SmallPractice.Usd(151m);
                break;
            case "Claim.item[0].diagnosisSequence[1]":
                claim.Item[0].DiagnosisSequence = [1, 3];
                break;
            case "Claim.related.reference":
                claim.AddExtension(BillingUrls.FrequencyExtension, new Code("7"));
                break;
            case "Claim.diagnosis":
                claim.Diagnosis.Clear();
                break;
            default:
                break;
        }
    }

    private void Break(string path)
    {
        var clinic = _practice.Records.Get<Organization>("clinic");
        var payer = _practice.Records.Get<Organization>("payer");
        var patient = _practice.Records.Get<Patient>("p-a1");
        switch (path)
        {
            case "Claim.provider.resolve().identifier":
                clinic.Identifier[0].Value = "1234567894";
                break;
            case "Claim.provider.resolve().address":
                clinic.Address.Clear();
                break;
            case "Claim.insurance.where(focal=true).coverage.resolve().payor.resolve().identifier":
                payer.Identifier.Clear();
                break;
            case "Claim.insurance.where(focal=true).coverage.resolve().subscriber.resolve().name":
                patient.Name[0].Family = "李";
                break;
            default:
                break;
        }

        _practice.Records.Put(clinic);
        _practice.Records.Put(payer);
        _practice.Records.Put(patient);
    }
}
