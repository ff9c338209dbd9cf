using FhirEmr.BillingBridge.Kpis;
using FhirEmr.BillingBridge.Kpis.Cube;
using FhirEmr.BillingBridge.Kpis.Definitions;
using static FhirEmr.BillingBridge.Tests.Kpis.KpiPractice;

namespace FhirEmr.BillingBridge.Tests.Kpis;

/// <summary>A small practice counted by hand: whole, cut, split, and down to the records.</summary>
public sealed class KpiCutsTests
{
    private static readonly DateOnly Day = new(2026, 2, 10);

    [Fact]
    public void Claims_are_cut_by_payer_provider_location_class_and_code()
    {
        using var practice = Practice();
        Assert.Equal((2m, 4m), Sums(practice.Figure("IDR-N")));
        Assert.Equal((1m, 2m), Sums(practice.Figure("IDR-N", q => q with { Payer = "Organization/acme" })));
        Assert.Equal((1m, 3m), Sums(practice.Figure("IDR-N", q => q with { Provider = "Practitioner/ada" })));
        Assert.Equal((1m, 1m), Sums(practice.Figure("IDR-N", q => q with { Location = "Location/hill" })));
        Assert.Equal((1m, 2m), Sums(practice.Figure("IDR-N", q => q with { PayerClass = "medicare" })));
        Assert.Equal((0m, 0m), Sums(practice.Figure("IDR-N", q => q with { Payer = "Organization/nobody" })));
        // Of a code, its lines: c2's denial is of its first line, a 99213.
        Assert.Equal((1m, 2m), Sums(practice.Figure("IDR-N", q => q with { Code = "99213" })));
        Assert.Equal((0m, 2m), Sums(practice.Figure("IDR-N", q => q with { Code = "20610" })));
        Assert.Equal((100m, 200m), Sums(practice.Figure("IDR-$", q => q with { Code = "99213" })));
    }

    [Fact]
    public void Figures_split_into_groups_that_sum_to_the_whole()
    {
        using var practice = Practice();
        Assert.Equal([("Organization/acme", 1m, 2m), ("Organization/old", 1m, 2m)], Groups(practice.Figures("IDR-N", q => q with { GroupBy = KpiGrouping.Payer })));
        Assert.Equal([("Practitioner/ada", 1m, 3m), ("Practitioner/bo", 1m, 1m)], Groups(practice.Figures("IDR-N", q => q with { GroupBy = KpiGrouping.Provider })));
        Assert.Equal([("2026-02", 1m, 3m), ("2026-03", 1m, 1m)], Groups(practice.Figures("IDR-N", q => q with { GroupBy = KpiGrouping.Month })));
        Assert.Equal([("20610", 0m, 2m), ("99213", 1m, 2m), ("99214", 1m, 1m)], Groups(practice.Figures("IDR-N", q => q with { GroupBy = KpiGrouping.Code })));
        string[] additive = ["AR-DAYS", "AR-AGING", "CCR", "FPR", "IDR-N", "IDR-$", "GCR", "DENIAL-WO", "PROD-wRVU", "CREDIT-BAL"];
        foreach (var by in (KpiGrouping[])[KpiGrouping.Payer, KpiGrouping.Provider, KpiGrouping.Location, KpiGrouping.PayerClass, KpiGrouping.Month])
            Assert.All(additive, id => Assert.Equal(Sums(practice.Figure(id)), Sums(practice.Figures(id, q => q with { GroupBy = by }))));
    }

    [Fact]
    public void The_records_behind_a_figure_are_named()
    {
        using var practice = Practice();
        Assert.Equal(["Claim/c2", "Claim/c4"], practice.Figure("IDR-N", q => q with { Drill = KpiDrill.Numerator }).Ids);
        Assert.Equal(["Claim/c1", "Claim/c2", "Claim/c3", "Claim/c4"], practice.Figure("IDR-N", q => q with { Drill = KpiDrill.Denominator }).Ids);
        Assert.Equal(["Claim/c1", "Claim/c3"], practice.Figure("IDR-N", q => q with { Drill = KpiDrill.Rest }).Ids);
        Assert.Equal(["Claim/c4"], practice.Figure("DENIAL-MIX", q => q with { Drill = KpiDrill.Numerator, DrillPart = "reason:CO-50" }).Ids);
        Assert.Empty(practice.Figure("DENIAL-MIX", q => q with { Drill = KpiDrill.Numerator, DrillPart = "reason:CO-999" }).Ids);
    }

