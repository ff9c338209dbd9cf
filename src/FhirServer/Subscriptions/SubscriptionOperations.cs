using System.Globalization;
using FhirEmr.FhirServer.Operations;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Smart;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Subscriptions;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Subscriptions;

/// <summary><c>$status</c>, <c>$events</c>, <c>$get-ws-binding-token</c> of the backport guide; <c>$topics</c> and <c>$replay</c> of our own.</summary>
/// <remarks>Each works on Subscriptions that the caller may read, and shows of events what the caller may read. Refuses with 400, 403, 404, 410.</remarks>
internal sealed class SubscriptionOperations(IResourceStore store, SubscriptionBook book, BindingTokens tokens, EventBell bell, IServerIdentity server, TimeProvider clock)
{
    private const int MostEvents = 1000;
    private const int MostIds = 100;

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        SubscriptionOperations Operations() => services.GetRequiredService<SubscriptionOperations>();
        string[] on = ["Subscription"];
        yield return new("status", Backport.StatusOperation, on, true, true, false, (r, ct) => Operations().StatusAsync(r, ct)) { Right = null };
        yield return new("events", Backport.EventsOperation, on, false, true, false, (r, ct) => Operations().EventsAsync(r, ct)) { Right = null };
        yield return new("get-ws-binding-token", Backport.TokenOperation, on, true, true, false, (r, ct) => Operations().TokenAsync(r, ct)) { Right = null };
        yield return new("topics", "urn:fhiremr:OperationDefinition:subscription-topics", on, true, false, false, (r, _) => Task.FromResult(Operations().Topics(r))) { Right = null };
        yield return new("replay", "urn:fhiremr:OperationDefinition:subscription-replay", on, false, true, true, (r, ct) => Operations().ReplayAsync(r, ct));
    }

    private async Task<FhirReply> StatusAsync(FhirRequest request, CancellationToken ct)
    {
        if (!request.Caller.Access.Of("Subscription").Allows(Interaction.Read))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Forbidden, "You may not read Subscription."));
        var (input, fault) = OperationInput.Read(request, "id", "status");
        if (fault is not null)
            return FhirReply.Refuse(fault);
        var wanted = input.Each("status").ToList();
        List<string> ids = request.Target.Id is { } one ? [one] : [.. input.Each("id")];
        if (ids.Count > MostIds)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, $"{MostIds} ids at most."));
        if (request.Target.Id is not null && await FindAsync(request, ct) is { Fault: { } unknown })
            return FhirReply.Refuse(unknown);
        if (ids.Count == 0)
        {
            await using var session = await store.SnapshotAsync(SystemPlans.Subscriptions, ct);
            ids = await session.QueryAsync(SubscriptionSql.Ids(store.Dialect, MostEvents), r => r.Text(0), ct);
        }

        var found = new List<(string Url, byte[] Status)>();
        foreach (var id in ids)
        {
            if (!ResourceKey.IsId(id) || await store.ReadAsync(new("Subscription", id), request.Caller.Access, ct) is not { IsDeleted: false } resource || SubscriptionRequest.Read(resource.Json).Request is not { } asked)
                continue;
            var row = await book.FindAsync(id, ct);
            var status = StatusOf(row, asked);
            if (wanted.Count == 0 || wanted.Contains(status))
                found.Add(($"urn:uuid:{Guid.CreateVersion7(clock.GetUtcNow())}", new Notification(
                    request.BaseUrl, id, asked, NotificationType.QueryStatus, status, row is null ? 0 : Math.Max(row.Delivered, await book.LastNumberAsync(row.Sid, ct)), row?.Fault ?? "").ToStatus()));
        }

        using var bundle = new BundleWriter("searchset", clock.GetUtcNow(), found.Count);
        foreach (var (url, status) in found)
            bundle.Entry(url, status, "match");
        return new FhirReply(200) { Body = bundle.Finish() };
    }

    private async Task<FhirReply> EventsAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "eventsSinceNumber", "eventsUntilNumber", "content");
        if (fault is not null)
            return FhirReply.Refuse(fault);
        if (!Number(input["eventsSinceNumber"], 1, out var since) || !Number(input["eventsUntilNumber"], long.MaxValue, out var until))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, "eventsSinceNumber and eventsUntilNumber are event numbers: 1, 2, ...", code: "value"));
        var (subscription, unknown) = await FindAsync(request, ct);
        if (subscription is not var (row, asked))
            return FhirReply.Refuse(unknown!);
        if (input["content"] is { } content && content is not ("empty" or "id-only" or "full-resource"))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, $"content={content} is not known: empty, id-only or full-resource.", code: "value"));

        var events = await book.ShownAsync(await book.EventsAsync(row.Sid, since - 1, until, MostEvents, ct), request.Caller.Access, ct);
        foreach (var version in events.Select(e => e.Version).OfType<StoredResource>())
            request.Caller.Trail?.Saw(version.Key, version.Json.Span);
        var notification = new Notification(request.BaseUrl, row.Id, asked, NotificationType.QueryEvent, StatusOf(row, asked), Math.Max(row.Delivered, await book.LastNumberAsync(row.Sid, ct)), row.Fault)
        {
            Events = events,
            Content = input["content"] switch { "empty" => PayloadContent.Empty, "id-only" => PayloadContent.IdOnly, "full-resource" => PayloadContent.FullResource, _ => asked.Content },
        };
        return new FhirReply(200) { Json = notification.ToBundle(clock.GetUtcNow()) };
    }

    private async Task<FhirReply> TokenAsync(FhirRequest request, CancellationToken ct)
    {
        if (!request.Caller.Access.Of("Subscription").Allows(Interaction.Read))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Forbidden, "You may not read Subscription."));
        var (input, fault) = OperationInput.Read(request, "id", "ids");
        if (fault is not null)
            return FhirReply.Refuse(fault);
        List<string> ids = request.Target.Id is { } one ? [one] : [.. input.Each("id"), .. input.Each("ids")]; // as the guide's first version called it
        if (ids.Count is 0 or > MostIds)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, "Say for which subscriptions: id=... once for each, or Subscription/[id]/$get-ws-binding-token."));
        var owner = SubscriptionOwner.Of(request.Caller);
        foreach (var id in ids)
        {
            if (!ResourceKey.IsId(id) || await store.ReadAsync(new("Subscription", id), request.Caller.Access, ct) is not { IsDeleted: false } || await book.FindAsync(id, ct) is not { } row
                || SubscriptionOwner.Read(row.Owner).Identity != owner.Identity)
                return FhirReply.Refuse(FhirFault.Of(FaultKind.NotFound, $"You have no Subscription/{(id.Length > 64 ? id[..64] : id)}: a subscription is bound by whoever wrote it last, with the app it was written with."));
            if (row.State is not (SubscriptionState.Socket or SubscriptionState.Requested))
                return FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, $"Subscription/{id} is not active with the channel websocket: write it so."));
        }

        var (token, expires) = tokens.Write(ids, owner);
        var answer = new Parameters();
        answer.Add("token", new FhirString(token));
        answer.Add("expiration", new FhirDateTime(expires));
        foreach (var id in ids)
            answer.Add("subscription", new FhirString(id));
        var issuer = server.Issuer;
        answer.Add("websocket-url", new FhirUrl($"{(issuer.Scheme == "https" ? "wss" : "ws")}://{issuer.Authority}{issuer.AbsolutePath.TrimEnd('/')}{SubscriptionSockets.Path}"));
        return FhirReply.Of(answer);
    }

    private FhirReply Topics(FhirRequest request)
    {
        using var bundle = new BundleWriter("collection", clock.GetUtcNow());
        foreach (var topic in SubscriptionTopics.All)
            bundle.Entry(topic.Url, FhirFormats.ToJson(SubscriptionTopics.ToBasic(topic)));
        return new FhirReply(200) { Body = bundle.Finish() };
    }

    private async Task<FhirReply> ReplayAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "from");
        if (fault is not null)
            return FhirReply.Refuse(fault);
        if (input["from"] is not null && !Number(input["from"], 1, out _))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, "from is the number of the event to begin with: 1, 2, ...", code: "value"));
        var (subscription, unknown) = await FindAsync(request, ct);
        if (subscription is not var (row, asked))
            return FhirReply.Refuse(unknown!);
        if (asked.Channel == ChannelKind.WebSocket)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, "Over WebSockets nothing is sent again: ask with $events."));
        if (row.State == SubscriptionState.Off)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, "The subscription is off: write it with status requested first."));

        _ = Number(input["from"], row.Delivered + 1, out var from);
        var last = await book.LastNumberAsync(row.Sid, ct);
        if (from > last + 1)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, $"There is no event {from} yet: the last is {last}."));
        await using (var session = await store.SnapshotAsync(SystemPlans.Subscriptions, ct))
            if (last > 0 && await session.QueryAsync(SubscriptionSql.FirstNumber(store.Dialect, row.Sid), r => r.IsNull(0) ? 1 : r.Int64(0), ct) is [var first] && from < first)
                return FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, $"Events before {first} are kept no more: replay from {first}."));

        // In error it begins as a new one does: by asking the subscriber.
        if (!await book.CommitAsync(SubscriptionSql.Replay(row.Sid, from - 1, row.State == SubscriptionState.Error ? SubscriptionState.Requested : row.State)))
            return FhirReply.Refuse(FhirFault.Busy("The subscription was deleted meanwhile."));
        bell.RingForAll();
        var answer = new Parameters();
        answer.Add("from", new FhirString(from.ToString(CultureInfo.InvariantCulture)));
        answer.Add("events", new FhirString((last - from + 1).ToString(CultureInfo.InvariantCulture)));
        return FhirReply.Of(answer);
    }

    /// <summary>The subscription of the address as the caller may read it.</summary>
    private async Task<((SubscriptionRow Row, SubscriptionRequest Request)? Subscription, FhirFault? Fault)> FindAsync(FhirRequest request, CancellationToken ct)
    {
        var key = request.Target.Key;
        if (await store.ReadAsync(key, request.Caller.Access, ct) is not { } resource)
            return (null, FhirFault.NotFound(key));
        if (resource.IsDeleted)
            return (null, FhirFault.Gone(key));
        var (asked, unreadable) = SubscriptionRequest.Read(resource.Json);
        if (asked is null)
            return (null, unreadable);
        return await book.FindAsync(key.Id, ct) is { } row ? ((row, asked), null)
            : (null, FhirFault.Of(FaultKind.Unprocessable, $"{key} was stored before this server served subscriptions: write it again."));
    }

    private static string StatusOf(SubscriptionRow? row, SubscriptionRequest asked) => row?.State switch
    {
        null => asked.Status,
        SubscriptionState.Socket => SubscriptionState.Active,
        var state => state,
    };

    private static bool Number(string? text, long otherwise, out long number)
    {
        number = otherwise;
        return text is null || (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0);
    }
}
