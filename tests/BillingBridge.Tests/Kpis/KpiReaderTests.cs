using System.Text;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Kpis;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.BillingBridge.Tests.X12;
using Hl7.Fhir.Model;
using Measure = FhirEmr.BillingBridge.Kpis.Measure;

namespace FhirEmr.BillingBridge.Tests.Kpis;

/// <summary>What the pipelines write is what the KPIs read.</summary>
public sealed class KpiReaderTests
{
    private static readonly KpiReader Reader = new(_ => null, null);
    private readonly SmallPractice _practice = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_claim_that_was_sent_and_paid_reads_as_such()
    {
        var facts = await PostAsync(
            "75", "CLP*PCNA1*1*150*75*25*CI*FM9001*11*1", "SVC*HC:99213:25*120*55**1", "CAS*CO*45*40", "CAS*PR*3*25", "REF*6R*PCNA1-1", "AMT*B6*80",
            "SVC*HC:87880*30*20**1", "CAS*CO*45*10", "REF*6R*PCNA1-2", "AMT*B6*20");

        Assert.Equal((new DateOnly(2026, 4, 1), new DateOnly(2026, 4, 20), true), (facts.FirstSubmittedOn, facts.FirstAnsweredOn, facts.IsResolvedFirst));
        Assert.True(facts.IsAcceptedFirst);
        Assert.Empty(facts.Denied);
        Assert.Equal(("Practitioner/doctor", "Patient/p-a1", "commercial", 1), (facts.Header.Provider, facts.Header.Patient, facts.Header.PayerClass, facts.Header.Rank));
        Assert.Equal([("99213", 120_00L, "25"), ("87880", 30_00L, "")], facts.Header.Lines.Select(l => (l.Code, l.ChargeCents, string.Join(' ', l.Modifiers))));
        Assert.Equal(
            [(Measure.Charge, 150_00L), (Measure.PayerPayment, 75_00L), (Measure.Contractual, 50_00L), (Measure.PatientShare, 25_00L), (Measure.PayerBalance, 0L), (Measure.PatientBalance, 25_00L)],
            facts.Postings.GroupBy(p => p.Measure).OrderBy(g => g.Key).Select(g => (g.Key, g.Sum(p => p.Cents))));
    }

    [Fact]
    public async Task A_denied_line_reads_with_its_category_and_the_rule_that_would_have_caught_it()
    {
        var facts = await PostAsync(
            "20", "CLP*PCNA1*1*150*20**CI*FM9001*11*1", "SVC*HC:99213:25*120*0**1", "CAS*CO*197*120", "REF*6R*PCNA1-1", "SVC*HC:87880*30*20**1", "CAS*CO*45*10", "REF*6R*PCNA1-2");

        var denied = Assert.Single(facts.Denied);
        Assert.Equal((1, 120_00L), (denied.Number, denied.ChargeCents));
        Assert.Equal(("CO", "197", "auth", 120_00L), (denied.Reasons[0].Group, denied.Reasons[0].Carc, denied.Reasons[0].Category, denied.Reasons[0].Cents));
        Assert.StartsWith("AUT-", denied.Reasons[0].RootCause, StringComparison.Ordinal);
        Assert.False(facts.IsResolvedFirst);
        Assert.Equal(120_00L, facts.Postings.Where(p => p.Measure == Measure.PayerBalance).Sum(p => p.Cents)); // still to be won
    }

    [Fact]
    public void A_remark_refines_what_a_reason_means()
    {
        var response = new ClaimResponse
        {
            Id = "r",
            Status = FinancialResourceStatusCodes.Active,
            Use = ClaimUseCode.Claim,
            Request = new ResourceReference("Claim/c"),
            Created = "2026-02-01",
            ProcessNote = [new() { Number = 7, Text = "N290" }],
            Item = [new() { ItemSequence = 1, NoteNumber = [7] }],
        };
        Assert.Equal(["N290"], ((KpiRecord.OfAnswer)Reader.Read(response, "")!).Answer.Lines[0].Remarks);
    }

