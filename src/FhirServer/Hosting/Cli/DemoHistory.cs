using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.Channels;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.MockPayer;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Remittance;
using FhirEmr.FhirServer.Billing;
using FhirEmr.FhirServer.Demo;
using FhirEmr.FhirServer.Storage;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary>Months of a practice's billing, lived week by week through the pipelines that bill every day: nothing is written that they did not write.</summary>
/// <remarks>
/// A clock of its own goes from Monday to Monday. Each week the payer answers the files of the week before, people work what came of it, and the visits of the
/// week are billed. What happens to a claim follows from its control number and the week, so that the same months end the same.
/// </remarks>
internal sealed class DemoHistory
{
    private const string Biller = "demo biller";

    /// <summary>What the payer does with the claims it answers in the last weeks, by how many are left, so that the end shows every stage.</summary>
    private static readonly string[][] Endings = [["NOAUTH", "REVONLY", "PART"], ["NOAUTH"], ["PEND", "FORWARD", "REVIEW", "SILENT"], ["REJ277", "COINS", "SILENT"]];

    private readonly SteppedClock _clock = new();
    private readonly IFhirRecords _records;
    private readonly ClaimPipeline _claims;
    private readonly SecondaryClaimPipeline _secondary;
    private readonly ReplacementPipeline _replacements;
    private readonly SelfPayPipeline _selfPay;
    private readonly DenialPipeline _denials;
    private readonly RemittancePipeline _remittances;
    private readonly FolderChannel _channel;
    private readonly SubmissionPipeline _submission;
    private readonly InboundPipeline _inbound;
    private readonly Journal _journal;
    private readonly Dictionary<string, DateOnly> _since = new(StringComparer.Ordinal);
    private int _ending;

    /// <param name="services">Of a server with the demo's billing (<see cref="BillingServices.AddDemoBilling"/>) and an empty store.</param>
    public DemoHistory(IServiceProvider services)
    {
        var setup = services.GetRequiredService<BillingSetup>();
        var folder = Path.Combine(services.GetRequiredService<IOptions<StorageOptions>>().Value.DataFolder, "mock-payer");
        _records = services.GetRequiredService<IFhirRecords>();
        _claims = new ClaimPipeline(_records, services.GetRequiredService<ITerminology>(), setup, _clock);
        _secondary = new SecondaryClaimPipeline(_records, _claims, setup, _clock);
        _replacements = new ReplacementPipeline(_records, _claims, setup, _clock);
        _selfPay = new SelfPayPipeline(_records, _clock);
        _denials = new DenialPipeline(_records, setup, _clock);
        _remittances = new RemittancePipeline(_records, _clock, contracts: services.GetRequiredService<ContractRates>(), payers: setup.Payers);
        _channel = new FolderChannel(folder, ChannelKind.Mock);
        _submission = new SubmissionPipeline(_records, _channel, services.GetRequiredService<IOptions<BillingOptions>>().Value.Interchange, _clock);
        _inbound = new InboundPipeline(_channel, _submission, _remittances);
        _journal = new Journal(_records);
    }

    /// <summary>Lives the months up to the Monday of a day.</summary>
    public async Task RunAsync(DateOnly today, int months, CancellationToken ct)
    {
        var end = today.AddDays(-(((int)today.DayOfWeek + 6) % 7));
        var practice = new DemoMonths(end, months);
        await FeeScheduleSeed.StoreAsync(_records, end.AddMonths(-months).AddYears(-2), ct);
        foreach (var bundle in practice.Bundles)
            await FeeScheduleSeed.CommitAsync(_records, bundle, ct);

        var visits = new Queue<(string EncounterId, DateOnly Day)>(practice.Visits);
        var weeks = ((end.DayNumber - visits.Peek().Day.DayNumber) / 7) + 1;
        for (var left = weeks; left >= 0; left--)
        {
            var monday = end.AddDays(-7 * left);
            _clock.Set(monday);
            _ending = 0;
            await _secondary.RunAsync(ct);
            await _replacements.SettleAsync(ct);
            await AnswerAsync(member => ScenarioOf(member, left, monday), ct);
            await WorkRejectionsAsync(left, ct);
            await WorkDenialsAsync(left, ct);
            await DecideAppealsAsync(ct);
            await WorkPatientsAsync(ct);
            if (left % 10 == 3)
                await VoidOneAsync(ct);
            await BillAsync(visits, monday, left, ct);
        }
    }

