using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Denials;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Documents;

/// <summary>A patient's account: what was charged, what insurance did with it, what the patient owes and why, line by line.</summary>
internal static class Statement
{
    /// <summary>What the patient owes in all.</summary>
    public static decimal BalanceUsd(StatementSources sources) => sources.Journal.Count > 0
        ? sources.Journal.SelectMany(e => e.Lines).Where(l => l.Account is LedgerAccount.PatientReceivable or LedgerAccount.UnappliedPatientMoney).Sum(l => l.AmountUsd)
        : sources.Claims.Where(c => IsFirst(sources, c)).Sum(c => ShareUsd(sources, c));

    public static Paper Of(StatementSources sources)
    {
        var (patient, practice) = (sources.Patient, sources.Practice);
        var balance = BalanceUsd(sources);
        List<PaperBlock> blocks =
        [
            new PaperBlock.Facts(
            [
                ("From", $"{practice?.Name}\n{PaperWords.Address(practice?.Address.FirstOrDefault())}\n{PaperWords.Phone(practice?.Telecom)}".Trim()),
                ("To", $"{PaperWords.Name(PatientNames.Of(patient))}\n{PaperWords.Address(patient.Address.FirstOrDefault())}".Trim()),
                ("Date", DateOfService.Text(sources.Today)),
                (balance < 0 ? "Your credit, US dollars" : "You owe, US dollars", PaperWords.Usd(Math.Abs(balance))),
            ]),
            .. sources.Journal.Count > 0 ? (PaperBlock[])[Aging(sources)] : [new PaperBlock.Paragraph("This statement shows what your insurance says you owe. Payments you made are not in it.")],
            new PaperBlock.Heading(2, "Your visits, line by line"),
        ];
        foreach (var claim in sources.Claims.Where(c => IsFirst(sources, c)).OrderBy(Day).ThenBy(c => c.Id, StringComparer.Ordinal))
            Add(blocks, sources, claim);
        if (sources.Claims.Count == 0)
            blocks.Add(new PaperBlock.Paragraph("No visit was billed."));
        if (sources.Journal.Count > 0)
            blocks.AddRange(Activity(sources));
        blocks.Add(new PaperBlock.Heading(2, "What the words mean"));
        blocks.Add(new PaperBlock.Facts(
        [
            ("Charged", "our price for the service"),
            ("Insurance paid", "what your insurance sent us"),
            ("Taken off", "what we may not ask of you: your insurance's contract with us, or what it denied and you do not owe"),
            ("Your share", "what your plan leaves to you, with the reason"),
        ]));
        blocks.Add(new PaperBlock.Paragraph(balance > 0 ? "If something is not clear, or you cannot pay at once, please call us." : "Nothing is due."));
        return new Paper($"Statement of {PaperWords.Name(PatientNames.Of(patient))}", blocks) { Footer = $"{practice?.Name} · {DateOfService.Text(sources.Today)}" };
    }

    private static void Add(List<PaperBlock> blocks, StatementSources sources, Claim claim)
    {
        var responses = Answers(sources, claim);
        var payers = string.Join(", ", responses.Select(r => r.Insurer?.Display).OfType<string>().Distinct());
        blocks.Add(new PaperBlock.Heading(3, $"Visit of {PaperWords.Day(Day(claim))}"));
        var rows = claim.Item.Select((item, i) => new ScrubLine(i, item)).Select(line => Row(line, responses)).ToList();
        blocks.Add(new PaperBlock.Table(
            $"Services of {PaperWords.Day(Day(claim))}{(payers.Length > 0 ? $", answered by {payers}" : responses.Count > 0 ? ", answered by your insurance" : ", not answered by your insurance yet")}",
            [new("Service", 3), new("Charged", 1.6, IsNumber: true), new("Insurance paid", 1.7, IsNumber: true), new("Taken off", 1.6, IsNumber: true), new("Your share", 1.6, IsNumber: true), new("Why", 4.5)],
            [.. rows.Select(r => (IReadOnlyList<string>)[r.Service, PaperWords.Usd(r.ChargedUsd), PaperWords.Usd(r.PaidUsd), PaperWords.Usd(r.OffUsd), PaperWords.Usd(r.ShareUsd), r.Why])])
        {
            Totals = ["Total", PaperWords.Usd(rows.Sum(r => r.ChargedUsd)), PaperWords.Usd(rows.Sum(r => r.PaidUsd)), PaperWords.Usd(rows.Sum(r => r.OffUsd)), PaperWords.Usd(rows.Sum(r => r.ShareUsd)), ""],
        });
        var whole = responses.SelectMany(r => r.Adjudication).Where(a => a.Reason is not null).ToList();
        if (whole.Count > 0)
            blocks.Add(new PaperBlock.Paragraph($"For the visit as a whole: {string.Join("; ", whole.Select(Why))}."));
        if (sources.Journal.Count > 0)
            blocks.Add(new PaperBlock.Paragraph($"Open on this visit after all payments: {PaperWords.Usd(Receivable(sources, claim))}."));
    }