    [Fact]
    public void Encounters_charges_visits_and_eligibility_are_read()
    {
        var encounter = new Encounter
        {
            Id = "e",
            Status = Encounter.EncounterStatus.Finished,
            Period = new Period { Start = "2026-02-01T09:00:00Z", End = "2026-02-02" },
            Participant = [new() { Individual = new ResourceReference("Practitioner/other") }, new() { Type = [new CodeableConcept("x", "PPRF")], Individual = new ResourceReference("Practitioner/own") }],
        };
        var facts = ((KpiRecord.OfEncounter)Reader.Read(encounter, "")!).Encounter;
        Assert.Equal((new DateOnly(2026, 2, 1), new DateOnly(2026, 2, 2), true, "Practitioner/own"), (facts.Day, facts.EndDay, facts.IsFinished, facts.Provider));

        var charge = new ChargeItem
        {
            Id = "i",
            Status = ChargeItem.ChargeItemStatus.Billable,
            Context = new ResourceReference("Encounter/e"),
            EnteredDate = "2026-02-05",
            PriceOverride = new Money { Value = 12.5m },
            Quantity = new Quantity { Value = 2 },
        };
        Assert.Equal(new KpiRecord.OfCharge("e", "i", new EnteredCharge(new(2026, 2, 5), 25_00)), Reader.Read(charge, ""));
        charge.Status = ChargeItem.ChargeItemStatus.EnteredInError;
        Assert.Null(Reader.Read(charge, ""));

        var visit = new Appointment
        {
            Id = "v",
            Status = Appointment.AppointmentStatus.Noshow,
            Start = new DateTimeOffset(2026, 2, 1, 23, 0, 0, TimeSpan.Zero),
            Participant = [new() { Actor = new ResourceReference("Patient/p") }, new() { Actor = new ResourceReference("Practitioner/own") }],
        };
        Assert.Equal(new KpiRecord.OfVisit(new VisitFacts("v", new(2026, 2, 1), true, true, "Patient/p", "Practitioner/own", null)), Reader.Read(visit, ""));
        visit.Status = Appointment.AppointmentStatus.Cancelled;
        Assert.False(((KpiRecord.OfVisit)Reader.Read(visit, "")!).Visit.IsScheduled);

        var answer = new CoverageEligibilityResponse { Id = "c", Outcome = ClaimProcessingCodes.Complete, Patient = new ResourceReference("Patient/p"), Created = "2026-01-30" };
        Assert.Equal(new KpiRecord.OfEligibility("Patient/p", "c", new(2026, 1, 30)), Reader.Read(answer, ""));
        answer.Outcome = ClaimProcessingCodes.Error;
        Assert.Null(Reader.Read(answer, ""));
    }

    [Fact]
    public void A_claim_without_coverage_is_the_patients_own()
    {
        var claim = _practice.AddClaim("a1", change: c => c.Insurance = [new() { Sequence = 1, Focal = false, Coverage = new ResourceReference { Display = "none" } }]);
        Assert.Equal("self", ((KpiRecord.OfClaim)Reader.Read(claim, "commercial")!).Header.PayerClass);
    }

    [Fact]
    public void The_practices_zone_decides_the_day_of_a_step()
    {
        var reader = new KpiReader(_ => null, TimeZoneInfo.CreateCustomTimeZone("west", TimeSpan.FromHours(-5), "west", "west"));
        var claim = _practice.AddClaim("a1");
        var moved = (StageChange.Moved)StageTransitions.Move(claim, ClaimStage.Queued, "sent", new ResourceReference(), new DateTimeOffset(2026, 4, 2, 3, 0, 0, TimeSpan.Zero));
        Assert.Equal(new DateOnly(2026, 4, 1), ((KpiRecord.OfStep)reader.Read(moved.Provenance, "")!).Step.On);
    }

    private async Task<ClaimFacts> PostAsync(string paid, params string[] claim)
    {
        _practice.AddClaim("a1");
        var submission = _practice.Submission(new MemoryChannel());
        await submission.BatchReadyClaimsAsync(Ct);
        await submission.DispatchAsync(Ct);
        await _practice.Remittance().PostAsync(new MemoryStream(Encoding.ASCII.GetBytes(Fixtures.File835(
            [$"BPR*I*{paid}*C*ACH************20260420", "TRN*1*E77*1600000001", "DTM*405*20260420", "N1*PR*FIRST MUTUAL*XV*FM001", "N1*PE*HILLTOP CLINIC*XX*1234567893", "LX*1", .. claim]))), Ct);

        var parts = new ClaimParts();
        var read = _practice.Records.All<Claim>().Cast<Resource>().Concat(_practice.Records.All<ClaimResponse>()).Concat(_practice.Records.All<Provenance>()).Select(r => Reader.Read(r, "commercial"));
        foreach (var record in read)
            KpiFiling.File(parts, record!);
        return ClaimFacts.Of(parts, new KpiTables())!;
    }
}