    private async Task BillAsync(Queue<(string EncounterId, DateOnly Day)> visits, DateOnly monday, int left, CancellationToken ct)
    {
        if (left == 2)
            await RejectOneFileAsync(visits, monday, ct);
        var billed = new List<string>();
        while (visits.TryPeek(out var visit) && visit.Day < monday)
            billed.Add(visits.Dequeue().EncounterId);
        if (left > 0)
        {
            foreach (var encounter in billed)
                await _claims.RunAsync(encounter, monday, ct);
            await _selfPay.RunAsync(ct);
            await SendAsync(ct);
            return;
        }

        // The last day is over before everything is done: one file is out, another waits to go, the rest is ready.
        await _selfPay.RunAsync(ct);
        await SendAsync(ct);
        var isQueued = false;
        foreach (var encounter in billed)
        {
            if (await _claims.RunAsync(encounter, monday, ct) is not ClaimResult.Ready || isQueued)
                continue;
            await _submission.BatchReadyClaimsAsync(ct);
            isQueued = (await _records.SearchAsync<Claim>($"claim-stage={ClaimStage.Submitted}", ct).ToListAsync(ct)).Exists(c => c.Stage() == ClaimStage.Submitted);
            if (!isQueued)
                await _submission.DispatchAsync(ct);
        }

        foreach (var claim in await InAsync(ClaimStage.Denied, ct))
        {
            if (await _replacements.ReplaceAsync(claim.Id!, null, "To be corrected", Who(), ct) is SuccessorResult.Made)
                break;
        }
    }

    private async Task SendAsync(CancellationToken ct)
    {
        await _submission.BatchReadyClaimsAsync(ct);
        await _submission.DispatchAsync(ct);
    }

    private async Task AnswerAsync(Func<string, MockScenario?> choose, CancellationToken ct)
    {
        await new ScriptedPayer(_channel, new MockScript { Choose = choose }, _clock).AnswerAllAsync(ct);
        await _inbound.ReceiveAsync(ct);
    }

    /// <summary>A file of one claim that the clearinghouse does not take.</summary>
    private async Task RejectOneFileAsync(Queue<(string EncounterId, DateOnly Day)> visits, DateOnly monday, CancellationToken ct)
    {
        while (visits.TryPeek(out var visit) && visit.Day < monday)
        {
            visits.Dequeue();
            await _claims.RunAsync(visit.EncounterId, monday, ct);
            await _selfPay.RunAsync(ct);
            if ((await _submission.BatchReadyClaimsAsync(ct)).Batches.Count == 0)
                continue;
            await _submission.DispatchAsync(ct);
            await AnswerAsync(_ => Named("REJ999"), ct);
            return;
        }
    }

    private MockScenario ScenarioOf(string member, int left, DateOnly monday)
    {
        if (left <= 1 && member == DemoMonths.MemberWithTwoPayers)
            return Named("PAID"); // and leaves a copay for the next payer
        if (left < Endings.Length)
            return Named(Endings[left].ElementAtOrDefault(_ending++) ?? "PAID");
        return Named((StableHash.Of("demo-history", FormattableString.Invariant($"{member}|{monday:yyyyMMdd}")) % 100) switch
        {
            < 52 => "PAID",
            < 64 => "COINS",
            < 70 => "DED",
            < 78 => "FULL",
            < 83 => "PART",
            < 87 => "NOAUTH",
            < 90 => "BADMOD",
            < 92 => "NONEED",
            < 95 => "REJ277",
            < 97 => "UNDER",
            < 98 => "REVERSE",
            < 99 => "NOTCOVERED",
            _ => "INTEREST",
        });
    }

    private static MockScenario Named(string name) => MockScenarios.All.First(s => s.Name == name);

    /// <summary>What came back unread is put right and goes out with the files of this week.</summary>
    private async Task WorkRejectionsAsync(int left, CancellationToken ct)
    {
        if (left < Endings.Length)
            return;
        foreach (var claim in await InAsync(ClaimStage.PayerRejected, ct))
            await _claims.RescrubAsync(claim.Id!, ct);
    }

    /// <summary>Some denials are appealed, some corrected, some given up. In the last weeks they wait, but for one that is appealed.</summary>
    private async Task WorkDenialsAsync(int left, CancellationToken ct)
    {
        foreach (var claim in await InAsync(ClaimStage.Denied, ct))
        {
            var weeks = Weeks("denied", claim);
            switch (Lot("denial", claim))
            {
                case var lot when (lot < 4 && weeks >= 1) || left == 1:
                    var task = await _records.SearchAsync<FhirTask>($"focus=Claim/{claim.Id}", ct).FirstOrDefaultAsync(t => t.Status == FhirTask.TaskStatus.Requested, ct);
                    if (task is not null)
                        await _denials.AppealAsync(task.Id!, new AppealRequest("The note supports the service.", null, null, null), Biller, ct);
                    break;
                case < 7 when weeks >= 1 && left > 1:
                    if (await _replacements.ReplaceAsync(claim.Id!, claim, "Corrected after the denial", Who(), ct) is SuccessorResult.Refused && weeks >= 4)
                        await GiveUpAsync(claim, "denial", "The payer takes no corrected claim.", ct);
                    break;
                case >= 7 when weeks >= 3 && left > 1:
                    await GiveUpAsync(claim, "denial", "Not worth an appeal.", ct);
                    break;
                default:
                    break;
            }
        }

        foreach (var claim in await InAsync(ClaimStage.PartiallyDenied, ct))
        {
            if (Weeks("denied", claim) >= 4 && Lot("denial", claim) < 7)
                await GiveUpAsync(claim, "denial", "Bundled by the payer's rules.", ct);
        }
    }