    [Fact]
    public void Denials_are_told_by_category_reason_payer_provider_and_root_cause()
    {
        using var practice = Practice();
        Assert.Equal(
            [
                ("category:auth", .25m), ("category:medical-necessity", .25m), ("payer:Organization/acme", .25m), ("payer:Organization/old", .25m), ("provider:Practitioner/ada", .25m),
                ("provider:Practitioner/bo", .25m), ("reason:CO-197", .25m), ("reason:CO-50", .25m), ("root-cause:AUT-002", .50m),
            ],
            practice.Figure("DENIAL-MIX").Parts.Select(p => (p.Name, p.Value!.Value)));
    }

    [Fact]
    public void A_balance_is_as_of_the_last_day_of_the_period()
    {
        using var practice = Practice();
        Assert.Equal(400m, practice.Figure("AR-AGING", q => q with { End = Day }).Denominator); // nobody had paid yet
        Assert.Equal(220m, practice.Figure("AR-AGING").Denominator);
    }

    [Fact]
    public void A_claim_counted_again_replaces_what_it_was()
    {
        using var practice = Practice();
        practice.Cube.Change(() => practice.Cube.Put(Claim("c2", "acme", "ada", "main", "commercial", Day) with
        {
            Header = Claim("c2", "acme", "ada", "main", "commercial", Day).Header with { Lines = [.. Enumerable.Range(1, 9).Select(i => Line(i, 10m, "99215"))] },
        }));
        Assert.Equal((1m, 4m), Sums(practice.Figure("IDR-N")));
        Assert.Equal((0m, 1m), Sums(practice.Figure("IDR-N", q => q with { Code = "99215" })));
        practice.Cube.Change(() => practice.Cube.RemoveClaim("c4"));
        Assert.Equal((0m, 3m), Sums(practice.Figure("IDR-N")));
    }

    [Fact]
    public void Many_claims_counted_by_several_workers_are_the_same_as_by_one()
    {
        using var practice = new KpiPractice();
        practice.Claims(100_000, id => Claim(id, id.Length % 2 == 0 ? "acme" : "old", id[^1] is '3' or '7' ? "ada" : "bo", "main", "commercial", Day.AddDays(id[^1] - '0')) with
        {
            Denied = id[^1] == '1' ? [Denied(100m, carc: id[^2] == '1' ? "50" : "197", category: "auth")] : [],
            FirstSubmittedOn = Day.AddDays((id[^1] - '0') / 2),
        });
        Assert.Equal((10_000m, 100_000m), Sums(practice.Figure("IDR-N")));
        Assert.Equal((20_000m, 1m), (practice.Figures("IDR-N", q => q with { GroupBy = KpiGrouping.Provider })[0].Denominator, practice.Figures("IDR-N", q => q with { GroupBy = KpiGrouping.Month }).Count));
        Assert.Equal([("reason:CO-197", 9_000m), ("reason:CO-50", 1_000m)], practice.Figure("DENIAL-MIX").Parts.Where(p => p.Name[0] == 'r' && p.Name[1] == 'e').Select(p => (p.Name, p.Numerator)));
        Assert.Equal((2.5m, 2.5m), (practice.Figure("PAY-LAG").Value!.Value, practice.Figure("PAY-LAG").Parts[0].Value!.Value));
        Assert.Equal(10_000, practice.Figure("IDR-N", q => q with { Drill = KpiDrill.Numerator }).Ids.Distinct().Count());
    }

