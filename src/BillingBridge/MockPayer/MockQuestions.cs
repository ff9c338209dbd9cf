using System.Globalization;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.MockPayer;

/// <summary>The mock payer's 271 and 277: answers to questions, from what the file and the member id say.</summary>
internal static class MockQuestions
{
    /// <summary>Reads a 270 or 276; null when the file is neither.</summary>
    public static async Task<MockQuestionFile?> ReadAsync(byte[] x12, CancellationToken ct)
    {
        if (await GroupAsync(x12, ct) is not var (isa, gs))
            return null;
        var guide = (gs.FunctionalId, gs.Guide) switch
        {
            ("HS", Guides.Eligibility) => HierarchyGuide.Eligibility270,
            ("HR", Guides.ClaimStatus) => HierarchyGuide.ClaimStatus276,
            _ => null,
        };
        if (guide is null)
            return null;
        var envelope = new EnvelopeReader(new MemoryStream(x12, writable: false), new X12Findings());
        return new MockQuestionFile(isa, guide, await HierarchyReader.ReadAsync(envelope, guide, ct).ToListAsync(ct), envelope.Findings.HasRefusal);
    }

    /// <summary>A set for every question that is answered.</summary>
    public static IEnumerable<HierarchyItem> Answers(MockQuestionFile file, MockScript script, DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(now.DateTime);
        var (date, time) = (X12Text.Date(today), X12Text.Time(TimeOnly.FromDateTime(now.DateTime)));
        var number = 0;
        foreach (var (set, levels) in Sets(file.Items))
        {
            var isEligibility = file.Guide.SetId == "270";
            if (isEligibility && MockCoverages.Of(MemberId(levels)) is MockCoverage.Silent)
                continue;

            var control = (++number).ToString("0000", CultureInfo.InvariantCulture);
            yield return isEligibility
                ? new HierarchyItem.Set(new St("271", control, Guides.Eligibility), new Bht("0022", "11", set.Bht.Reference, date, time, null))
                : new HierarchyItem.Set(new St("277", control, Guides.ClaimStatus), new Bht("0010", "08", set.Bht.Reference, date, time, "DG"));
            foreach (var level in levels)
            {
                // A fault of the payer's or the provider's ends the answer at their level: who was asked about is not repeated.
                if (isEligibility && MockRejection.Of(MemberId(levels)) is { } rejection && rejection.Level == level.Hl.Level && !level.IsPerson)
                {
                    yield return level with { Hl = level.Hl with { HasChildren = "0" }, Details = [.. level.Details, rejection.ToSegment()] };
                    break;
                }

                yield return level with { Details = [.. level.Hl.HasChildren == "1" ? level.Details : isEligibility ? Benefits(level, levels, today) : Status(level, levels, script, date)] };
            }

            yield return new HierarchyItem.End(control, IsRefused: false);
        }
    }

    private static async Task<(Isa Interchange, Gs Group)?> GroupAsync(byte[] x12, CancellationToken ct)
    {
        var envelope = new EnvelopeReader(new MemoryStream(x12, writable: false), new X12Findings());
        while (await envelope.ReadAsync(ct) is { } next)
        {
            if (next.Part is EnvelopePart.GroupStart && envelope is { Interchange: { } isa, Group: { } gs })
                return (isa, gs);
        }

        return null;
    }

    private static IEnumerable<(HierarchyItem.Set Set, List<HierarchyItem.Level> Levels)> Sets(IEnumerable<HierarchyItem> items)
    {
        HierarchyItem.Set? open = null;
        var levels = new List<HierarchyItem.Level>();
        foreach (var item in items)
        {
            switch (item)
            {
                case HierarchyItem.Set set:
                    (open, levels) = (set, []);
                    break;
                case HierarchyItem.Level level:
                    levels.Add(level);
                    break;
                case HierarchyItem.End { IsRefused: false } when open is not null:
                    yield return (open, levels);
                    break;
                default:
                    break;
            }
        }
    }

    private static string? MemberId(IEnumerable<HierarchyItem.Level> levels) => levels.FirstOrDefault(l => l.Hl.Level == "22")?.Name?.Id;