    /// <summary>After a month the payer's decision on an appeal comes on paper: it pays.</summary>
    private async Task DecideAppealsAsync(CancellationToken ct)
    {
        foreach (var claim in await InAsync(ClaimStage.Appealed, ct))
        {
            if (Weeks("appealed", claim) < 4 || await PayerIdAsync(claim, ct) is not { } payer)
                continue;
            var lines = claim.Item.Select(item =>
            {
                var charge = item.Net?.Value ?? 0m;
                var cut = decimal.Round(charge * .38m, 2, MidpointRounding.AwayFromZero);
                return new ManualEobLine(item.Sequence ?? 1, charge - cut, charge - cut, [("CO", "45", cut)]);
            }).ToList();
            var eob = new ManualEob
            {
                PayerId = payer,
                TraceNumber = $"PAPER{claim.PatientControlNumber()}",
                PaidOn = _clock.Today,
                AmountUsd = lines.Sum(l => l.PaidUsd),
                Claims = [new ManualEobClaim(claim.Id!, "1", null, lines)],
            };
            if ((await new ManualEobFile(_records, _clock).WriteAsync(eob, ct)).File is { } file)
                await _remittances.PostAsync(new MemoryStream(file, writable: false), ct);
        }
    }

    /// <summary>Most patients pay three weeks after the payer, some in part; what some never pay is given up.</summary>
    private async Task WorkPatientsAsync(CancellationToken ct)
    {
        foreach (var claim in await InAsync(ClaimStage.PatientBalance, ct))
        {
            var (weeks, lot, patient) = (Weeks("patient", claim), Lot("patient", claim), IdOf(claim.Patient));
            var owed = Balances.Of(await _journal.OfClaimAsync(claim, ct)).OfClaim($"Claim/{claim.Id}").PatientUsd;
            if (owed <= 0)
                continue;
            if (weeks == 3 && lot < 8)
            {
                var usd = lot == 7 ? decimal.Round(owed / 2, 2) : owed;
                await new PatientPayments(_records, _clock).PostAsync(
                    new PatientPayment { PatientId = patient, AmountUsd = usd, TransactionId = $"demo-{claim.PatientControlNumber()}", Method = "card", Claims = [(claim.Id!, null)], EnteredBy = Biller }, ct);
            }
            else if (weeks >= 6 && lot == 8)
            {
                await GiveUpAsync(claim, "bad-debt", "Three statements, no answer.", ct);
            }
        }
    }

    /// <summary>Now and then a claim should never have been sent: one that the payer alone settled is voided.</summary>
    private async Task VoidOneAsync(CancellationToken ct)
    {
        foreach (var claim in (await InAsync(ClaimStage.Closed, ct)).Where(c => c.Insurance.Count == 1))
        {
            var balance = Balances.Of(await _journal.OfClaimAsync(claim, ct)).OfClaim($"Claim/{claim.Id}");
            if (balance is { PayerPaidUsd: > 0, PatientPaidUsd: 0 } && await _replacements.VoidAsync(claim.Id!, "Billed for another visit", Who(), ct) is SuccessorResult.Made)
                return;
        }
    }

    private async Task GiveUpAsync(Claim claim, string category, string reason, CancellationToken ct) =>
        await new WriteOffs(_records, _clock).PostAsync(new WriteOff { ClaimId = claim.Id!, Category = category, Reason = reason, EnteredBy = Biller }, ct);

    private async Task<string?> PayerIdAsync(Claim claim, CancellationToken ct) =>
        claim.Insurer?.Reference is { Length: > 0 } && await _records.ReadAsync<Organization>(IdOf(claim.Insurer), ct) is { } payer
            ? payer.PayerId()
            : null;

    /// <summary>Claims in a stage, in an order that does not depend on the ids the store gave them.</summary>
    private async Task<List<Claim>> InAsync(string stage, CancellationToken ct) =>
        [.. (await _records.SearchAsync<Claim>($"claim-stage={stage}", ct).ToListAsync(ct)).Where(c => c.Stage() == stage).OrderBy(c => c.PatientControlNumber(), StringComparer.Ordinal)];

    /// <summary>Weeks since a claim was first seen so.</summary>
    private int Weeks(string what, Claim claim)
    {
        var key = $"{what}|{claim.PatientControlNumber()}";
        _since.TryAdd(key, _clock.Today);
        return (_clock.Today.DayNumber - _since[key].DayNumber) / 7;
    }

    /// <summary>0 to 9, the same for the same claim.</summary>
    private static int Lot(string what, Claim claim) => (int)(StableHash.Of($"demo-{what}", claim.PatientControlNumber() ?? "") % 10);

    private static string IdOf(ResourceReference? reference) => reference?.Reference is { } text ? text[(text.LastIndexOf('/') + 1)..] : "";

    private static ResourceReference Who() => new() { Display = Biller };

    /// <summary>Eight in the morning of a day, and a moment later each time it is asked: what happens one after the other has its order.</summary>
    private sealed class SteppedClock : TimeProvider
    {
        private DateTimeOffset _now;

        public DateOnly Today => DateOnly.FromDateTime(_now.UtcDateTime);

        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public void Set(DateOnly day) => _now = new DateTimeOffset(day, new TimeOnly(8, 0), TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now = _now.AddMilliseconds(1);
    }
}