    [Fact]
    public void Office_levels_stand_beside_those_of_the_other_providers()
    {
        using var practice = new KpiPractice();
        foreach (var (who, code, count) in ((string, string, int)[])[("ada", "99213", 10), ("ada", "99214", 30), ("bo", "99213", 60), ("bo", "99214", 40), ("bo", "99203", 5)])
            practice.Claims(count, id => Facts(id) with { Header = Header(id, Line(1, 100m, code)) with { Provider = $"Practitioner/{who}" } });
        var level = practice.Figure("EM-DIST", q => q with { Provider = "Practitioner/ada" }).Parts.Single(p => p.Name == "99214");
        Assert.Equal((30m, 40m, .75m, .40m), (level.Numerator, level.Denominator, level.Value, level.PeerValue));
        Assert.Equal(4.5185m, level.ZScore); // (0.75 - 0.40) / sqrt(0.40 * 0.60 / 40)
        Assert.Equal(level, practice.Figures("EM-DIST", q => q with { GroupBy = KpiGrouping.Provider })[0].Parts.Single(p => p.Name == "99214"));
    }

    [Fact]
    public void Office_levels_stand_beside_the_curve_of_the_specialty_on_the_day()
    {
        using var practice = new KpiPractice();
        foreach (var (who, code, count) in ((string, string, int)[])[("ada", "99213", 10), ("ada", "99214", 30), ("bo", "99213", 60), ("bo", "99214", 40), ("cy", "99214", 7)])
            practice.Claims(count, id => Facts(id) with { Header = Header(id, Line(1, 100m, code)) with { Provider = $"Practitioner/{who}" } });
        var curves = new SpecialtyCurves(
        [
            new("08", "levels of 2026", new(2026, 1, 1), new(2026, 12, 31), new Dictionary<string, decimal> { ["99213"] = 500m, ["99214"] = 500m }),
            new("08", "levels of 2025", null, new(2025, 12, 31), new Dictionary<string, decimal> { ["99213"] = 900m, ["99214"] = 100m }),
            new("11", "levels of 2026", null, null, new Dictionary<string, decimal> { ["99213"] = 200m, ["99214"] = 300m }),
        ],
        [("Practitioner/ada", "33"), ("Practitioner/ada", "08"), ("Practitioner/bo", "11")]);

        var ada = practice.Figure("EM-DIST", q => q with { Provider = "Practitioner/ada", Curves = curves });
        var level = ada.Parts.Single(p => p.Name == "99214");
        Assert.Equal((.75m, .5m, 3.1623m), (level.Value, level.CurveValue, level.CurveZScore)); // (30 - 20) / sqrt(40 * 0.5 * 0.5)
        Assert.Equal(["Visits compared with Medicare specialty 08 (levels of 2026): 40."], ada.Notes);

        // The whole practice: 40 visits at 0.5 and 100 at 0.6 make 80 of 140; seven nobody knows the specialty of.
        var all = practice.Figure("EM-DIST", q => q with { Curves = curves });
        level = all.Parts.Single(p => p.Name == "99214");
        Assert.Equal((77m, 147m, 80m / 140m, -1.7150m), (level.Numerator, level.Denominator, level.CurveValue, level.CurveZScore)); // (70 - 80) / sqrt(40 * 0.25 + 100 * 0.24)
        Assert.Equal(3, all.Notes.Count);
        Assert.EndsWith(": 7.", all.Notes[2], StringComparison.Ordinal);

        var without = practice.Figure("EM-DIST");
        Assert.Contains("office-levels is not loaded", Assert.Single(without.Notes), StringComparison.Ordinal);
        Assert.All(without.Parts, p => Assert.Equal((null, null), (p.CurveValue, p.CurveZScore)));
    }

    [Fact]
    public void A_visit_is_not_billed_until_a_claim_of_it_is_submitted()
    {
        using var practice = new KpiPractice();
        practice.Cube.Change(() =>
        {
            practice.Cube.Put(new EncounterFacts { Id = "e1", Day = End.AddDays(-10), EndDay = End.AddDays(-10), IsFinished = true, Charges = new Dictionary<string, EnteredCharge> { ["i"] = new(End, 80_00) } });
            practice.Cube.Put(new EncounterFacts { Id = "e2", Day = End.AddDays(-4), EndDay = End.AddDays(-4), IsFinished = true });
            practice.Cube.Put(new EncounterFacts { Id = "e3", Day = Day, EndDay = Day, IsFinished = true });
            practice.Cube.Put(new EncounterFacts { Id = "e4", Day = Day, EndDay = Day, IsFinished = false });
            practice.Cube.Put(Facts("c2") with { Header = Header("c2") with { Encounter = "e2" } }); // a draft
            practice.Cube.Put(Facts("c3") with { Header = Header("c3") with { Encounter = "e3" }, FirstSubmittedOn = Day });
        });
        var figure = practice.Figure("DNFB", q => q with { Drill = KpiDrill.Numerator });
        Assert.Equal((2m, 3m, 2m), (figure.Numerator, figure.Denominator, figure.Value));
        Assert.Equal([180m, 7m, 7m], figure.Parts.Select(p => p.Value!.Value));
        Assert.Equal(["Encounter/e1", "Encounter/e2"], figure.Ids);
        Assert.Equal(0m, practice.Figure("DNFB", q => q with { End = Day }).Numerator); // as of that day e3 is billed, and the others have not been
    }

