using System.Globalization;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.MockPayer;

/// <summary>The mock payer's 835 files: a first one with every claim, a second one with what comes later (duplicates, reversals).</summary>
internal static class MockRemittances
{
    public static IEnumerable<Remittance835Item> First(MockSubmission submission, DateTimeOffset now) =>
        Sets(submission, Claims(submission), "1", now, (claim, ordinal) => [claim.IsVoid ? MockAdjudication.TakeBack(claim, ordinal) : MockAdjudication.Pay(claim, ordinal)]);

    public static IEnumerable<Remittance835Item> Second(MockSubmission submission, DateTimeOffset now) => Sets(
        submission,
        Claims(submission).Where(c => !c.IsVoid).Where(c => c.Scenario.Sequel is not (MockSequel.None or MockSequel.LastLine) || (c.Scenario.Sequel is MockSequel.LastLine && c.LineCount > 1)),
        "2",
        now,
        (claim, ordinal) => claim.Scenario.Sequel switch
        {
            MockSequel.Again => [MockAdjudication.Pay(claim, ordinal)],
            MockSequel.LastLine => [MockAdjudication.PayLast(claim, ordinal)],
            MockSequel.Reversed => [MockAdjudication.Reverse(MockAdjudication.Pay(claim, ordinal), ordinal)],
            _ => [MockAdjudication.Reverse(MockAdjudication.Pay(claim, ordinal), ordinal), MockAdjudication.Correct(claim, ordinal + 1)],
        });

    /// <summary>What is wrong with the first file as a whole.</summary>
    public static MockFault Fault(MockSubmission submission) => Claims(submission).Select(c => c.Scenario.Fault).FirstOrDefault(f => f != MockFault.None);

    /// <summary>Whether the first file arrives ahead of the acknowledgements.</summary>
    public static bool IsFirst(MockSubmission submission) => Claims(submission).Any(c => c.Scenario.IsRemittedFirst);

    private static IEnumerable<MockClaim> Claims(MockSubmission submission) =>
        submission.AcceptedClaims().Where(c => c.Scenario.IsRemitted && !submission.IsRejected(c));

    // One payment for each payer and payee.
    private static IEnumerable<Remittance835Item> Sets(
        MockSubmission submission, IEnumerable<MockClaim> claims, string round, DateTimeOffset now, Func<MockClaim, int, Remittance835Item.Claim[]> adjudicate)
    {
        foreach (var (n, group) in claims.GroupBy(c => (c.PayerId, c.Claim.Billing.Provider?.Name.Id)).Index())
        {
            var first = group.First();
            var paid = new List<Remittance835Item.Claim>();
            foreach (var claim in group)
                paid.AddRange(adjudicate(claim, paid.Count + 1));

            var plbs = round == "1" ? ProviderAdjustments(group, paid, now) : [];
            var total = paid.Sum(c => c.Clp.PaidUsd) - plbs.SelectMany(p => p.Adjustments).Sum(a => a.AmountUsd);
            if (round == "1" && group.Any(c => c.Scenario.Fault is MockFault.Unbalanced))
                total += 1m;
            var trace = string.Create(CultureInfo.InvariantCulture, $"MOCK{submission.Interchange!.ControlNumber}-{round}-{n + 1}");
            var control = (n + 1).ToString("0000", CultureInfo.InvariantCulture);
            yield return new Remittance835Item.Payment(new St("835", control, null), [.. Header(first, total, trace, now)]);
            foreach (var (i, claim) in paid.Index())
                yield return i == 0 ? claim with { Before = [new Lx("1")] } : claim;
            yield return new Remittance835Item.End(control, [], plbs, IsRefused: false);
        }
    }

    private static Plb[] ProviderAdjustments(IEnumerable<MockClaim> claims, IReadOnlyList<Remittance835Item.Claim> paid, DateTimeOffset now)
    {
        var available = paid.Sum(p => p.Clp.PaidUsd);
        var adjustments = new List<PlbAdjustment>();
        var adjusted = claims.Where(c => c.Scenario.ProviderAdjustment is not null).Take(6).ToList(); // as many as one PLB holds
        foreach (var claim in adjusted)
        {
            var term = claim.Scenario.ProviderAdjustment!.Split(':');
            var usd = Math.Min(decimal.Parse(term[1], NumberStyles.Number, CultureInfo.InvariantCulture), available);
            if (usd == 0)
                continue;
            available -= usd;
            adjustments.Add(new PlbAdjustment(term[0], term[0] == "WO" ? $"OLD{claim.Icn}" : claim.Icn, usd));
        }

        return adjustments.Count == 0 ? [] : [new Plb(adjusted[0].BillingNpi ?? "", now.ToString("yyyy1231", CultureInfo.InvariantCulture), adjustments)];
    }

    private static IEnumerable<IX12Segment> Header(MockClaim claim, decimal total, string trace, DateTimeOffset now)
    {
        var date = X12Text.Date(DateOnly.FromDateTime(now.DateTime));
        var billing = claim.Claim.Billing.Provider;
        yield return total == 0
            ? new Bpr("H", 0m, "C", "NON", date)
            : new Bpr("I", Math.Abs(total), total < 0 ? "D" : "C", "ACH", date)
            {
                Accounts = ["CCP", "01", "011000015", "DA", "0000000", "1999999999", null, "01", "021000021", "DA", "0000000"],
            };
        yield return new Trn("1", trace, "1999999999", null);
        yield return new Dtm("405", date);
        yield return new N1("PR", claim.Claim.Subscriber.Payer?.Name.Name ?? "MOCK PAYER", "XV", claim.PayerId);
        yield return new N3("1 MOCK PAYER PLAZA", null);
        yield return new N4("NOWHERE", "CT", "061030000", null);
        yield return new Per("BL", "MOCK PAYER - NOT REAL", [new PerNumber("TE", "8005550100")]);
        yield return new N1("PE", billing?.Name.Name ?? "UNKNOWN", "XX", billing?.Name.Id);
        if (billing?.Reference("EI") is { } ein)
            yield return new Ref("TJ", ein);
    }
}