    // The person as asked about, our trace as TRN*2, then what the member has.
    private static IEnumerable<IX12Segment> Benefits(HierarchyItem.Level asked, List<HierarchyItem.Level> levels, DateOnly today)
    {
        foreach (var detail in asked.Details.Where(d => d is not (Eq or Dtp)))
            yield return detail is Trn trace ? trace with { Type = "2" } : detail;

        if (MockRejection.Of(MemberId(levels)) is { } rejection)
        {
            yield return rejection.ToSegment();
            yield break;
        }

        var coverage = MockCoverages.Of(MemberId(levels));
        var newYear = new DateOnly(today.Year, 1, 1);
        switch (coverage)
        {
            case MockCoverage.NotFound:
                yield return new Aaa("N", "75", "C");
                yield break;
            case MockCoverage.OtherBirthDate:
                yield return new Aaa("N", "71", "C");
                yield break;
            case MockCoverage.Inactive:
                yield return Dtp.Day("346", newYear.AddYears(-1));
                yield return Eb("6", ["30"]);
                yield return Dtp.Day("349", newYear.AddDays(-1));
                yield break;
            default:
                break;
        }

        var (total, left, copay) = coverage is MockCoverage.HighDeductible ? (6_000m, 6_000m, (decimal?)null) : (1_500m, 412m, 30m);
        yield return Dtp.Day("346", newYear);
        yield return Eb("1", ["30", "98"]) with { InsuranceType = "PR", PlanName = "MOCK PPO" };
        yield return Eb("C", ["30"]) with { Level = "IND", Period = "23", AmountUsd = total, InNetwork = "Y" };
        yield return Eb("C", ["30"]) with { Level = "IND", Period = "29", AmountUsd = left, InNetwork = "Y" };
        yield return Eb("G", ["30"]) with { Level = "IND", Period = "23", AmountUsd = 5_000m, InNetwork = "Y" };
        yield return Eb("G", ["30"]) with { Level = "IND", Period = "29", AmountUsd = 3_100m, InNetwork = "Y" };
        yield return Eb("A", ["30"]) with { Level = "IND", Period = "27", PercentText = ".2", InNetwork = "Y" };
        if (copay is { } usd)
            yield return Eb("B", ["98"]) with { Level = "IND", Period = "27", AmountUsd = usd, AuthorizationNeeded = coverage is MockCoverage.AuthorizationNeeded ? "Y" : "N", InNetwork = "Y" };
        yield return new Msg("REFERRAL NOT REQUIRED");
        if (coverage is not MockCoverage.OtherPayer)
            yield break;
        yield return Eb("R", ["30"]);
        yield return new Ref("1W", "ZX900100");
        yield return Nm1.Organization("PRP", "OTHER MUTUAL", "PI", "OTHERMUT");
    }

    private static Eb Eb(string code, IReadOnlyList<string> types) => new(code, null, types, null, null, null, null, null, null, null);

    // The mock payer remembers no claim: the member id says what it would have done with it.
    private static IEnumerable<IX12Segment> Status(HierarchyItem.Level asked, List<HierarchyItem.Level> levels, MockScript script, string date)
    {
        var charge = asked.Details.OfType<Amt>().FirstOrDefault(a => a.Qualifier == "T3")?.AmountUsd;
        foreach (var person in asked.Details.OfType<Nm1>().Take(1))
            yield return person;
        foreach (var trace in asked.Details.OfType<Trn>().Take(1))
            yield return new Trn("2", trace.Number, null, null);
        yield return new Stc([StatusCode.Read(Code(script.For(MemberId(levels))).Split(':'))], date, null, charge);
        foreach (var reference in asked.Details.TakeWhile(d => !StatusClaim.IsLine(d)).OfType<Ref>().Where(r => r.Qualifier is "1K" or "EJ" or "D9"))
            yield return reference;
        foreach (var service in asked.Details.TakeWhile(d => !StatusClaim.IsLine(d)).OfType<Dtp>().Take(1))
            yield return service;
    }

    private static string Code(MockScenario scenario) =>
        scenario.Waiting is { } waiting ? string.Join(':', waiting.Split(':').Take(2))
        : scenario.IsRejected || !scenario.IsRemitted ? "A4:35"
        : scenario.ClaimStatus == "4" ? "F2:1"
        : "F1:65";
}

/// <summary>A 270 or 276 as the mock payer read it.</summary>
internal sealed record MockQuestionFile(Isa Interchange, HierarchyGuide Guide, IReadOnlyList<HierarchyItem> Items, bool IsRefused);
