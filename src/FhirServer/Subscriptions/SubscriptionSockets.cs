using System.Net.WebSockets;
using System.Text;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Smart;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Subscriptions;

namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>The WebSocket channel of the backport guide: a client binds subscriptions by tokens and is told what happens from then on.</summary>
/// <remarks>
/// <c>bind-with-token [token]</c> is answered by a handshake notification for each subscription, whose count of events tells the client what it missed:
/// <c>$events</c> has it. Whoever holds the token is told what the owner of the subscription,
/// who asked for the token, may see at that moment; once somebody else has written the subscription, nothing.
/// </remarks>
internal sealed partial class SubscriptionSockets(
    SubscriptionBook book, BindingTokens tokens, IResourceStore store, EventBell bell, IServerIdentity server, TimeProvider clock, ILogger<SubscriptionSockets> log)
{
    public const string Path = "/ws/subscriptions";

    private const int MostBound = 20;
    private const int EventsAtOnce = 100;
    private const int MostCharacters = 16 * 1024;
    private const string Command = "bind-with-token";
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BeginPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BindPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SendPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(5);

    /// <summary>Serves one connection until either side ends it.</summary>
    public async Task ServeAsync(WebSocket socket, CancellationToken stopping)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var turn = new SemaphoreSlim(1, 1);
        var pumps = new List<Task>();
        try
        {
            while (true)
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
                if (pumps.Count == 0)
                    limit.CancelAfter(BindPatience);
                if (await ReceiveAsync(socket, limit.Token) is not { } text)
                    break;
                if (!text.StartsWith(Command, StringComparison.Ordinal) || tokens.Read(text[Command.Length..].TrimStart(':', ' ').Trim()) is not var (ids, owner) || pumps.Count + ids.Count > MostBound)
                {
                    await CloseAsync(socket, WebSocketCloseStatus.PolicyViolation, "Send bind-with-token and a token of Subscription/$get-ws-binding-token.", over.Token);
                    break;
                }

                foreach (var id in ids)
                    pumps.Add(PumpAsync(socket, turn, id, owner, over));
            }

            if (socket.State == WebSocketState.CloseReceived)
                await CloseAsync(socket, WebSocketCloseStatus.NormalClosure, null, over.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException)
        {
            // The client is gone, or the server stops.
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(pumps);
            socket.Abort();
        }
    }

    /// <summary>Tells of one subscription for as long as it stands and its owner may see it; then the connection is closed, so that the client notices.</summary>
    private async Task PumpAsync(WebSocket socket, SemaphoreSlim turn, string id, string owner, CancellationTokenSource over)
    {
        var ct = over.Token;
        try
        {
            await TellAsync(socket, turn, id, owner, ct);
            await turn.WaitAsync(ct);
            try
            {
                over.CancelAfter(ClosePatience); // for the client to close its side
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "The subscription is no longer told here.", ct);
            }
            finally
            {
                turn.Release();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException)
        {
            await over.CancelAsync();
        }
        catch (Exception e)
        {
            Failed(log, e, id);
            await over.CancelAsync();
        }
    }

    /// <summary>Closes both sides. Whoever does not read is not waited for long.</summary>
    private static async Task CloseAsync(WebSocket socket, WebSocketCloseStatus status, string? why, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(ClosePatience);
        await socket.CloseAsync(status, why, limit.Token);
    }

    /// <param name="boundBy">Identity of whoever the token was given to.</param>
    private async Task TellAsync(WebSocket socket, SemaphoreSlim turn, string id, string boundBy, CancellationToken ct)
    {
        var (told, isBound, last) = (0L, false, clock.GetTimestamp());
        while (true)
        {
            var rung = bell.Next;
            if (await store.ReadAsync(new("Subscription", id), SystemPlans.Subscriptions, ct) is not { IsDeleted: false } resource
                || await book.FindAsync(id, ct) is not { State: SubscriptionState.Socket or SubscriptionState.Requested } row
                || SubscriptionOwner.Read(row.Owner).Identity != boundBy)
                return;
            if (row.Version > resource.Version || row.State == SubscriptionState.Requested)
            {
                await Task.Delay(BeginPause, clock, ct); // its owner wrote it between the two, so they do not belong together; or it says active a moment before it is, and may be written anew
                continue;
            }

            if (SubscriptionRequest.Read(resource.Json).Request is not { } request
                || (await book.OwnerAsync(row, request, ct)).Owner is not { } owner)
                return;
            var stamp = bell.StampOf(row.Sid);

            if (!isBound)
            {
                (told, isBound, last) = (await book.LastNumberAsync(row.Sid, ct), true, clock.GetTimestamp());
                await SendAsync(NotificationType.Handshake, []);
            }

            if (await book.ShownAsync(await book.EventsAsync(row.Sid, told, long.MaxValue, Math.Min(request.MostEvents, EventsAtOnce), ct), owner.Access, ct) is { Count: > 0 } found)
            {
                told = found[^1].Number;
                last = clock.GetTimestamp();
                await SendAsync(NotificationType.Event, found);
                continue; // the next are told by the rights of then
            }

            if (request.Heartbeat is { } period && clock.GetElapsedTime(last) >= period)
            {
                last = clock.GetTimestamp();
                await SendAsync(NotificationType.Heartbeat, []);
            }

            for (var until = clock.GetUtcNow() + LookEvery; bell.StampOf(row.Sid) == stamp && until - clock.GetUtcNow() is { Ticks: > 0 } left; rung = bell.Next)
                await rung.WaitAsync(left, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ct.ThrowIfCancellationRequested();

            async Task SendAsync(string type, IReadOnlyList<SubscriptionEvent> found)
            {
                var bundle = new Notification(server.FhirBase, id, request, type, "active", told, "") { Events = found }.ToBundle(clock.GetUtcNow());
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
                limit.CancelAfter(SendPatience); // who does not read is let go, and asks again
                await turn.WaitAsync(limit.Token);
                try
                {
                    await socket.SendAsync(bundle, WebSocketMessageType.Text, endOfMessage: true, limit.Token);
                }
                catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException)
                {
                    await book.AuditAsync(row, owner, found, "The connection took nothing more."); // part of it may have gone out
                    throw;
                }
                finally
                {
                    turn.Release();
                }

                await book.AuditAsync(row, owner, found, null);
            }
        }
    }

    /// <summary>The next message; null when the client closes, or sends more than any command is.</summary>
    private static async Task<string?> ReceiveAsync(WebSocket socket, CancellationToken ct)
    {
        var (buffer, length) = (new byte[MostCharacters], 0);
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), ct);
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            length += part.Count;
            if (part.EndOfMessage)
                return Encoding.UTF8.GetString(buffer, 0, length);
            if (length == buffer.Length)
            {
                await CloseAsync(socket, WebSocketCloseStatus.MessageTooBig, null, ct);
                return null;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Subscription/{Id} could not be told over a WebSocket")]
    private static partial void Failed(ILogger log, Exception e, string id);
}
