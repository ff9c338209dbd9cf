using System.Globalization;
using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.MockPayer;

/// <summary>The mock payer's 999 and 277CA.</summary>
internal static class MockAcknowledgements
{
    public static Acknowledgement999 Acknowledge(MockSubmission submission)
    {
        var responses = submission.Sets.Select(s => Response(submission, s)).ToList();
        var accepted = responses.Count(r => r.IsAccepted);
        var noted = responses.Exists(r => r.Verdict.Code == "E");
        var verdict = accepted == responses.Count ? noted ? "E" : "A" : accepted == 0 ? "R" : "P";
        var count = Text(responses.Count);
        return new Acknowledgement999(
            new St("999", "0001", Guides.Acknowledgement999),
            new Ak1("HC", submission.Group!.ControlNumber, submission.Group.Guide),
            responses,
            new Ak9(verdict, count, count, Text(accepted), []));
    }

    public static IEnumerable<HierarchyItem> ClaimAcks(MockSubmission submission, DateTimeOffset now, Nm1 source)
    {
        var date = X12Text.Date(DateOnly.FromDateTime(now.DateTime));
        foreach (var (n, set) in submission.Sets.Where(submission.IsAccepted).Index())
        {
            var claims = submission.Claims.Where(c => c.SetControlNumber == set.Set.St.ControlNumber && c.Scenario.Receipt is not MockReceipt.Silent).ToList();
            if (claims.Count == 0)
                continue;
            var control = (n + 1).ToString("0000", CultureInfo.InvariantCulture);
            yield return new HierarchyItem.Set(
                new St("277", control, Guides.ClaimAck277),
                new Bht("0085", "08", $"MA{submission.Interchange!.ControlNumber}{control}", date, X12Text.Time(TimeOnly.FromDateTime(now.DateTime)), "TH"));
            foreach (var level in Levels(submission, set, claims, date, source))
                yield return level;
            yield return new HierarchyItem.End(control, IsRefused: false);
        }
    }

    private static IEnumerable<HierarchyItem.Level> Levels(MockSubmission submission, MockSet set, List<MockClaim> claims, string date, Nm1 source)
    {
        var total = claims.Sum(c => c.ChargeUsd);
        var rejected = claims.Where(submission.IsRejected).ToList();
        yield return new(new Hl("1", null, "20", "1"), null, [source, new Trn("1", set.Set.Bht.Reference, null, null), new Dtp("050", "D8", date), new Dtp("009", "D8", date)]);

        var receiver = new List<IX12Segment>
        {
            set.Set.Submitter?.Name ?? Nm1.Organization("41", "UNKNOWN", "46", "UNKNOWN"), new Trn("2", set.Set.Bht.Reference, null, null), Status("A1:19:PR", date, "WQ", total),
        };
        if (claims.Count > rejected.Count)
            receiver.Add(new Qty("90", claims.Count - rejected.Count));
        if (rejected.Count > 0)
            receiver.Add(new Qty("AA", rejected.Count));
        if (claims.Count > rejected.Count)
            receiver.Add(new Amt("YU", total - rejected.Sum(c => c.ChargeUsd)));
        if (rejected.Count > 0)
            receiver.Add(new Amt("YY", rejected.Sum(c => c.ChargeUsd)));
        yield return new(new Hl("2", "1", "21", "1"), null, receiver);

        var hl = 2;
        foreach (var provider in claims.GroupBy(c => c.Claim.Billing.Provider?.Name))
        {
            var providerHl = Text(++hl);
            yield return new(
                new Hl(providerHl, "2", "19", "1"),
                null,
                [provider.Key ?? Nm1.Organization("85", "UNKNOWN", null, null), new Trn("1", "0", null, null), Provider(submission.RejectedProvider(provider.First()), provider.Sum(c => c.ChargeUsd))]);
            foreach (var claim in provider)
                yield return new(new Hl(Text(++hl), providerHl, "PT", null), null, [.. ClaimDetails(claim, submission.IsRejected(claim), date)]);
        }
    }

    private static Stc Provider(MockClaim? rejected, decimal charge) => rejected is null ? Status("A1:19:PR", null, "WQ", charge) : Status(rejected.Scenario.Status277, null, "U", charge);

