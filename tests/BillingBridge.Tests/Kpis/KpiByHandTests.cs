using System.Text;
using FhirEmr.BillingBridge.Channels;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Kpis;
using FhirEmr.BillingBridge.Kpis.Cube;
using FhirEmr.BillingBridge.Kpis.Definitions;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.MockPayer;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Remittance;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Tests.Fakes.LedgerPractice;

namespace FhirEmr.BillingBridge.Tests.Kpis;

/// <summary>Twenty claims sent, answered and worked by the pipelines, and every figure of billing spec 6 over them as worked out by hand.</summary>
/// <remarks>
/// Every claim charges 120 (99213-25) and 30 (87880). The mock payer allows 62 %: 74.40 and 18.60, together 93, so that CO-45 is 57.
/// <code>
/// claims    service  scrubbed  sent    answered
/// a1-a5     01-05    01-07     01-12   01-26      FULL FULL PAID PAID PAID
/// a6-a10    12-22    01-09     01-12   01-26      DED NOAUTH PART REJ277 UNDER
/// b1-b6     02-02    02-03     02-09   02-23      PAID PAID FULL NOAUTH COINS PAID
/// c1-c3     03-20    03-21     03-23   never      SILENT, of Medicare
/// d1        03-25    03-25     held by the scrub
///
/// FULL   paid 93                     CO 57     (a1, a2, b3)
/// PAID   paid 68     PR 25           CO 57     (a3, a4, a5, b1, b2, b6)
/// COINS  paid 74.40  PR 18.60        CO 57     (b5)
/// DED    paid 0      PR 93           CO 57     (a6)
/// PART   paid 49.40  PR 25           CO 45.60, line 2 (30) denied CO-97    (a8)
/// UNDER  paid 38     PR 25           CO 87     (a10: 42 % allowed, 50.40 and 12.60)
/// NOAUTH both lines denied CO-197    (a7, b4)
/// REJ277 rejected in the 277CA       (a9)
///
/// a2 and d1 were rejected by the first scrub, a2 was mended the same day.
/// 02-16  the patients of a3 and a4 pay 25 each       03-02  a7 is written off (denial, 150); b4 is appealed
/// 03-16  the appeal of b4 is won: 93 paid, CO 57; the patient of b1 pays 10       03-30  a6 is bad debt (93)
///
/// posted in the quarter: charges 19 × 150 = 2,850
///   payers    3 × 93 + 6 × 68 + 74.40 + 49.40 + 38 + 93 = 279 + 408 + 74.40 + 49.40 + 38 + 93 = 941.80
///   patients  25 + 25 + 10 = 60
///   CO        57 × 12 (three FULL, six PAID, b5, a6, b4) + 45.60 + 87 = 816.60
///   PR        6 × 25 + 18.60 + 93 + 25 + 25 = 311.60
/// open on 03-31: payers a8 30, a9 150, c1-c3 450 = 630; patients a5 25, a8 25, a10 25, b1 15, b2 25, b5 18.60, b6 25 = 158.60; together 788.60
///   check: 2,850 − 941.80 − 60 − 816.60 − 150 − 93 = 788.60
/// </code>
/// </remarks>
public sealed class KpiByHandTests : IAsyncLifetime
{
    private static readonly DateOnly Start = new(2026, 1, 1);
    private static readonly DateOnly End = new(2026, 3, 31);

    private static readonly (string Id, string Scenario, string Service, string Created)[] Plan =
    [
        ("a1", "FULL", "2026-01-05", "2026-01-07"), ("a2", "FULL", "2026-01-05", "2026-01-07"), ("a3", "PAID", "2026-01-05", "2026-01-07"),
        ("a4", "PAID", "2026-01-05", "2026-01-07"), ("a5", "PAID", "2026-01-05", "2026-01-07"), ("a6", "DED", "2025-12-22", "2026-01-09"),
        ("a7", "NOAUTH", "2025-12-22", "2026-01-09"), ("a8", "PART", "2025-12-22", "2026-01-09"), ("a9", "REJ277", "2025-12-22", "2026-01-09"),
        ("a10", "UNDER", "2025-12-22", "2026-01-09"), ("b1", "PAID", "2026-02-02", "2026-02-03"), ("b2", "PAID", "2026-02-02", "2026-02-03"),
        ("b3", "FULL", "2026-02-02", "2026-02-03"), ("b4", "NOAUTH", "2026-02-02", "2026-02-03"), ("b5", "COINS", "2026-02-02", "2026-02-03"),
        ("b6", "PAID", "2026-02-02", "2026-02-03"), ("c1", "SILENT", "2026-03-20", "2026-03-21"), ("c2", "SILENT", "2026-03-20", "2026-03-21"),
        ("c3", "SILENT", "2026-03-20", "2026-03-21"), ("d1", "FULL", "2026-03-25", "2026-03-25"),
    ];