    [Fact]
    public void A_visit_with_two_first_payers_counts_once_and_is_billed_when_both_have_its_claims()
    {
        using var practice = new KpiPractice();
        ClaimFacts Share(string id, string payer, decimal usd, DateOnly? sent) => Facts(id) with
        {
            Header = Header(id, Line(1, usd)) with { Encounter = "e1", Payer = $"Organization/{payer}", PayerClass = payer == "fund" ? "workers-compensation" : "commercial" },
            FirstSubmittedOn = sent,
        };
        practice.Cube.Change(() =>
        {
            practice.Cube.Put(new EncounterFacts { Id = "e1", Day = Day, EndDay = Day, IsFinished = true });
            practice.Cube.Put(Share("c1", "acme", 100m, Day.AddDays(1)));
            practice.Cube.Put(Share("c2", "fund", 150m, null));
        });

        var figure = practice.Figure("DNFB");
        Assert.Equal((1m, 1m, 250m), (figure.Numerator, figure.Denominator, figure.Parts[0].Value));
        Assert.Equal(1m, practice.Figure("PROD-ENC").Parts.Single(p => p.Name == "encounters").Numerator);
        practice.Cube.Change(() => practice.Cube.Put(Share("c2", "fund", 150m, Day.AddDays(4))));
        Assert.Equal(0m, practice.Figure("DNFB").Numerator);
        Assert.Equal(1m, practice.Figure("DNFB", q => q with { End = Day.AddDays(3) }).Numerator);
        Assert.Equal([("encounters workers-compensation", 1m)], practice.Figure("PAYER-MIX").Parts.Where(p => p.Name.StartsWith("enc", StringComparison.Ordinal)).Select(p => (p.Name, p.Numerator)));
    }

    [Fact]
    public void Charge_lag_goes_by_the_day_the_charges_were_entered()
    {
        using var practice = new KpiPractice();
        practice.Cube.Change(() =>
        {
            practice.Cube.Put(Facts("c1") with { Header = Header("c1") with { Encounter = "e1" } });
            practice.Cube.Put(new EncounterFacts { Id = "e1", Day = new(2026, 2, 2), IsFinished = true, Charges = new Dictionary<string, EnteredCharge> { ["a"] = new(new(2026, 2, 7), 1), ["b"] = new(new(2026, 2, 9), 1) } });
        });
        Assert.Equal(5m, practice.Figure("CHARGE-LAG").Value);
    }

    [Fact]
    public void Visits_count_as_checked_when_a_271_came_in_time()
    {
        using var practice = new KpiPractice();
        practice.Cube.Change(() =>
        {
            foreach (var (id, patient, isScheduled, isNoShow) in ((string, string, bool, bool)[])[("v1", "p1", true, false), ("v2", "p2", true, true), ("v3", "p3", true, false), ("v4", "p4", true, false), ("v5", "p1", false, false)])
                practice.Cube.Put(new VisitFacts(id, Day, isScheduled, isNoShow, patient, null, null));
            practice.Cube.PutEligibility("p1", [Day.AddDays(-3)]);
            practice.Cube.PutEligibility("p2", [Day.AddDays(-4)]);
            practice.Cube.PutEligibility("p3", [Day.AddDays(1)]);
        });
        Assert.Equal(.25m, practice.Figure("ELIG-RATE").Value);
        Assert.Equal(.50m, practice.Figure("ELIG-RATE", q => q with { EligibilityDays = 4 }).Value);
        Assert.Equal(.25m, practice.Figure("NO-SHOW").Value);
        Assert.Equal(["Appointment/v2"], practice.Figure("NO-SHOW", q => q with { Drill = KpiDrill.Numerator }).Ids);
    }

