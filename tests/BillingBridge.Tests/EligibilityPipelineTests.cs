using System.Text;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange.Eligibility;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.BillingBridge.Tests.X12;
using Hl7.Fhir.Model;
using Purpose = Hl7.Fhir.Model.CoverageEligibilityRequest.EligibilityRequestPurpose;

namespace FhirEmr.BillingBridge.Tests;

public sealed class EligibilityPipelineTests
{
    private readonly SmallPractice _practice = new();
    private readonly MemoryChannel _channel = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private EligibilityPipeline Pipeline => new(_practice.Records, SmallPractice.Options, SmallPractice.Time);

    [Fact]
    public async Task Writes_the_270_that_the_guide_asks_for()
    {
        Add("a1", r => r.Item = [new() { Category = new CodeableConcept(EligibilityUrls.ServiceType, "98") }]);

        var asked = await Pipeline.AskAsync(["a1"], Ct);

        Assert.Empty(asked.NotAsked);
        Assert.Equal("270-000000001.x12", asked.FileName);
        Assert.Equal(
            """
            ISA*00*          *00*          *ZZ*OURPRACTICE    *ZZ*HUBONE         *260401*0800*^*00501*000000001*0*T*:~
            GS*HS*OURPRACTICE*HUBONE*20260401*0800*1*X*005010X279A1~
            ST*270*0001*005010X279A1~
            BHT*0022*13*E000000001-1*20260401*0800~
            HL*1**20*1~
            NM1*PR*2*FIRST MUTUAL*****PI*FM001~
            HL*2*1*21*1~
            NM1*1P*2*HILLTOP CLINIC*****XX*1234567893~
            HL*3*2*22*0~
            TRN*1*E000000001-1*9931234567~
            NM1*IL*1*DOE*ROWAN*LEE***MI*M100200~
            REF*6P*G55~
            N3*1 OAK LANE*APT 4~
            N4*SALEM*OR*97301~
            DMG*D8*19700101*F~
            DTP*291*D8*20260330~
            EQ*30~
            EQ*98~
            SE*17*0001~
            GE*1*1~
            IEA*1*000000001~

            """.ReplaceLineEndings("\n"),
            await SentAsync());
    }

