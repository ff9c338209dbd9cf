using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Kpis;
using FhirEmr.BillingBridge.Ledger;

namespace FhirEmr.Bench.Kpis;

/// <summary>Claims of a practice of forty providers over three years: five of a hundred are held at the first scrub, three are refused, ten have a denied line, and most are paid. The n-th is always the same.</summary>
internal sealed class ClaimInventor(DateOnly today)
{
    private static readonly string[] Codes = ["99213", "99214", "99203", "93000", "20610", "80053", "83036", "36415", "90471", "97110"];
    private static readonly string[] Classes = ["commercial", "medicare", "medicaid", "blue-cross"];
    private static readonly string[] Carcs = ["197", "16", "50", "97", "18"];

    public EncounterFacts Encounter(int n)
    {
        var day = Day(n);
        return new() { Id = $"e{n}", Day = day, EndDay = day, IsFinished = true, Provider = $"Practitioner/p-{n % 40}", Location = $"Location/l-{n % 5}" };
    }

    public (string Id, ClaimParts Parts) Claim(int n)
    {
        var day = Day(n);
        var lines = Enumerable.Range(1, 1 + (n % 4)).Select(i => new LineFacts(i, Codes[(n + (i * 3)) % Codes.Length], [], 1m, 8_000 + (n * 37 % 12_000), day, "11")).ToArray();
        var parts = new ClaimParts
        {
            Header = new()
            {
                Id = $"claim-{n}",
                Patient = $"Patient/{n / 4}",
                Encounter = $"e{n}",
                Payer = $"Organization/payer-{n % 12}",
                PayerClass = Classes[n % Classes.Length],
                Provider = $"Practitioner/p-{n % 40}",
                Location = $"Location/l-{n % 5}",
                Created = day.AddDays(n % 4),
                Lines = lines,
                Diagnoses = ["I10"],
            },
        };
        var isHeld = n % 20 == 7;
        var sent = day.AddDays(2 + (n % 5));
        foreach (var (i, (from, to)) in Way(isHeld, isRefused: n % 33 == 5).Index())
            parts.Steps[$"{n}-{i}"] = new($"{n}-{i}", new DateTimeOffset(sent, new TimeOnly(8, i), TimeSpan.Zero), sent, from, to);
        var total = lines.Sum(l => l.ChargeCents) / 100m;
        Enter(parts, "charge", JournalEvent.Charge, sent, (LedgerAccount.InsuranceReceivable, total), (LedgerAccount.Revenue, -total));
        var paidOn = sent.AddDays(12 + (n % 30));
        if (paidOn > today || n % 33 == 5)
            return (parts.Header.Id, parts);

        var isDenied = n % 10 == 3;
        var answer = Answer("first", paidOn, isDenied && lines.Length == 1 ? "4" : "1", lines, .6m, isDenied, Carcs[n % Carcs.Length]);
        parts.Answers[answer.Id] = answer;
        var (paid, contract, share) = (answer.PaidCents / 100m, Sum(answer, "CO", "45"), Sum(answer, "PR", "2"));
        Enter(parts, "answer", JournalEvent.Adjudication, paidOn, (LedgerAccount.UnappliedPayerMoney, paid), (LedgerAccount.ContractualAdjustment, contract), (LedgerAccount.PatientReceivable, share),
            (LedgerAccount.InsuranceReceivable, -(paid + contract + share)));
        if (n % 3 != 0 && paidOn.AddDays(30) <= today)
            Enter(parts, "patient", JournalEvent.PatientPayment, paidOn.AddDays(30), (LedgerAccount.Cash, share), (LedgerAccount.PatientReceivable, -share));
        return (parts.Header.Id, parts);
    }

    public static AnswerFacts Answer(string id, DateOnly day, string status, IReadOnlyList<LineFacts> lines, decimal paidShare, bool denied, string carc = "197")
    {
        var answered = lines.Select((line, i) =>
        {
            var (paid, share) = denied && i == 0 ? (0L, 0L) : ((long)(line.ChargeCents * paidShare), line.ChargeCents / 10);
            AnswerAdjustment[] adjustments = denied && i == 0 ? [new("CO", carc, line.ChargeCents)] : [new("CO", "45", line.ChargeCents - paid - share), new("PR", "2", share)];
            return new AnswerLine(line.Number, line.ChargeCents, paid + share, paid, [], adjustments);
        }).ToArray();
        return new(id, new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero), day, "T1", status, lines.Sum(l => l.ChargeCents), answered.Sum(l => l.PaidCents), answered);
    }

    private DateOnly Day(int n) => today.AddDays(-(int)(n * 7919L % 1_095));

    private static IEnumerable<(string, string)> Way(bool isHeld, bool isRefused)
    {
        if (isHeld)
        {
            yield return (ClaimStage.Draft, ClaimStage.ScrubFailed);
            yield return (ClaimStage.ScrubFailed, ClaimStage.Draft);
        }

        yield return (ClaimStage.Draft, ClaimStage.Ready);
        yield return (ClaimStage.Ready, ClaimStage.Queued);
        yield return (ClaimStage.Queued, ClaimStage.Submitted);
        yield return (ClaimStage.Submitted, isRefused ? ClaimStage.PayerRejected : ClaimStage.Accepted);
    }

    private static decimal Sum(AnswerFacts answer, string group, string carc) =>
        answer.Lines.SelectMany(l => l.Adjustments).Where(a => a.Group == group && a.Carc == carc).Sum(a => a.Cents) / 100m;

    private static void Enter(ClaimParts parts, string key, JournalEvent what, DateOnly day, params (LedgerAccount Account, decimal Usd)[] lines) => parts.Journal[key] = new()
    {
        Key = key,
        Event = what,
        PostedOn = day,
        Claim = $"Claim/{parts.Header!.Id}",
        Lines = [.. lines.Where(l => l.Usd != 0m).Select(l => new JournalLine(l.Account, l.Usd))],
    };
}