    [Fact]
    public void Credits_are_told_apart_by_whose_they_are_and_how_old()
    {
        using var practice = new KpiPractice()
            .Claims(1, id => Facts(id) with { Postings = [Post(Measure.PayerBalance, 100m, Day), Post(Measure.PayerBalance, -130m, End.AddDays(-61)), Post(Measure.PatientBalance, 30m, Day)] })
            .Claims(1, id => Facts(id) with { Postings = [Post(Measure.PatientBalance, -20m, Day), Post(Measure.PatientBalance, 30m, Day.AddDays(1)), Post(Measure.PatientBalance, -15m, End.AddDays(-60))] });
        var figure = practice.Figure("CREDIT-BAL");
        Assert.Equal((35m, 2m, 30m), (figure.Numerator, figure.Denominator, figure.Parts[0].Numerator));
    }

    [Fact]
    public void Lines_that_needed_an_authorisation_are_those_of_authorised_claims_and_those_denied_for_want_of_one()
    {
        using var practice = new KpiPractice()
            .Claims(3, id => Facts(id) with { Header = Header(id) with { IsAuthorised = true }, FirstAnsweredOn = Day })
            .Claims(4, id => Facts(id) with { FirstAnsweredOn = Day })
            .Claims(1, id => Facts(id) with { FirstAnsweredOn = Day });
        var denied = new ClaimParts { Header = Header("c8") };
        denied.Answers["a"] = new("a", default, Day, null, "4", 0, 0, [new(1, 0, 0, 0, [], [new("CO", "197", 1)])]);
        practice.Cube.Change(() => practice.Cube.Put("c8", denied, new KpiTables()));
        Assert.Equal((1m, 4m), Sums(practice.Figure("AUTH-DENIAL")));
    }

    [Fact]
    public void Chronic_conditions_of_the_two_years_before_are_due_again()
    {
        using var practice = new KpiPractice()
            .Claims(1, id => Seen(id, "p1", 2024, 37, 85))
            .Claims(1, id => Seen(id, "p1", 2026, 37))
            .Claims(1, id => Seen(id, "p2", 2025, 37))
            .Claims(1, id => Seen(id, "p2", 2026, 111)) // new this year: nothing was due
            .Claims(1, id => Seen(id, "p3", 2023, 37)); // too long ago
        Assert.Equal((1m, 3m), Sums(practice.Figure("RECAPTURE")));

        static ClaimFacts Seen(string id, string patient, int year, params int[] hccs) =>
            Facts(id) with { Header = Header(id) with { Patient = patient }, ServiceDay = new(year, 2, 2), ChronicHccs = hccs };
    }

    [Fact]
    public void Patients_have_a_hundred_and_twenty_days_to_pay_their_share()
    {
        using var practice = new KpiPractice()
            .Claims(1, id => Facts(id) with { Postings = [Post(Measure.PatientPayment, 10m, new(2026, 2, 2)), Post(Measure.PatientShare, 100m, Day), Post(Measure.PatientPayment, 40m, Day.AddDays(120)), Post(Measure.PatientPayment, 25m, Day.AddDays(121))] });
        Assert.Equal(.50m, practice.Figure("PT-COLL").Value);
        Assert.Null(practice.Figure("PT-COLL", q => q with { Today = Day.AddDays(119) }).Value);
    }

    [Fact]
    public void Collecting_costs_what_is_entered_over_what_was_paid()
    {
        using var practice = new KpiPractice()
            .Claims(1, id => Facts(id) with { Postings = [Post(Measure.PayerPayment, 900m, Day), Post(Measure.PatientPayment, 100m, Day), Post(Measure.PayerPayment, 500m, Start.AddDays(-1)), Post(Measure.BadDebt, 30m, Day), Post(Measure.Charge, 1_500m, Day)] });
        Assert.Null(practice.Figure("COST-TO-COLLECT").Value);
        Assert.Equal(.04m, practice.Figure("COST-TO-COLLECT", q => q with { BillingCostUsd = 40m }).Value);
        Assert.Null(practice.Figure("COST-TO-COLLECT", q => q with { BillingCostUsd = 40m, Provider = "Practitioner/ada" }).Value);
        Assert.Equal(.02m, practice.Figure("BAD-DEBT").Value);
    }

