using System.Globalization;
using System.Net.Mail;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Outbound;
using FhirEmr.FhirServer.Storage.Subscriptions;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>Sends mail for subscriptions; whoever has the mail server provides it.</summary>
internal interface ISubscriptionMail
{
    bool IsOn { get; }

    /// <param name="id">The same for the same notification.</param>
    /// <returns>Null when it was taken; otherwise why not, without what is in it.</returns>
    Task<string?> SendAsync(string id, string to, string subject, string text, CancellationToken ct);
}

/// <summary>How a try went.</summary>
/// <param name="Fault">Null when it was taken.</param>
/// <param name="IsBusy">It was not tried, because the destination is taken up or left alone for a while.</param>
internal readonly record struct Sent(string? Fault, bool IsBusy = false)
{
    public static Sent Busy { get; } = new("The destination is busy.", true);
}

/// <summary>The ways to a subscriber that the server goes by itself: HTTP and mail (R4 subscription-channel-type).</summary>
internal sealed class Channels(GuardedHttpClient outbound, ISubscriptionMail mail, Destinations destinations, IOptions<SubscriptionOptions> options)
{
    /// <summary>All mail goes by one server. No authority of an address is written so.</summary>
    private const string MailServer = "mail:";

    /// <summary>Why notifications may not go there: said when it is written, when it begins, and each time (security S-76).</summary>
    public async Task<string?> FaultAsync(SubscriptionRequest request, CancellationToken ct) => request.Channel switch
    {
        ChannelKind.WebSocket => null,
        ChannelKind.Email => MailFault(request.Endpoint, out _),
        _ => Fault(request.Endpoint, out var address) ?? await outbound.FaultAsync(address!, ct),
    };

    /// <summary>Tells by the guide's Bundle.</summary>
    /// <param name="id">The same for the same notification.</param>
    public Task<Sent> SendAsync(SubscriptionRequest request, Notification notification, string id, DateTimeOffset now, CancellationToken ct)
    {
        if (request.Channel == ChannelKind.Email)
            return MailAsync(request, notification, id, ct);
        (string, string)[] own = notification.Events.Count > 0 ? [("Idempotency-Key", id), ("X-Event-Number", notification.Events[^1].Number.ToString(CultureInfo.InvariantCulture))] : [];
        return HttpAsync(request, HttpMethod.Post, "", notification.ToBundle(now), own, ct);
    }

    /// <summary>Tells in R4's own way: an empty POST, or the resource by PUT to its place below the endpoint.</summary>
    public Task<Sent> SendAsync(SubscriptionRequest request, SubscriptionEvent happened, string id, CancellationToken ct)
    {
        (string, string)[] own = [("Idempotency-Key", id), ("X-Event-Number", happened.Number.ToString(CultureInfo.InvariantCulture))];
        return request.Content == PayloadContent.Empty
            ? HttpAsync(request, HttpMethod.Post, "", default, own, ct)
            : HttpAsync(request, HttpMethod.Put, $"/{happened.Version!.Key}", happened.Version.Json, own, ct);
    }

    private async Task<Sent> HttpAsync(SubscriptionRequest request, HttpMethod method, string below, ReadOnlyMemory<byte> body, (string, string)[] own, CancellationToken ct)
    {
        if (Fault(request.Endpoint, out var endpoint) is { } fault)
            return new(fault);
        if (destinations.TryEnter(endpoint!.Authority) is not { } place)
            return Sent.Busy;
        var isReached = false;
        try
        {
            var address = below.Length == 0 ? endpoint : new Uri(endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/') + below + endpoint.Query);
            var status = await outbound.SendAsync(new(method, address, body, body.IsEmpty ? null : FhirFormats.JsonMediaType, [.. request.Headers, .. own], request.Timeout), ct);
            isReached = status is >= 200 and < 500;
            return status is >= 200 and < 300 ? default
                : new(status is >= 300 and < 400 ? $"{endpoint.Authority} answered {status}: redirects are not followed." : $"{endpoint.Authority} answered {status}.");
        }
        catch (OutboundException e)
        {
            return new(e.Message);
        }
        finally
        {
            place.Leave(isReached || ct.IsCancellationRequested);
        }
    }

    private async Task<Sent> MailAsync(SubscriptionRequest request, Notification notification, string id, CancellationToken ct)
    {
        if (MailFault(request.Endpoint, out var to) is { } fault)
            return new(fault);
        var (subject, first) = notification.Type switch
        {
            NotificationType.Handshake => ("You will be told of events", "This address was entered to be told of events. If that is not meant, tell the practice."),
            NotificationType.Heartbeat => ("Nothing new", "Nothing has happened since the last mail; the subscription goes on."),
            _ => ("Something has happened", "Events that this address was entered for have happened."),
        };
        var lines = new List<string> { first, "", $"Topic: {request.Topic!.Title}", $"Subscription: {notification.BaseUrl}/Subscription/{notification.Id}", $"Events so far: {notification.Total}" };
        foreach (var happened in notification.Events)
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"Event {happened.Number}, {FhirInstant.Format(FhirInstant.FromMilliseconds(happened.At))}")
                + (request.Content == PayloadContent.IdOnly && happened.Version is { } version ? $": {notification.BaseUrl}/{version.Key}" : ""));
        if (destinations.TryEnter(MailServer) is not { } place)
            return Sent.Busy;
        var isReached = false;
        try
        {
            var refused = await mail.SendAsync(id, to!, subject, string.Join('\n', lines), ct);
            isReached = refused is null;
            return new(refused);
        }
        finally
        {
            place.Leave(isReached || ct.IsCancellationRequested);
        }
    }

    private string? Fault(string endpoint, out Uri? address)
    {
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out address))
            return "The endpoint is no address: write https://host/path.";
        if (outbound.Fault(address) is { } fault)
            return $"The endpoint cannot be used: {fault}";
        var host = address.Host;
        return options.Value.AllowedHosts.Count == 0 || options.Value.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase) ? null
            : $"Notifications do not go to {host}: an administrator allows hosts with Subscriptions:AllowedHosts.";
    }

    private string? MailFault(string endpoint, out string? to)
    {
        to = endpoint.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) ? endpoint["mailto:".Length..] : endpoint;
        var given = to;
        if (!mail.IsOn)
            return "This server sends no mail: an administrator sets Mail:Host.";
        if (!MailAddress.TryCreate(given, out var address) || address.Address != given)
            return "The endpoint of an email channel is mailto: and an address.";
        return options.Value.MailTo.Any(a => a.Equals(given, StringComparison.OrdinalIgnoreCase) || (a.StartsWith('@') && given.EndsWith(a, StringComparison.OrdinalIgnoreCase))) ? null
            : "Notifications are not mailed to this address: an administrator allows addresses and domains with Subscriptions:MailTo.";
    }
}