    [Fact]
    public async Task Asks_about_a_dependent_under_its_subscriber_and_by_procedure()
    {
        Add(
            "a1",
            r =>
            {
                r.Purpose = [Purpose.Benefits];
                r.Serviced = new Period { Start = "2026-04-01", End = "2026-04-30" };
                r.Item = [new() { ProductOrService = new CodeableConcept("http://www.ama-assn.org/go/cpt", "97110"), Modifier = [new CodeableConcept("x", "GP")] }];
            },
            c =>
            {
                c.Relationship = new CodeableConcept("x", "child");
                c.Subscriber = new ResourceReference("RelatedPerson/mother");
            });
        _practice.Records.Put(new RelatedPerson { Id = "mother", Patient = new ResourceReference("Patient/p-a1"), Name = [new HumanName { Family = "Doe", Given = ["Sky"] }] });

        await Pipeline.AskAsync(["a1"], Ct);

        var lines = (await SentAsync()).Split("~\n");
        Assert.Equal(
            [
                "HL*3*2*22*1", "NM1*IL*1*DOE*SKY****MI*M100200", "REF*6P*G55", "HL*4*3*23*0", "TRN*1*E000000001-1*9931234567", "NM1*03*1*DOE*ROWAN*LEE",
                "N3*1 OAK LANE*APT 4", "N4*SALEM*OR*97301", "DMG*D8*19700101*F", "INS*N*19", "DTP*291*RD8*20260401-20260430", "EQ**HC:97110:GP",
            ],
            lines.SkipWhile(l => l != "HL*3*2*22*1").TakeWhile(l => !l.StartsWith("SE", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Each_file_and_each_question_has_its_own_numbers()
    {
        Add("a1");
        Add("a2");

        Assert.Equal("270-000000001.x12", (await Pipeline.AskAsync(["a1", "a2"], Ct)).FileName);
        Assert.Equal("270-000000002.x12", (await Pipeline.AskAsync(["a1"], Ct)).FileName);
        Assert.Equal(
            ["E000000001-1", "E000000002-1"],
            _practice.Records.Get<CoverageEligibilityRequest>("a1").Identifier.Where(i => i.System == BillingUrls.Trace).Select(i => i.Value));
        Assert.Equal("E000000001-2", _practice.Records.Get<CoverageEligibilityRequest>("a2").Identifier.Single().Value);
    }

    [Fact]
    public async Task Says_what_is_missing_and_spends_no_number()
    {
        Add("a1", changeCoverage: c => (c.SubscriberId, c.Identifier) = (null, []));
        var patient = _practice.Records.Get<Patient>("p-a1");
        patient.BirthDate = null;
        _practice.Records.Put(patient);

        var asked = await Pipeline.AskAsync(["a1", "nobody"], Ct);

        Assert.Null(asked.FileName);
        Assert.Equal(
            ["CoverageEligibilityRequest.patient", "CoverageEligibilityRequest"],
            asked.NotAsked.Select(n => Assert.Single(n.Problems).Expression));
        Assert.Empty(_practice.Records.All<DocumentReference>());
    }

    [Fact]
    public async Task An_active_answer_becomes_benefits_with_what_is_used_and_left()
    {
        var response = await AnswerAsync(
            "NM1*IL*1*DOE*ROWAN*LEE***MI*M100200", "DMG*D8*19700101*F", "DTP*346*D8*20260101",
            "EB*1*IND*30*PR*GOLD PPO", "EB*C*IND*30***23*1500*****Y", "EB*C*IND*30***29*425.5*****Y", "EB*B*IND*98***27*25*****Y", "EB*A*IND*30***27**.2****Y",
            "EB*F*IND*33***23***VS*20*Y", "EB*F*IND*33***29***VS*12*Y", "EB*I*IND*35", "MSG*NO DENTAL", "EB*1**1^UC");

        Assert.Equal(ClaimProcessingCodes.Complete, response.Outcome);
        var insurance = Assert.Single(response.Insurance);
        Assert.Equal((true, "2026-01-01", "GOLD PPO"), (insurance.Inforce, insurance.BenefitPeriod!.Start, insurance.GetExtensionValue<FhirString>(EligibilityUrls.PlanName)?.Value));
        Assert.Equal(
            ["30/", "30/in", "98/in", "33/", "35/", "1/", "UC/"],
            insurance.Item.Select(i => $"{i.Category!.Coding[0].Code}/{i.Network?.Coding[0].Code}"));

        var inNetwork = insurance.Item[1];
        Assert.Equal("individual", inNetwork.Unit!.Coding[0].Code);
        Assert.Equal(["deductible", "coinsurance"], inNetwork.Benefit.Select(b => b.Type!.Coding[0].Code));
        Assert.Equal((1500m, 1074.5m), (((Money)inNetwork.Benefit[0].Allowed!).Value!.Value, ((Money)inNetwork.Benefit[0].Used!).Value!.Value));
        Assert.Equal(425.5m, inNetwork.Benefit[0].GetExtensionValue<Money>(EligibilityUrls.Remaining)!.Value);
        Assert.Equal("20%", ((FhirString)inNetwork.Benefit[1].Allowed!).Value);
        Assert.Equal(("copay", "27"), (insurance.Item[2].Benefit[0].Type!.Coding[0].Code, insurance.Item[2].Term!.Coding[0].Code));

        var visits = insurance.Item[3];
        Assert.True(visits.AuthorizationRequired);
        Assert.Equal((20, 8), (((UnsignedInt)Assert.Single(visits.Benefit).Allowed!).Value!.Value, ((UnsignedInt)visits.Benefit[0].Used!).Value!.Value));
        Assert.Equal((true, "NO DENTAL"), (insurance.Item[4].Excluded, insurance.Item[4].Description));
        Assert.Empty(_practice.Records.All<FhirTask>());
    }

    [Fact]
    public async Task A_lapsed_coverage_is_not_in_force_and_has_its_last_day()
    {
        var response = await AnswerAsync("NM1*IL*1*DOE*ROWAN****MI*M100200", "DTP*346*D8*20260101", "EB*6*IND*30", "DTP*349*D8*20260131", "EB*1*IND*35");

        var insurance = Assert.Single(response.Insurance);
        Assert.Equal((false, "2026-01-01", "2026-01-31"), (insurance.Inforce, insurance.BenefitPeriod!.Start, insurance.BenefitPeriod!.End));
    }

    [Fact]
    public async Task A_pending_status_is_neither_active_nor_inactive()
    {
        var response = await AnswerAsync("NM1*IL*1*DOE*ROWAN****MI*M100200", "EB*7*IND*30");

        Assert.Equal((ClaimProcessingCodes.Partial, null), (response.Outcome, Assert.Single(response.Insurance).Inforce));
        Assert.Equal("Inactive: an update is pending", response.Disposition);
    }

    [Fact]
    public async Task A_rejection_is_said_in_words_with_what_to_do()
    {
        var response = await AnswerAsync("NM1*IL*1*DOE*ROWAN****MI*M100200", "AAA*N**75*C");

        Assert.Equal(ClaimProcessingCodes.Error, response.Outcome);
        Assert.Empty(response.Insurance);
        var error = Assert.Single(response.Error);
        Assert.Equal(("75", "The subscriber was not found: correct and resend"), (error.Code.Coding[0].Code, error.Code.Text));
        Assert.Equal("C", error.GetExtensionValue<Code>(EligibilityUrls.FollowUp)?.Value);
    }

    [Fact]
    public async Task A_payer_that_knows_other_data_makes_a_task_with_both_and_changes_no_chart()
    {
        await AnswerAsync("NM1*IL*1*DOE*ROWENA****MI*M100200", "N3*9 ELM COURT", "DMG*D8*19710101*F", "INS*Y*18*001*25", "EB*1*IND*30");

        var task = Assert.Single(_practice.Records.All<FhirTask>());
        Assert.Equal(
            [
                "given name: ours ROWAN, the payer's ROWENA", "birth date: ours 19700101, the payer's 19710101",
                "street: ours 1 OAK LANE, the payer's 9 ELM COURT", "The payer says that it changed the identity it was asked about (INS*Y*18*001*25).",
            ],
            task.Input.Where(i => i.Type.Coding[0].Code == "finding").Select(i => ((FhirString)i.Value).Value));
        Assert.Equal("1970-01-01", _practice.Records.Get<Patient>("p-a1").BirthDate);
    }

    [Fact]
    public async Task Another_payer_makes_a_task_that_names_it()
    {
        var response = await AnswerAsync(
            "NM1*IL*1*DOE*ROWAN****MI*M100200", "EB*1*IND*30", "EB*R**30", "REF*1W*Z99", "LS*2120", "NM1*SEP*2*OTHER PLAN*****PI*OP9", "LE*2120");

        Assert.Contains(response.Insurance[0].Item, i => i.Description == "Other payer: OTHER PLAN");
        var task = Assert.Single(_practice.Records.All<FhirTask>());
        Assert.Contains(task.Input, i => i.Value is FhirString { Value: "secondary payer: OTHER PLAN (OP9), number Z99" });
    }

    [Fact]
    public async Task The_same_answer_again_changes_nothing_and_an_unknown_one_is_named()
    {
        await AnswerAsync("NM1*IL*1*DOE*ROWAN****MI*M100200", "EB*1*IND*30");
        var before = _practice.Records.Snapshot;

        var again = await ApplyAsync("E000000001-1", "NM1*IL*1*DOE*ROWAN****MI*M100200", "EB*1*IND*30");
        var unknown = await ApplyAsync("NOTOURS", "NM1*IL*1*DOE*ROWAN****MI*M100200", "EB*1*IND*30");

        Assert.Equal((1, 0), (again.Ignored, again.RequestIds.Count));
        Assert.Equal(["trace NOTOURS"], unknown.Unmatched);
        Assert.Equal(before, _practice.Records.Snapshot);
    }

    [Fact]
    public async Task A_faulty_answer_is_refused_and_changes_nothing()
    {
        Add("a1");
        await Pipeline.AskAsync(["a1"], Ct);
        var before = _practice.Records.Snapshot;

        var result = await ApplyAsync("E000000001-1", "NM1*IL*1*DOE*ROWAN****MI*M100200", "EB*C*IND*30***23*x");

        Assert.True(result.IsRefused);
        Assert.Equal(before, _practice.Records.Snapshot);
    }

    private async Task<CoverageEligibilityResponse> AnswerAsync(params string[] person)
    {
        Add("a1");
        await Pipeline.AskAsync(["a1"], Ct);
        var result = await ApplyAsync("E000000001-1", person);
        Assert.Empty(result.Findings);
        Assert.Equal(["a1"], result.RequestIds);
        return Assert.Single(_practice.Records.All<CoverageEligibilityResponse>());
    }

    private Task<EligibilityAnswered> ApplyAsync(string trace, params string[] person) => Pipeline.ApplyAsync(
        X12Read.Stream(Fixtures.File271(
        [
            $"BHT*0022*11*{trace}*20260401*0801", "HL*1**20*1", "NM1*PR*2*FIRST MUTUAL*****PI*FM001", "HL*2*1*21*1",
            "NM1*1P*2*HILLTOP CLINIC*****XX*1234567893", "HL*3*2*22*0", $"TRN*2*{trace}*9931234567", .. person,
        ])),
        Ct);

    private void Add(string id, Action<CoverageEligibilityRequest>? change = null, Action<Coverage>? changeCoverage = null)
    {
        _practice.AddClaim(id, changeCoverage: changeCoverage);
        var request = new CoverageEligibilityRequest
        {
            Id = id,
            Status = FinancialResourceStatusCodes.Active,
            Purpose = [Purpose.Validation, Purpose.Benefits],
            Patient = new ResourceReference($"Patient/p-{id}"),
            Created = "2026-03-29",
            Serviced = new Date("2026-03-30"),
            Provider = new ResourceReference("Organization/clinic"),
            Insurer = new ResourceReference("Organization/payer"),
            Insurance = [new() { Focal = true, Coverage = new ResourceReference($"Coverage/c-{id}") }],
        };
        change?.Invoke(request);
        _practice.Records.Put(request);
    }

    private async Task<string> SentAsync()
    {
        var sent = Assert.Single((await _practice.Submission(_channel).DispatchAsync(Ct)).Files);
        Assert.True(sent.IsSent, sent.Problem);
        return Encoding.ASCII.GetString(_channel.Sent[sent.FileName]);
    }
}
