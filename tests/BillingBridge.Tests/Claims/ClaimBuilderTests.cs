using CsCheck;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Claims;

public class ClaimBuilderTests
{
    private static readonly DateOnly Day = new(2026, 3, 2);
    private static readonly string[] Codes = ["I10", "E11.65", "Z23", "J20.9", "M17.11"];

    private static readonly Gen<ChargeLine> Line =
        from cents in Gen.Int[0, 500_000]
        from thousandths in Gen.Int[1, 50_000]
        from pointers in Gen.Int[0, 4].Array[1, 4]
        select new ChargeLine
        {
            Source = "Procedure/x",
            System = CodeSystemUrls.Cpt,
            Code = "99213",
            ServiceDate = Day,
            UnitPriceUsd = cents / 100m,
            Quantity = thousandths / 1000m,
            DiagnosisCodes = [.. pointers.Distinct().Select(i => Codes[i])],
        };

    [Fact]
    public void The_lines_add_up_and_point_at_diagnoses_of_the_claim() => Line.Array[1, 30].Sample(lines =>
    {
        var claim = Build(new TestPractice(), lines);
        var sequences = claim.Diagnosis.Select(d => d.Sequence).ToHashSet();

        return claim.Total!.Value == claim.Item.Sum(i => i.Net!.Value)
            && claim.Item.All(i => i.Net!.Value == Math.Round(i.UnitPrice!.Value!.Value * i.Quantity!.Value!.Value, 2, MidpointRounding.AwayFromZero))
            && claim.Item.All(i => i.DiagnosisSequence.Any() && i.DiagnosisSequence.All(s => sequences.Contains(s)))
            && claim.Item.Select(i => i.Sequence).SequenceEqual(Enumerable.Range(1, lines.Length).Select(n => (int?)n));
    });

    [Fact]
    public void Half_a_cent_is_rounded_away_from_zero() =>
        Assert.Equal(10.13m, Build(new TestPractice(), NewLine() with { UnitPriceUsd = 20.25m, Quantity = 0.5m }).Total!.Value);

    [Fact]
    public void The_claim_carries_what_an_837P_needs()
    {
        var practice = new TestPractice();
        var claim = Build(practice, NewLine());

        Assert.Equal(("Patient/pat", "Organization/practice", "Organization/payer"), (claim.Patient!.Reference, claim.Provider!.Reference, claim.Insurer!.Reference));
        Assert.Equal("Practitioner/doc", claim.Team(CareTeamRoles.Rendering).Single().Provider!.Reference);
        Assert.Equal(("Coverage/cov", 1), (claim.FocalInsurance()!.Coverage!.Reference, claim.FocalInsurance()!.Sequence));
        Assert.Equal("22D0123456", ((FhirString)claim.Info(SupportingInfo.Clia).Single().Value!).Value);
        Assert.Equal(("2026-03-03", "1", ClaimStage.Draft), (claim.Created, claim.Frequency(), claim.Stage()));
        var item = claim.Item[0];
        Assert.Equal(($"{claim.PatientControlNumber()}-1", "ChargeItem/0"), (item.LineControlNumber(), item.ChargeItem()!.Reference));
        Assert.Equal("2026-03-02", ((Date)item.Serviced!).Value);
    }

    [Fact]
    public void The_second_coverage_is_named_but_not_focal()
    {
        var practice = new TestPractice();
        var second = (Coverage)practice.Coverage.DeepCopy();
        (second.Id, second.Order) = ("second", 2);

        var claim = Build(practice, [NewLine()], second);

        Assert.Equal([("Coverage/cov", true), ("Coverage/second", false)], claim.Insurance.Select(i => (i.Coverage!.Reference!, i.Focal == true)));
    }

    [Fact]
    public void A_coverage_that_ended_before_gives_way_to_the_one_in_force()
    {
        var practice = new TestPractice();
        var old = (Coverage)practice.Coverage.DeepCopy();
        (old.Id, old.Order, old.Period) = ("old", 0, new Period { Start = "2020-01-01", End = "2024-12-31" });

        Assert.Equal(["Coverage/cov"], Build(practice, [NewLine()], old).Insurance.Select(i => i.Coverage!.Reference));
    }

    [Fact]
    public void Laboratory_lines_name_who_ordered_them()
    {
        var claim = Build(new TestPractice(), NewLine(), NewLine() with { Code = "80053" });
        var ordering = claim.Team(CareTeamRoles.Ordering).Single();

        Assert.Empty(claim.Item[0].CareTeamSequence);
        Assert.Contains(ordering.Sequence, claim.Item[1].CareTeamSequence);
    }

    [Fact]
    public void An_inpatient_claim_carries_its_admission()
    {
        var stay = (Period)Build(new TestPractice(), NewLine() with { PlaceOfService = "21" }).Info(SupportingInfo.Hospitalized).Single().Timing!;
        Assert.Equal("2026-03-02", stay.Start);
    }

    private static ChargeLine NewLine() => new()
    {
        Source = "Encounter/visit",
        System = CodeSystemUrls.Cpt,
        Code = "99213",
        ServiceDate = Day,
        UnitPriceUsd = 152m,
        PlaceOfService = "11",
        DiagnosisCodes = ["I10"],
    };

    private static Claim Build(TestPractice practice, params ChargeLine[] lines) => Build(practice, lines, []);

    private static Claim Build(TestPractice practice, ChargeLine[] lines, params Resource[] extra)
    {
        var sheet = new ChargeSheet(lines, [.. Codes.Select(c => new ChargeDiagnosis(c, null, "Condition/x"))], []);
        var chart = new EncounterChart(practice.Visit, practice.Patient, [.. practice.Related, .. extra]);
        return ClaimBuilder.Build(chart, sheet, [.. lines.Select((_, i) => $"ChargeItem/{i}")], new DateOnly(2026, 3, 3));
    }
}