    private static (string Service, decimal ChargedUsd, decimal PaidUsd, decimal OffUsd, decimal ShareUsd, string Why) Row(ScrubLine line, IReadOnlyList<ClaimResponse> responses)
    {
        var adjudications = responses.SelectMany(r => r.Item).Where(i => i.ItemSequence == line.Number).SelectMany(i => i.Adjudication).ToList();
        var reasons = adjudications.Where(a => a.Reason is not null).ToList();
        var paid = adjudications.Where(a => a.Category?.HasAny("benefit") == true).Sum(a => a.Amount?.Value ?? 0m);
        // A later payer answers the same line again: what the first one left to the patient is the later one's to pay, and only the last share counts.
        var last = responses.LastOrDefault(r => r.Item.Exists(i => i.ItemSequence == line.Number));
        var share = (last?.Item ?? []).Where(i => i.ItemSequence == line.Number).SelectMany(i => i.Adjudication).Where(IsPatients).Sum(a => a.Amount?.Value ?? 0m);
        var off = adjudications.Count == 0 ? 0m : line.NetUsd - paid - share;
        return (PaperWords.Described(line), line.NetUsd, paid, off, share, adjudications.Count == 0 ? "waiting for your insurance" : reasons.Count == 0 ? "paid in full" : string.Join("; ", reasons.Select(Why)));
    }