    private static IEnumerable<IX12Segment> ClaimDetails(MockClaim claim, bool isRejected, string date)
    {
        var scenario = claim.Scenario;
        if (claim.Claim.PatientParty?.Name is { } patient)
            yield return patient with { EntityCode = "QC", IdQualifier = "MI", Id = claim.MemberId };
        yield return new Trn("2", claim.Claim.Body.Clm.ControlNumber, null, null);
        // Below a rejected provider the claims themselves are only received.
        yield return isRejected && (scenario.IsOfProvider || !scenario.IsRejected) ? Status("A1:19:PR", date, "WQ", claim.ChargeUsd)
            : Status(scenario.Status277, date, isRejected ? "U" : "WQ", claim.ChargeUsd);
        if (!isRejected && scenario.Waiting is { } waiting)
            yield return Status(waiting, date, "WQ", claim.ChargeUsd);
        if (!isRejected)
            yield return new Ref("1K", claim.Icn);
        if (claim.Claim.Body.Reference("D9") is { } trace)
            yield return new Ref("D9", trace);
        if (claim.Claim.Body.Lines is [{ ServiceDate: { } service }, ..])
            yield return service;
    }

    private static Stc Status(string status, string? date, string action, decimal charge) => new([StatusCode.Read(status.Split(':'))], date, action, charge);

    private static SetResponse Response(MockSubmission submission, MockSet set)
    {
        var ak2 = new Ak2("837", set.Set.St.ControlNumber, set.Set.St.Guide);
        if (submission.IsAccepted(set))
            return submission.Noted(set) is { } noted ? new SetResponse(ak2, [MemberError(submission, noted)], new Ik5("E", ["5"])) : new SetResponse(ak2, [], new Ik5("A", []));

        var errors = submission.Faults(set).Where(f => f.Place!.SegmentId != "SE").Select(f => Error(submission, f)).ToList();
        if (submission.ScriptedFault(set) is { } scripted)
            errors.Add(MemberError(submission, scripted));
        var codes = submission.Faults(set).Where(f => f.Place!.SegmentId == "SE").Select(f => f.Code[4..]).ToList();
        return new SetResponse(ak2, errors, new Ik5("R", errors.Count > 0 ? [.. codes, "5"] : codes));
    }

    private static SegmentError Error(MockSubmission submission, X12Finding finding)
    {
        var place = finding.Place!;
        var claim = submission.Segments.FirstOrDefault(s => s.Segment.SetPosition == place.SetPosition && s.Segment.SetControlNumber == place.SetControlNumber)?.Claim;
        IReadOnlyList<IX12Segment> contexts = claim is null ? [] : [new Ctx("CLM01", claim)];
        var loop = place.Loop is { Length: >= 4 } name ? name[..4] : null;
        var position = Text(place.SetPosition ?? 1);
        if (finding.Code.StartsWith("IK3-", StringComparison.Ordinal) || place.Element is not { } element)
            return new SegmentError(new Ik3(place.SegmentId, position, loop, finding.Code.StartsWith("IK3-", StringComparison.Ordinal) ? finding.Code[4..] : "8"), contexts, []);

        // Money that does not add up has no code of its own in a 999: it is an invalid value.
        var code = finding.Code.StartsWith("IK4-", StringComparison.Ordinal) ? finding.Code[4..] : "7";
        return new SegmentError(
            new Ik3(place.SegmentId, position, loop, "8"),
            contexts,
            [new ElementError(new Ik4(Text(element), place.Component is { } c ? Text(c) : null, null, null, code, null), [])]);
    }

    private static SegmentError MemberError(MockSubmission submission, MockClaim claim)
    {
        var name = submission.Segments.Last(s =>
            s.Loop == "2010BA" && s.Segment.Id == "NM1" && s.Segment.SetControlNumber == claim.SetControlNumber && s.Segment[9] == claim.MemberId);
        return new SegmentError(
            new Ik3("NM1", Text(name.Segment.SetPosition ?? 1), "2010", "8"),
            [new Ctx("CLM01", claim.Claim.Body.Clm.ControlNumber)],
            [new ElementError(new Ik4("9", null, null, "67", "7", claim.MemberId), [])]);
    }

    private static string Text(int n) => n.ToString(CultureInfo.InvariantCulture);
}
