using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>The charges of a visit by who is asked first for them. Most visits have one share.</summary>
/// <remarks>Charges differ in their first payer by their account (<see cref="ChargeAccounts"/>), and in a stay by the coverages in force on their day.</remarks>
internal static class VisitSplit
{
    /// <summary>The visit's own share first.</summary>
    public static IReadOnlyList<VisitShare> Of(EncounterChart chart, ChargeSheet charges)
    {
        if (charges.Lines.Count == 0)
            return [];
        var visits = First(chart, ChargeAccounts.OfVisit(chart), charges.Lines.Min(l => l.ServiceDate))?.Id;
        var groups = charges.Lines
            .Select(l => (Line: l, Account: ChargeAccounts.OfCharge(chart, ItemOf(chart, l), l.Source)))
            .Select(l => (l.Line, l.Account, First: First(chart, l.Account, l.Line.ServiceDate)))
            .GroupBy(l => l.First?.Id).OrderBy(g => g.Key == visits ? 0 : 1).ToList();
        if (groups is [var only])
            return [new VisitShare(only.First().First, only.First().Account, charges) { IsOfVisit = only.Key == visits }];
        return
        [
            .. groups.Select((g, i) => new VisitShare(g.First().First, g.First().Account, Charges([.. g.Select(l => Without(l.Line, Others(l.Account)))], i == 0 ? charges.Gaps : []))
            {
                IsOfVisit = g.Key == visits,
            }),
        ];

        ChargeSheet Charges(IReadOnlyList<ChargeLine> lines, IReadOnlyList<CodingGap> gaps) => new(lines, [.. charges.Diagnoses.Where(d => lines.Any(l => l.DiagnosisCodes.Contains(d.Code)))], gaps);

        HashSet<string> Others(Account? account)
        {
            var theirs = ChargeAccounts.All(chart).Where(a => a != account).SelectMany(ChargeAccounts.Conditions).ToHashSet(StringComparer.Ordinal);
            return [.. charges.Diagnoses.Where(d => theirs.Contains(d.Source)).Select(d => d.Code)];
        }
    }

    /// <summary>The office visit points at all that was seen to; the condition of another account is that account's payer's business, unless there is nothing else.</summary>
    private static ChargeLine Without(ChargeLine line, HashSet<string> codes) =>
        line.DiagnosisCodes.Any(codes.Contains) && line.DiagnosisCodes.Where(c => !codes.Contains(c)).ToArray() is { Length: > 0 } left ? line with { DiagnosisCodes = left } : line;

    /// <summary>
    /// Claims of the visit to their first payer that stand: ours, neither replaced nor voided, nor themselves a void, nor followed by another claim.
    /// </summary>
    public static IReadOnlyList<Claim> ClaimsOf(EncounterChart chart)
    {
        var ours = chart.OfType<Claim>().Where(c => c.Use == ClaimUseCode.Claim && c.Stage() is not null && ClaimKey.EncounterId(c) == chart.Encounter.Id).ToList();
        var followed = ours.Where(c => c.Status != FinancialResourceStatusCodes.EnteredInError).Select(SuccessorClaim.OriginalOf).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return
        [
            .. ours.Where(c => c.Status is not (FinancialResourceStatusCodes.Cancelled or FinancialResourceStatusCodes.EnteredInError) && c.Frequency() != SuccessorClaim.Void
                && (c.FocalInsurance()?.Sequence ?? 1) == 1 && !followed.Contains($"Claim/{c.Id}")).OrderBy(c => c.Created, StringComparer.Ordinal).ThenBy(c => c.Id, StringComparer.Ordinal),
        ];
    }

    /// <summary>The lines of a claim that are another first payer's now.</summary>
    /// <remarks>
    /// A line moves by its account; or since the claim's coverage is not in force on its day and another is, while other lines stay; or back to the visit's coverages, when the claim was
    /// made for an account. That the patient's coverages have another order now moves nothing that was billed, nor does what a person decided: that the patient pays, or another order.
    /// </remarks>
    public static IReadOnlyList<Claim.ItemComponent> Moved(EncounterChart chart, Claim claim)
    {
        if (claim.IsSelfPaySaid())
            return []; // somebody decided it
        var current = FirstOf(claim);
        var moved = new List<Claim.ItemComponent>();
        var lapsed = new List<Claim.ItemComponent>();
        foreach (var item in claim.Item)
        {
            if (DateOfService.First(item.Serviced) is not { } day)
                continue;
            var charge = chart.Find<ChargeItem>(item.ChargeItem());
            var named = ChargeAccounts.Named(chart, charge, null);
            var wanted = First(chart, named ?? ChargeAccounts.OfVisit(chart), day);
            if (wanted is null || wanted.Id == current)
                continue;
            if (named is not null && ClaimKey.Of(claim).Coverage == wanted.Id && CoverageOrder.InForce(chart, day, named).Exists(c => c.Id == current))
                continue; // the claim was made for that payer, and a person put another of the account's coverages first
            if (named is not null || (current is not null && !IsOfVisit(claim)))
                moved.Add(item);
            else if (chart.OfType<Coverage>().FirstOrDefault(c => c.Id == current) is { } was && !CoverageOrder.IsInForce(was, day) && CoverageOrder.IsInForce(wanted, day))
                lapsed.Add(item);
        }

        return lapsed.Count + moved.Count < claim.Item.Count ? [.. moved, .. lapsed] : moved;
    }

    /// <summary>The coverage a claim was first billed to, by id.</summary>
    public static string? FirstOf(Claim claim) => FhirReferences.IdOf(claim.Insurance.OrderBy(i => i.Sequence).FirstOrDefault()?.Coverage?.Reference, "Coverage");

    /// <summary>What the number of a claim is made from: the visit; where another claim of the visit has that number, visit and coverage.</summary>
    public static string NumberedBy(EncounterChart chart, VisitShare share) =>
        share.IsOfVisit && !chart.OfType<Claim>().Any(c => IsOfVisit(c) && FirstOf(c) != share.First?.Id) ? chart.Encounter.Id! : Apart(chart.Encounter.Id!, share.First?.Id);

    /// <summary>The same of a claim that has one.</summary>
    public static string NumberedBy(Claim claim)
    {
        var visit = ClaimKey.Of(claim).Visit;
        var apart = Apart(visit, FirstOf(claim));
        return claim.PatientControlNumber()?.StartsWith(PatientControlNumber.Stem(apart), StringComparison.Ordinal) == true ? apart : visit;
    }

    /// <summary>How many claims were made for a visit's share before.</summary>
    public static int VersionOf(EncounterChart chart, VisitShare share) => chart.OfType<Claim>().Where(c => c.CreationKey() is not null).Select(ClaimKey.Of)
        .Where(k => k.Visit == chart.Encounter.Id && k.Rank == 1 && k.Coverage == (share.First?.Id ?? "none")).Select(k => k.Version + 1).DefaultIfEmpty(0).Max();

    /// <summary>The charge behind a line, when it is in the record.</summary>
    public static ChargeItem? ItemOf(EncounterChart chart, ChargeLine line) => line.ChargeItemId is { } id ? chart.Find<ChargeItem>(new ResourceReference($"ChargeItem/{id}")) : null;

    private static bool IsOfVisit(Claim claim) => NumberedBy(claim) == ClaimKey.Of(claim).Visit;

    private static string Apart(string visit, string? coverage) => $"{visit}/{coverage}";

    private static Coverage? First(EncounterChart chart, Account? account, DateOnly day) => CoverageOrder.For(chart, day, account) is [var first, ..] ? first : null;
}
