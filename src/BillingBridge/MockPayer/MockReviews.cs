using System.Globalization;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.MockPayer;

/// <summary>The mock payer's answers to requests for authorisation (278): by the member's scenario, certified when it names nothing else.</summary>
internal static class MockReviews
{
    private const int CertifiedDays = 180;

    /// <summary>The items of the answer and its guide; null when the file holds no 278.</summary>
    public static async Task<(Isa Interchange, string Guide, List<HierarchyItem> Items)?> AnswerAsync(byte[] x12, MockScript script, DateTimeOffset now, CancellationToken ct)
    {
        if (await GuideAsync(x12, ct) is not { } guide)
            return null;
        var envelope = new EnvelopeReader(new MemoryStream(x12, writable: false), new X12Findings());
        var asked = new List<HierarchyItem>();
        Isa? isa = null;
        await foreach (var item in HierarchyReader.ReadAsync(envelope, guide == Guides.Review ? HierarchyGuide.Review278 : HierarchyGuide.ReviewInquiry278, ct))
        {
            isa ??= envelope.Interchange;
            asked.Add(item);
        }

        return isa is null || envelope.Findings.HasRefusal ? null : (isa, guide, [.. asked.SelectMany(i => Answer(i, asked, guide, isa, script, now))]);
    }

    private static IEnumerable<HierarchyItem> Answer(HierarchyItem item, List<HierarchyItem> all, string guide, Isa isa, MockScript script, DateTimeOffset now)
    {
        if (item is HierarchyItem.Set set)
        {
            var time = X12Text.Time(TimeOnly.FromDateTime(now.DateTime));
            yield return new HierarchyItem.Set(set.St, new Bht("0007", "11", set.Bht.Reference, X12Text.Date(DateOnly.FromDateTime(now.DateTime)), time, "18"));
        }
        else if (item is HierarchyItem.Level level)
        {
            var member = level.Above().Prepend(level).FirstOrDefault(l => l.Hl.Level == "22")?.Name?.Id;
            var scenario = script.For(member);
            var action = scenario.Name switch
            {
                "NOAUTH" => "A3",
                "PART" => "A2",
                "PEND" when guide == Guides.Review => "A4",
                _ => "A1",
            };
            // The same request always gets the same number, a question about it the one it was pended under.
            var number = level.Reference("NT") ?? $"R{isa.ControlNumber}{all.IndexOf(level):00}";
            yield return level with { Details = [.. Details(level, action, number, now)] };
        }
        else
        {
            yield return item;
        }
    }

    private static IEnumerable<IX12Segment> Details(HierarchyItem.Level level, string action, string number, DateTimeOffset now) => level.Hl.Level switch
    {
        "EV" => Event(level, action, number, now),
        "SS" => Service(level, action),
        _ => level.Details,
    };

    private static IEnumerable<IX12Segment> Event(HierarchyItem.Level level, string action, string number, DateTimeOffset now)
    {
        foreach (var trn in level.Details.OfType<Trn>())
            yield return trn with { Type = "2" };
        foreach (var um in level.Details.OfType<Um>())
            yield return um;
        var isCertified = action is "A1" or "A2";
        yield return new Hcr(action, isCertified ? $"AUTH{number[1..]}" : null, action == "A3" ? "0V" : null);
        if (action == "A4")
            yield return new Ref("NT", number);
        if (isCertified)
        {
            var today = DateOnly.FromDateTime(now.DateTime);
            var first = level.Details.OfType<Dtp>().FirstOrDefault(d => d.Qualifier == "AAH")?.Start ?? today;
            yield return Dtp.Days("007", first, first.AddDays(CertifiedDays));
        }
    }

    private static IEnumerable<IX12Segment> Service(HierarchyItem.Level level, string action)
    {
        foreach (var trn in level.Details.OfType<Trn>())
            yield return trn with { Type = "2" };
        yield return new Hcr(action, null, action == "A3" ? "0V" : null);
        foreach (var service in level.Details.OfType<ReviewService>())
            yield return action == "A2" ? service with { Units = Math.Max(1m, Math.Floor((service.Units ?? 1m) / 2m)) } : service;
    }

    private static async Task<string?> GuideAsync(byte[] x12, CancellationToken ct)
    {
        var envelope = new EnvelopeReader(new MemoryStream(x12, writable: false), new X12Findings());
        while (await envelope.ReadAsync(ct) is { } next)
        {
            if (next.Part is EnvelopePart.GroupStart)
                return envelope.Group?.Guide is Guides.Review or Guides.ReviewInquiry ? envelope.Group.Guide : null;
        }

        return null;
    }
}
