using System.Globalization;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Smart;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Subscriptions;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>How a run for one subscription ended.</summary>
/// <param name="IsIdle">It goes on, and there is nothing to do for it now.</param>
/// <param name="Again">After how long there is something to do for it; null when events or the table tell.</param>
internal readonly record struct RunEnd(bool IsIdle, TimeSpan? Again)
{
    /// <summary>The wait stands in the table, where whoever writes the subscription or replays it ends it.</summary>
    public bool IsKept { get; init; }

    public static RunEnd Idle { get; } = new(true, null);

    /// <summary>It is over, or another has it.</summary>
    public static RunEnd Over { get; } = new(false, null);

    /// <summary>Its destination is taken up.</summary>
    public static RunEnd Busy { get; } = new(false, TimeSpan.FromMilliseconds(250));
}

/// <summary>Tells one subscriber what there is to tell, in order, each at least once, by what the owner may see at that moment (security.md S-40).</summary>
/// <remarks>
/// Whoever runs it holds the lease of the subscription. How far it is is committed while the next notification is already on its way, so a crash repeats a
/// notification or two, under the same numbers. What is not taken is tried again after random waits of up to an hour, for days; then the subscription is in error,
/// which makes a Task, and its events are kept.
/// </remarks>
internal sealed partial class Delivery(
    IResourceStore store, SubscriptionBook book, ISubscriptionOwners owners, SubscriptionRecords records, Channels channels, IServerIdentity server, IOptions<SubscriptionOptions> options, TimeProvider clock,
    ILogger<Delivery> log)
{
    public const long Never = long.MaxValue;

    private const int EventsAtOnce = 20;
    private const int MostLooks = 10;
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);

    /// <summary>How long what was shown to an owner may wait to be sent.</summary>
    private static readonly TimeSpan Shown = TimeSpan.FromSeconds(3);

    private readonly SubscriptionBook book = book;
    private readonly ISubscriptionOwners owners = owners;
    private readonly SubscriptionRecords records = records;
    private readonly Channels channels = channels;
    private readonly IServerIdentity server = server;
    private readonly SubscriptionOptions settings = options.Value;
    private readonly TimeProvider clock = clock;
    private readonly ILogger log = log;

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private long Until => Now + (long)Lease.TotalMilliseconds;

    public async Task<RunEnd> RunAsync(long sid, string worker, CancellationToken ct)
    {
        for (var looks = 0; looks < MostLooks; looks++)
        {
            ct.ThrowIfCancellationRequested();
            if (await book.FindAsync(sid, ct) is not { } row || row.LeaseOwner != worker)
                return RunEnd.Over;
            if (await store.ReadAsync(new("Subscription", row.Id), SystemPlans.Subscriptions, ct) is not { IsDeleted: false } resource)
            {
                await book.CommitAsync([.. SubscriptionSql.Forget(sid)]);
                return RunEnd.Over;
            }

            if (row.State is SubscriptionState.Off or SubscriptionState.Error)
            {
                await book.CommitAsync(SubscriptionSql.Keep(row with { Due = Never }, worker, 0));
                return RunEnd.Over;
            }

            if (await book.FindAsync(sid, ct) is not { } still || still.Version != row.Version)
                continue; // its owner wrote it between the two: they do not belong together

            var run = new Run(this, row, resource, worker);
            if (await run.GoAsync(ct) is { } end)
                return end; // otherwise it stands in another way now, and is looked at anew
        }

        return new(false, TimeSpan.FromSeconds(1)); // somebody writes it all the time
    }

    /// <summary>The subscription as it stood when this was begun.</summary>
    private sealed class Run(Delivery of, SubscriptionRow begun, StoredResource resource, string worker)
    {
        private Task<bool>? keeping;
        private SubscriptionRow row = begun;
        private SubscriptionRow kept = begun;

        /// <returns>Null to look at it anew.</returns>
        public async Task<RunEnd?> GoAsync(CancellationToken ct)
        {
            var (request, unreadable) = SubscriptionRequest.Read(resource.Json);
            if (request is null)
                return await GiveUpAsync(unreadable!.Issues[0].Text, ct);
            if (request.End is { } end && end <= of.clock.GetUtcNow())
                return await EndAsync(ct);
            var (owner, closed) = await of.book.OwnerAsync(row, request, ct);
            if (owner is null)
                return await GiveUpAsync(closed!, ct);
            if (row.State == SubscriptionState.Requested)
                return await BeginAsync(request, owner, ct);
            if (row.State == SubscriptionState.Socket)
            {
                await of.book.CommitAsync(SubscriptionSql.Keep(row with { Due = DueAfter(request) }, worker, 0)); // those that are bound are told where they are
                return RunEnd.Over;
            }

            while (true)
            {
                if (await TellAsync(request, owner, ct) is { } end2)
                    return end2;

                // Consents, labels and what roles hold change without another key of the plan.
                if ((await of.book.OwnerAsync(row, request, ct)).Owner is not { } now || now.Access.Key != owner.Access.Key)
                    return await SettleAsync() ? null : RunEnd.Over;
                owner = now;
            }
        }

        private async Task<RunEnd?> BeginAsync(SubscriptionRequest request, Caller owner, CancellationToken ct)
        {
            if (await of.channels.FaultAsync(request, ct) is { } forbidden)
                return await GiveUpAsync(forbidden, ct);
            if (request is { IsTopicBased: true, Channel: not ChannelKind.WebSocket })
            {
                var sent = await SendAsync(request, owner, NotificationType.Handshake, [], $"{row.Id}.handshake.{row.Version}", ct);
                if (sent.IsBusy)
                    return RunEnd.Busy;
                if (sent.Fault is { } fault)
                    return await FailAsync(fault, ct);
            }

            if (!await of.records.ShowAsync(resource, "active", "", of.server.FhirBase, ct))
                return null;
            row = row with { State = request.Channel == ChannelKind.WebSocket ? SubscriptionState.Socket : SubscriptionState.Active, Failing = 0, Failures = 0, Fault = "", Due = DueAfter(request) };
            return await of.book.CommitAsync(SubscriptionSql.Keep(row, worker, of.Until)) ? null : RunEnd.Over;
        }

        /// <summary>The next notification; null when there was one.</summary>
        private async Task<RunEnd?> TellAsync(SubscriptionRequest request, Caller owner, CancellationToken ct)
        {
            var found = await of.book.ShownAsync(await of.book.EventsAsync(row.Sid, row.Delivered, long.MaxValue, request.IsTopicBased ? request.MostEvents : EventsAtOnce, ct), owner.Access, ct);
            if (found.Count == 0)
            {
                if (!await SettleAsync())
                    return RunEnd.Over;
                if (row.Due > of.Now)
                    return RunEnd.Idle;
                if (request.Heartbeat is null)
                    return await of.book.CommitAsync(SubscriptionSql.Keep(row = kept = row with { Due = DueAfter(request) }, worker, of.Until)) ? RunEnd.Idle : RunEnd.Over;
                return await ToldAsync(await SendAsync(request, owner, NotificationType.Heartbeat, [], string.Create(CultureInfo.InvariantCulture, $"{row.Id}.heartbeat.{row.Due}"), ct), row.Delivered, request, ct);
            }

            if (request.IsTopicBased)
                return await ToldAsync(
                    await SendAsync(request, owner, NotificationType.Event, found, string.Create(CultureInfo.InvariantCulture, $"{row.Id}.{found[^1].Number}"), ct), found[^1].Number, request, ct);
            var shown = of.clock.GetTimestamp();
            foreach (var happened in found)
            {
                ct.ThrowIfCancellationRequested();
                if (of.clock.GetElapsedTime(shown) > Shown)
                    return null; // the rest is shown by the rights of then

                // R4's own way knows no numbers: what the owner may not see is passed over.
                var sent = happened.Version is null ? default : await of.channels.SendAsync(request, happened, string.Create(CultureInfo.InvariantCulture, $"{row.Id}.{happened.Number}"), ct);
                if (happened.Version is not null && !sent.IsBusy)
                    await of.book.AuditAsync(row, owner, [happened], sent.Fault);
                if (await ToldAsync(sent, happened.Number, request, ct) is { } end)
                    return end;
            }

            return null;
        }

        private async Task<Sent> SendAsync(SubscriptionRequest request, Caller owner, string type, IReadOnlyList<SubscriptionEvent> found, string id, CancellationToken ct)
        {
            var total = Math.Max(await of.book.LastNumberAsync(row.Sid, ct), row.Delivered);
            var notification = new Notification(of.server.FhirBase, row.Id, request, type, type == NotificationType.Handshake ? "requested" : "active", total, "") { Events = found };
            var sent = await of.channels.SendAsync(request, notification, id, of.clock.GetUtcNow(), ct);
            if (!sent.IsBusy)
                await of.book.AuditAsync(row, owner, found, sent.Fault);
            return sent;
        }

        /// <summary>Null when it was taken. How far it is is committed beside what comes next.</summary>
        private async Task<RunEnd?> ToldAsync(Sent sent, long number, SubscriptionRequest request, CancellationToken ct)
        {
            if (sent.IsBusy)
                return await SettleAsync() ? RunEnd.Busy : RunEnd.Over;
            if (sent.Fault is { } fault)
                return await SettleAsync() ? await FailAsync(fault, ct) : RunEnd.Over;
            row = row with { Delivered = number, Failing = 0, Failures = 0, Fault = "", Due = DueAfter(request) };
            if (keeping is { IsCompleted: false })
                return null;
            if (keeping is not null && !await keeping)
                return RunEnd.Over;
            kept = row;
            keeping = of.book.CommitAsync(SubscriptionSql.Keep(row, worker, of.Until));
            return null;
        }

        /// <summary>Nothing of how far it is is left to be committed; false when another has the subscription, or its owner wrote it anew.</summary>
        private async Task<bool> SettleAsync()
        {
            var isOurs = keeping is null || await keeping;
            keeping = null;
            if (isOurs && kept != row)
                isOurs = await of.book.CommitAsync(SubscriptionSql.Keep(kept = row, worker, of.Until));
            return isOurs;
        }

        private async Task<RunEnd?> FailAsync(string fault, CancellationToken ct)
        {
            var (now, settings) = (of.Now, of.settings);
            var since = row.Failing == 0 ? now : row.Failing;
            if (now - since >= settings.RetryFor.TotalMilliseconds)
                return await GiveUpAsync(fault, ct);
            var most = Math.Min(LongestWait.TotalMilliseconds, settings.FirstRetry.TotalMilliseconds * Math.Pow(2, Math.Min(row.Failures, 30)));
            var wait = Math.Max(20, Random.Shared.NextDouble() * most); // full jitter: those that failed together do not come back together
            if (!await of.book.CommitAsync(SubscriptionSql.Keep(row with { Failing = since, Failures = row.Failures + 1, Fault = fault, Due = now + (long)wait }, worker, 0)))
                return null;
            NotTold(of.log, row.Id, row.Failures + 1, (long)wait, fault);
            return new(false, TimeSpan.FromMilliseconds(wait)) { IsKept = true };
        }

        private async Task<RunEnd?> GiveUpAsync(string fault, CancellationToken ct)
        {
            await of.records.ReportAsync(resource.Key, string.Create(CultureInfo.InvariantCulture, $"{row.Version}.{row.Delivered}"), fault, of.server.FhirBase, ct);
            if (!await of.records.ShowAsync(resource, "error", fault, of.server.FhirBase, ct))
                return null;
            await of.book.CommitAsync(SubscriptionSql.Keep(row with { State = SubscriptionState.Error, Fault = fault, Due = Never }, worker, 0));
            GivenUp(of.log, row.Id, fault);
            return RunEnd.Over;
        }

        private async Task<RunEnd?> EndAsync(CancellationToken ct)
        {
            if (!await of.records.ShowAsync(resource, "off", "", of.server.FhirBase, ct))
                return null;
            await of.book.CommitAsync(SubscriptionSql.Keep(row with { State = SubscriptionState.Off, Due = Never }, worker, 0));
            return RunEnd.Over;
        }

        private long DueAfter(SubscriptionRequest request) => Math.Min(
            request.Heartbeat is { } period && request.Channel != ChannelKind.WebSocket ? of.Now + (long)period.TotalMilliseconds : Never, request.End?.ToUnixTimeMilliseconds() ?? Never);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Subscription/{Id} could not be told, try {Count}; tried again in {Wait} ms: {Reason}")]
    private static partial void NotTold(ILogger log, string id, int count, long wait, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Subscription/{Id} is given up: {Reason}")]
    private static partial void GivenUp(ILogger log, string id, string reason);
}