    private static string Why(ClaimResponse.AdjudicationComponent adjudication)
    {
        var carc = adjudication.Reason!.Coding.FirstOrDefault()?.Code ?? "";
        var group = Group(adjudication);
        var words = (group, carc) switch
        {
            ("PR", "1") => "deductible, yours under your plan",
            ("PR", "2") => "co-insurance, your part of the price",
            ("PR", "3") => "co-payment for the visit",
            (_, "45") => "above the price agreed with your insurance, taken off",
            ("OA", "23") => "settled by your other insurance",
            _ => $"{(DenialReason.Of(carc, [], paidNothing: true).Meaning ?? $"reason {carc}").ToLowerInvariant()}, {(group == "PR" ? "yours under your plan" : "not yours to pay")}",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{PaperWords.Usd(adjudication.Amount?.Value)} {words}");
    }

    private static bool IsPatients(ClaimResponse.AdjudicationComponent adjudication) => adjudication.Reason is not null && Group(adjudication) == "PR";

    private static string Group(ClaimResponse.AdjudicationComponent adjudication) => adjudication.GetExtensionValue<Code>(BillingUrls.CagcExtension)?.Value ?? "";

    private static decimal ShareUsd(StatementSources sources, Claim claim)
    {
        var responses = Answers(sources, claim);
        return claim.Item.Select((item, i) => Row(new ScrubLine(i, item), responses).ShareUsd).Sum()
            + responses.SelectMany(r => r.Adjudication).Where(IsPatients).Sum(a => a.Amount?.Value ?? 0m);
    }

    /// <summary>The answers that stand: what was taken back and its reversal cancel out and are not shown.</summary>
    private static List<ClaimResponse> Answers(StatementSources sources, Claim claim) =>
    [
        .. sources.Responses.Where(r => r.Status == FinancialResourceStatusCodes.Active && r.Outcome == ClaimProcessingCodes.Complete
                && OfVisit(sources, claim).Any(c => c.Id == FhirReferences.IdOf(r.Request?.Reference, "Claim")) && r.GetExtension("urn:fhiremr:reverses") is null)
            .OrderBy(r => r.Created, StringComparer.Ordinal).ThenBy(r => r.Id, StringComparer.Ordinal),
    ];

    /// <summary>The claims of one visit to all its payers: the lines are the same, each payer answers them.</summary>
    private static IEnumerable<Claim> OfVisit(StatementSources sources, Claim claim) =>
        Visit(claim) is not { } visit ? [claim] : sources.Claims.Where(c => Visit(c) == visit).OrderBy(Rank).ThenBy(c => c.Id, StringComparer.Ordinal);

    private static bool IsFirst(StatementSources sources, Claim claim) => OfVisit(sources, claim).First().Id == claim.Id;

    private static string? Visit(Claim claim) => claim.Item.SelectMany(i => i.Encounter).Select(e => e.Reference).FirstOrDefault(r => r is { Length: > 0 });

    private static int Rank(Claim claim) => claim.FocalInsurance()?.Sequence ?? 1;

    private static decimal Receivable(StatementSources sources, Claim claim) => sources.Journal
        .Where(e => OfVisit(sources, claim).Any(c => c.Id == FhirReferences.IdOf(e.Claim, "Claim")))
        .SelectMany(e => e.Lines).Where(l => l.Account == LedgerAccount.PatientReceivable).Sum(l => l.AmountUsd);

    private static PaperBlock.Table Aging(StatementSources sources)
    {
        var buckets = new decimal[4];
        foreach (var claim in sources.Journal.Where(e => e.Claim is not null).GroupBy(e => e.Claim))
        {
            var open = claim.SelectMany(e => e.Lines).Where(l => l.Account == LedgerAccount.PatientReceivable).Sum(l => l.AmountUsd);
            var since = claim.Where(e => e.Lines.Any(l => l.Account == LedgerAccount.PatientReceivable && l.AmountUsd > 0)).Select(e => e.PostedOn).DefaultIfEmpty(sources.Today).Min();
            if (open != 0)
                buckets[Math.Clamp((sources.Today.DayNumber - since.DayNumber) / 30, 0, 3)] += open;
        }

        return new PaperBlock.Table(
            "How long it has been yours, US dollars",
            [new("Up to 30 days", 1, IsNumber: true), new("31 to 60", 1, IsNumber: true), new("61 to 90", 1, IsNumber: true), new("More than 90", 1, IsNumber: true), new("In all", 1, IsNumber: true)],
            [[.. buckets.Select(b => PaperWords.Usd(b)), PaperWords.Usd(BalanceUsd(sources))]]);
    }

    private static IEnumerable<PaperBlock> Activity(StatementSources sources)
    {
        var running = 0m;
        var rows = new List<IReadOnlyList<string>>();
        foreach (var entry in sources.Journal.OrderBy(e => e.PostedOn))
        {
            var change = entry.Lines.Where(l => l.Account is LedgerAccount.PatientReceivable or LedgerAccount.UnappliedPatientMoney).Sum(l => l.AmountUsd);
            if (change == 0)
                continue;
            running += change;
            var visit = sources.Claims.FirstOrDefault(c => c.Id == FhirReferences.IdOf(entry.Claim, "Claim"));
            rows.Add([DateOfService.Text(entry.PostedOn), Words(entry, change), visit is null ? "" : PaperWords.Day(Day(visit)), PaperWords.Usd(change), PaperWords.Usd(running)]);
        }

        yield return new PaperBlock.Heading(2, "Your account");
        yield return new PaperBlock.Table(
            "Every change of what you owe, US dollars", [new("Date", 2), new("What happened", 5), new("Visit", 2), new("Change", 1.8, IsNumber: true), new("You owe", 1.8, IsNumber: true)], rows);
    }

    private static string Words(JournalEntry entry, decimal change) => entry.Event switch
    {
        JournalEvent.Charge => "charged to you",
        JournalEvent.ChargeCorrection => "the bill was corrected",
        JournalEvent.Adjudication => change > 0 ? "your share, by your insurance" : "your insurance took over",
        JournalEvent.Reversal => "your insurance took its answer back",
        JournalEvent.PatientPayment => "your payment, thank you",
        JournalEvent.Refund => "paid back to you",
        JournalEvent.WriteOff => "taken off",
        JournalEvent.OpeningBalance when entry.Note == OpeningBalance.UndoneNote => "what was owed from before was taken back",
        JournalEvent.OpeningBalance => change > 0 ? "owed from before" : "credit from before",
        JournalEvent.Transfer => change > 0 ? "passed to you" : "passed on",
        _ => "adjusted",
    };

    private static DateOnly? Day(Claim claim) =>
        claim.Item.Select((item, i) => new ScrubLine(i, item).From).OfType<DateOnly>().Order().Cast<DateOnly?>().FirstOrDefault() ?? DateOfService.From(claim.BillablePeriod?.Start);
}