    [Fact]
    public void Lags_go_from_the_service_to_the_submission_to_the_payment()
    {
        using var practice = new KpiPractice().Claims(1, id => Facts(id) with { FirstSubmittedOn = Day, FirstAnsweredOn = Day.AddDays(14) });
        Assert.Equal((8m, 14m), (practice.Figure("BILL-LAG").Value!.Value, practice.Figure("PAY-LAG").Value!.Value));
    }

    [Fact]
    public void Money_short_of_the_contract_is_summed_where_a_contract_is_known()
    {
        using var practice = new KpiPractice()
            .Claims(1, id => Facts(id) with { FirstAnsweredOn = Day, Short = [12_50] })
            .Claims(1, id => Facts(id) with { FirstAnsweredOn = Day, Short = [0] })
            .Claims(1, id => Facts(id) with { FirstAnsweredOn = Day, Short = [null] });
        var figure = practice.Figure("UNDERPAY");
        Assert.Equal((12.50m, 2m, .5m), (figure.Value!.Value, figure.Denominator, figure.Parts[0].Value!.Value));
    }

    [Fact]
    public void Every_figure_says_what_it_is_and_how_it_is_computed() => Assert.All(KpiBook.All, k =>
    {
        Assert.True(k.HowComputed.Length > 40 && k.HowComputed[^1] == '.', k.Id);
        Assert.Same(k, KpiBook.Find(k.Id.ToLowerInvariant()));
    });

    /// <summary>
    /// c1 acme/ada 99213 paid 80 of 100; c2 acme/ada 99213 denied 197 and 20610; c3 old/ada 20610, paid 100; c4 old/bo 99214, denied 50, on the hill, in March.
    /// </summary>
    private static KpiPractice Practice() => new KpiPractice()
        .Claims(1, id => Claim(id, "acme", "ada", "main", "commercial", Day) with { Header = With(id, "acme", "ada", "main", "commercial", Line(1, 100m)), Postings = Money(100m, 80m) })
        .Claims(1, id => Claim(id, "acme", "ada", "main", "commercial", Day) with { Header = With(id, "acme", "ada", "main", "commercial", Line(1, 100m), Line(2, 50m, "20610")), Denied = [Denied(100m)], Postings = Money(100m, 0m) })
        .Claims(1, id => Claim(id, "old", "ada", "main", "medicare", Day) with { Header = With(id, "old", "ada", "main", "medicare", Line(1, 50m, "20610")), Postings = Money(100m, 100m) })
        .Claims(1, id => Claim(id, "old", "bo", "hill", "medicare", Day.AddDays(30)) with { Header = With(id, "old", "bo", "hill", "medicare", Line(1, 70m, "99214")), Denied = [Denied(70m, "50", "medical-necessity")], Postings = Money(100m, 0m) });

    private static Posting[] Money(decimal charge, decimal paid) =>
        [Post(Measure.Charge, charge, Day), Post(Measure.PayerBalance, charge, Day), Post(Measure.PayerPayment, paid, Day.AddDays(5)), Post(Measure.PayerBalance, -paid, Day.AddDays(5))];

    private static ClaimHeader With(string id, string payer, string provider, string location, string payerClass, params LineFacts[] lines) => Header(id, lines) with
    {
        Payer = $"Organization/{payer}",
        Provider = $"Practitioner/{provider}",
        Location = $"Location/{location}",
        PayerClass = payerClass,
    };

    private static ClaimFacts Claim(string id, string payer, string provider, string location, string payerClass, DateOnly answered) =>
        Facts(id) with { Header = With(id, payer, provider, location, payerClass), FirstAnsweredOn = answered };

    private static (decimal, decimal) Sums(KpiFigure figure) => (figure.Numerator, figure.Denominator);

    private static (decimal, decimal) Sums(IReadOnlyList<KpiFigure> figures) => (figures.Sum(f => f.Numerator), figures.Sum(f => f.Denominator));

    private static IEnumerable<(string, decimal, decimal)> Groups(IReadOnlyList<KpiFigure> figures) => figures.Select(f => (f.Group!, f.Numerator, f.Denominator));
}