    private readonly string _root = Directory.CreateTempSubdirectory("by-hand").FullName;
    private readonly SmallPractice _practice = new();
    private readonly ManualTime _clock = new(default);
    private readonly KpiCube _cube = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        foreach (var (id, scenario, service, created) in Plan)
            await ScrubAsync(id, scenario, service, created);
        await TurnAsync("a", "2026-01-12", "2026-01-26");
        await TurnAsync("b", "2026-02-09", "2026-02-23");
        await AtAsync("2026-02-16", () => PayAsync("a3", 25m));
        await AtAsync("2026-02-16", () => PayAsync("a4", 25m));
        await AtAsync("2026-03-02", () => new WriteOffs(_practice.Records, _clock).PostAsync(new WriteOff { ClaimId = "a7", Category = "denial", Reason = "late", EnteredBy = "x" }, Ct));
        await AtAsync("2026-03-02", () => MoveAsync("b4", ClaimStage.Appealed));
        await AtAsync("2026-03-16", async () =>
        {
            var era = Era("APPEAL", [Clp("b4", "1", "99213:25 120 74.40 CO-45=45.60", "87880 30 18.60 CO-45=11.40")]).Replace("20260420", "20260316", StringComparison.Ordinal);
            Assert.False((await Remittances.PostAsync(new MemoryStream(Encoding.ASCII.GetBytes(era)), Ct)).IsRefused);
        });
        await AtAsync("2026-03-16", () => PayAsync("b1", 10m));
        await TurnAsync("c", "2026-03-23", "2026-03-24");
        await AtAsync("2026-03-30", () => new WriteOffs(_practice.Records, _clock).PostAsync(new WriteOff { ClaimId = "a6", Category = "bad-debt", Reason = "gone", EnteredBy = "x" }, Ct));
        Visits();
        Count();
    }

    public ValueTask DisposeAsync()
    {
        _cube.Dispose();
        Directory.Delete(_root, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void The_ledger_is_as_worked_out()
    {
        var balances = Balances.Of(_practice.Records.All<Basic>().Where(JournalBasic.IsEntry).Select(JournalBasic.Parse));
        Assert.Equal((0m, 630m, 158.60m), (balances.SumUsd, balances.Usd(LedgerAccount.InsuranceReceivable), balances.Usd(LedgerAccount.PatientReceivable)));
        Assert.Equal((-2_850m, 816.60m, 1_001.80m), (balances.Usd(LedgerAccount.Revenue), balances.Usd(LedgerAccount.ContractualAdjustment), balances.Usd(LedgerAccount.Cash)));
    }

    [Theory]
    // A/R 788.60 ÷ (2,850 ÷ 90): all charges were posted in the last 90 days, 01-01 to 03-31.
    [InlineData("AR-DAYS", 788.60, 2_850, 24.9032)]
    // Older than 90 days by service: the claims of 12-22 (99 days): a8 30 + 25, a9 150, a10 25 = 230 of 788.60.
    [InlineData("AR-AGING", 230, 788.60, 0.2917)]
    // Of 19 sent: not a2 (first scrub), not a9 (277CA), not c1-c3 (no word yet).
    [InlineData("CCR", 14, 19, 0.7368)]
    // Of 20 scrubbed: not a2, not d1.
    [InlineData("SCRUB-PASS", 18, 20, 0.9)]
    // Of 19 sent: not a9, not c1-c3; a2 was taken at first.
    [InlineData("FPA", 15, 19, 0.7895)]
    // Fifteen answered; three with a denied line: a7, a8, b4.
    [InlineData("FPR", 12, 15, 0.8)]
    [InlineData("IDR-N", 3, 15, 0.2)]
    // Denied lines 150 + 30 + 150, of 15 × 150.
    [InlineData("IDR-$", 330, 2_250, 0.1467)]
    // Closed in the quarter: the two lines of a7 (written off) and of b4 (won). The line of a8 is open.
    [InlineData("OVERTURN", 2, 4, 0.5)]
    // 150 ÷ (2,850 − 816.60).
    [InlineData("DENIAL-WO", 150, 2_033.40, 0.0738)]
    // Services of the quarter that were charged: a1-a5, b1-b6, c1-c3, 14 × 150. Paid: 2 × 93 + 3 × 68 + 50, 3 × 68 + 93 + 93 + 74.40 + 10.
    [InlineData("GCR", 914.40, 2_100, 0.4354)]
    // The same less CO 57 × 11 = 627.
    [InlineData("NCR", 914.40, 1_473, 0.6208)]
    // Days: 5 × 2 + 5 × 18 + 6 × 1 + 3 × 1 + 0 = 109.
    [InlineData("CHARGE-LAG", 109, 20, 5.45)]
    // Days: 5 × 7 + 5 × 21 + 6 × 7 + 3 × 3 = 191.
    [InlineData("BILL-LAG", 191, 19, 10.0526)]
    // Each fourteen days.
    [InlineData("PAY-LAG", 210, 15, 14)]
    // Two finished encounters; that of d1 is not billed.
    [InlineData("DNFB", 1, 2, 1)]
    // Nobody paid on the day of service; shares of the services of the quarter: 3 × 25 + 3 × 25 + 18.60.
    [InlineData("POS-COLL", 0, 168.60, 0)]
    [InlineData("PT-COLL", 60, 311.60, 0.1926)]
    [InlineData("BAD-DEBT", 93, 2_850, 0.0326)]
    // 100 spent for 941.80 + 60.
    [InlineData("COST-TO-COLLECT", 100, 1_001.80, 0.0998)]
    // Fifteen visits with service in the quarter (d1 is one), 1.30 each.
    [InlineData("PROD-wRVU", 19.5, 15, 19.5)]
    [InlineData("PROD-ENC", 914.40, 19.5, 46.8923)]
    // a10: 74.40 − 50.40 and 18.60 − 12.60. Under contract and not denied: 15 × 2 lines less a7 two, a8 one.
    [InlineData("UNDERPAY", 30, 27, 30)]
    [InlineData("CREDIT-BAL", 0, 0, 0)]
    // Four visits, two with a 271 at most three days before, one nobody came to.
    [InlineData("ELIG-RATE", 2, 4, 0.5)]
    [InlineData("NO-SHOW", 1, 4, 0.25)]
    // The four lines of a7 and b4; with the two of a1, which carries a number.
    [InlineData("AUTH-DENIAL", 4, 6, 0.6667)]
    public void A_figure_is_as_worked_out(string id, double numerator, double denominator, double value)
    {
        var figure = Figure(id);
        Assert.Equal(((decimal)numerator, (decimal)denominator), (figure.Numerator, figure.Denominator));
        Assert.Equal((decimal)value, decimal.Round(figure.Value!.Value, 4));
    }

    [Fact]
    public void Parts_are_as_worked_out()
    {
        // c 450; b1 15 + b2 25 + b5 18.60 + b6 25; a5 25; a8, a9, a10 230; nothing older.
        Assert.Equal([450m, 83.60m, 25m, 230m, 0m], Figure("AR-AGING").Parts.Take(5).Select(p => p.Numerator));
        Assert.Equal([("appealed", 2m, 2m), ("dollars", 93m, 300m)], Figure("OVERTURN").Parts.Select(p => (p.Name, p.Numerator, p.Denominator)));
        Assert.Equal(
            [("charges commercial", 2_400m), ("charges medicare", 450m), ("payments commercial", 1_001.80m)],
            Figure("PAYER-MIX").Parts.Where(p => !p.Name.StartsWith("encounters", StringComparison.Ordinal)).Select(p => (p.Name, p.Numerator)));
        Assert.Equal([1.5m], Figure("CHARGE-LAG").Parts.Where(p => p.Name == "median").Select(p => p.Value!.Value)); // the tenth is 1, the eleventh 2
        Assert.Equal([7m], Figure("BILL-LAG").Parts.Where(p => p.Name == "median").Select(p => p.Value!.Value));
        // Three claims of fifteen: two for want of an authorisation, one bundled.
        Assert.Equal((2m, 1m), (Figure("DENIAL-MIX").Parts.Single(p => p.Name == "reason:CO-197").Numerator, Figure("DENIAL-MIX").Parts.Single(p => p.Name == "reason:CO-97").Numerator));
        // No two years of chronic conditions to capture again.
        Assert.Null(Figure("RECAPTURE").Value);
    }

    [Fact]
    public void Every_definition_is_worked_out_here()
    {
        var here = typeof(KpiByHandTests).GetMethod(nameof(A_figure_is_as_worked_out))!.GetCustomAttributes(typeof(InlineDataAttribute), false)
            .Cast<InlineDataAttribute>().Select(d => (string)d.Data[0]!).Concat(["DENIAL-MIX", "PAYER-MIX", "RECAPTURE", "EM-DIST"]);
        Assert.Equal(KpiBook.All.Select(k => k.Id).Order(StringComparer.Ordinal), here.Order(StringComparer.Ordinal));
        // All fifteen office visits with service in the quarter are 99213.
        Assert.Contains(Figure("EM-DIST").Parts, p => p.Name.Contains("99213", StringComparison.Ordinal) && p.Numerator == 15m);
    }

    private RemittancePipeline Remittances => new(_practice.Records, _clock);

    private KpiFigure Figure(string id) => Assert.Single(_cube.Count(new KpiQuery { Kpis = [KpiBook.Find(id)!], Start = Start, End = End, Today = new(2026, 11, 29), BillingCostUsd = 100m }));

    private static DateTimeOffset At(string day, int hour = 8) => new(DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture), new TimeOnly(hour, 0), TimeSpan.Zero);

    private async Task AtAsync(string day, Func<Task> act)
    {
        _clock.Now = At(day, 12);
        await act();
    }

    private async Task ScrubAsync(string id, string scenario, string service, string created)
    {
        _clock.Now = At(created);
        _practice.AddClaim(id, $"{scenario}0{id}", claim =>
        {
            claim.Created = created;
            claim.Item.ForEach(i => i.Serviced = new Date(service));
            claim.SetStage(ClaimStage.Draft);
            if (id is "a1")
                claim.Insurance[0].PreAuthRef = ["AUTH1"];
            if (id is "a1" or "d1")
                claim.Item.ForEach(i => i.Encounter = [new ResourceReference($"Encounter/e-{id}")]);
        }, coverage =>
        {
            if (id[0] == 'c')
                coverage.Type = new CodeableConcept("https://x12.org/codes/claim-filing-indicator-codes", "MB");
        });
        if (id is "a1" or "d1")
        {
            _practice.Records.Put(new Encounter
            {
                Id = $"e-{id}",
                Status = Encounter.EncounterStatus.Finished,
                Class = new Coding("http://terminology.hl7.org/CodeSystem/v3-ActCode", "AMB"),
                Subject = new ResourceReference($"Patient/p-{id}"),
                Period = new Period { Start = service, End = service },
            });
        }

        foreach (var stage in (string[])(id switch { "d1" => [ClaimStage.ScrubFailed], "a2" => [ClaimStage.ScrubFailed, ClaimStage.Draft, ClaimStage.Ready], _ => [ClaimStage.Ready] }))
        {
            await MoveAsync(id, stage);
            _clock.Now = _clock.Now.AddMinutes(1);
        }

        // Held back until their turn: ready claims go out with the next file.
        if (id != "d1")
            _practice.SetStage(id, "waiting");
    }

    private async Task MoveAsync(string id, string stage)
    {
        var walk = new StageWalk(_practice.Records.Get<Claim>(id), BillingAgent.Reference, _clock.Now);
        Assert.Null(walk.MoveTo(stage, "by hand"));
        var transaction = new FhirTransaction();
        transaction.Write(walk);
        Assert.IsType<CommitOutcome.Committed>(await _practice.Records.CommitAsync(transaction.Bundle, Ct));
    }

    private async Task TurnAsync(string group, string sent, string answered)
    {
        foreach (var (id, _, _, _) in Plan.Where(p => p.Id.StartsWith(group, StringComparison.Ordinal)))
            _practice.SetStage(id, ClaimStage.Ready);
        _clock.Now = At(sent);
        var channel = new FolderChannel(_root, ChannelKind.Mock);
        var submission = new SubmissionPipeline(_practice.Records, channel, SmallPractice.Options, _clock);
        Assert.Empty((await submission.BatchReadyClaimsAsync(Ct)).NotSent);
        await submission.DispatchAsync(Ct);
        _clock.Now = At(answered);
        await new ScriptedPayer(channel, new MockScript(), _clock).AnswerAllAsync(Ct);
        Assert.DoesNotContain(await new InboundPipeline(channel, submission, Remittances).ReceiveAsync(Ct), r => r.IsRefused);
    }

    private async Task PayAsync(string claim, decimal usd) => Assert.IsType<MoneyResult.Done>(await new PatientPayments(_practice.Records, _clock).PostAsync(
        new PatientPayment { PatientId = $"p-{claim}", AmountUsd = usd, TransactionId = $"T-{claim}", EnteredBy = "desk" }, Ct));

    private void Visits()
    {
        for (var i = 1; i <= 4; i++)
        {
            _practice.Records.Put(new Appointment
            {
                Id = $"v{i}",
                Status = i == 4 ? Appointment.AppointmentStatus.Noshow : Appointment.AppointmentStatus.Fulfilled,
                Start = At("2026-02-02", 9 + i),
                Participant = [new() { Actor = new ResourceReference($"Patient/p-b{i}"), Status = ParticipationStatus.Accepted }],
            });
        }

        foreach (var (patient, day) in (ReadOnlySpan<(string, string)>)[("b1", "2026-01-30"), ("b2", "2026-02-02"), ("b3", "2026-01-29")]) // three days before, the day itself, four days before
        {
            _practice.Records.Put(new CoverageEligibilityResponse
            {
                Id = $"r-{patient}",
                Status = FinancialResourceStatusCodes.Active,
                Outcome = ClaimProcessingCodes.Complete,
                Patient = new ResourceReference($"Patient/p-{patient}"),
                Created = day,
            });
        }
    }

    /// <summary>Every resource through the reader, filed and put into the cube as the server does.</summary>
    private void Count()
    {
        var contracts = new ContractRates([new("FM001", "99213", null, null, null, 74.40m), new("FM001", "87880", null, null, null, 18.60m)]);
        var tables = new KpiTables
        {
            Fee = (code, modifier, _) => (code, modifier) == ("99213", "") ? new Dictionary<string, string> { ["work"] = "1.30", ["multiple"] = "0", ["preOp"] = "0", ["intraOp"] = "0", ["postOp"] = "0" } : null,
            ContractAllowed = (claim, line) => claim.PayerId is { } payer && line.Day is { } day && contracts.AllowedUsd(payer, line.Code, line.Modifiers, day, line.Place, line.Units, line.ChargeCents / 100m) is { } usd ? (long)(usd * 100m) : null,
        };
        var reader = new KpiReader(JournalBasic.Find, null);
        var parts = new Dictionary<string, ClaimParts>();
        _cube.Change(() =>
        {
            foreach (var resource in _practice.Records.All<Encounter>().Cast<Resource>().Concat(_practice.Records.All<Claim>()).Concat(_practice.Records.All<Provenance>())
                .Concat(_practice.Records.All<ClaimResponse>()).Concat(_practice.Records.All<Basic>()).Concat(_practice.Records.All<Appointment>()).Concat(_practice.Records.All<CoverageEligibilityResponse>()))
            {
                switch (Read(resource))
                {
                    case KpiRecord.OfEncounter encounter:
                        _cube.Put(encounter.Encounter);
                        break;
                    case KpiRecord.OfVisit visit:
                        _cube.Put(visit.Visit);
                        break;
                    case KpiRecord.OfEligibility answer:
                        _cube.PutEligibility(answer.Patient, [answer.Day]);
                        break;
                    case { } record:
                        var claim = record switch { KpiRecord.OfClaim c => c.Header.Id, KpiRecord.OfStep s => s.Claim, KpiRecord.OfAnswer a => a.Claim, KpiRecord.OfJournal j => j.Claim, _ => throw new InvalidOperationException() };
                        if (!parts.TryGetValue(claim, out var of))
                            parts[claim] = of = new ClaimParts();
                        KpiFiling.File(of, record);
                        break;
                }
            }

            foreach (var (id, of) in parts)
                _cube.Put(id, of, tables);
        });

        KpiRecord? Read(Resource resource)
        {
            if (resource is not Claim claim)
                return reader.Read(resource, "");
            var coverage = _practice.Records.Get<Coverage>($"c-{claim.Id}");
            return reader.Read(claim, PayerDirectory.FamilyOf(coverage, _practice.Records.Get<Organization>("payer")).ToString().ToLowerInvariant(), "FM001");
        }
    }
}
