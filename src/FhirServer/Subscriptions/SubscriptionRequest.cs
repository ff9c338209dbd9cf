using System.Globalization;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Subscriptions;

internal enum ChannelKind
{
    RestHook,
    WebSocket,
    Email,
}

/// <summary>How much of what happened a notification tells (backport-payload-content).</summary>
internal enum PayloadContent
{
    Empty,
    IdOnly,
    FullResource,
}

/// <summary>What a Subscription asks for, read from the resource.</summary>
/// <param name="Topic">Null for R4's own way, in which <paramref name="Criteria"/> is a search.</param>
/// <param name="Filters">Searches that narrow the topic.</param>
/// <param name="Endpoint">Where notifications go; empty for WebSockets.</param>
/// <param name="Headers">Sent along.</param>
internal sealed record SubscriptionRequest(
    string Status, string Criteria, SubscriptionTopic? Topic, IReadOnlyList<string> Filters, ChannelKind Channel, string Endpoint, PayloadContent Content,
    IReadOnlyList<(string Name, string Value)> Headers)
{
    private const int MostHeaders = 20;
    private const int MostEventsAtOnce = 1000;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private static readonly HashSet<string> OwnHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Connection", "Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Upgrade", "TE", "Trailer", "Expect", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection",
        "Cookie", "Idempotency-Key", "X-Event-Number",
    };

    public bool IsTopicBased => Topic is not null;

    /// <summary>Said when there is nothing else to say for so long; null for never.</summary>
    public TimeSpan? Heartbeat { get; init; }

    /// <summary>How long an answer is waited for.</summary>
    public TimeSpan Timeout { get; init; } = Longest;

    /// <summary>Most events in one notification.</summary>
    public int MostEvents { get; init; } = 1;

    public DateTimeOffset? End { get; init; }

    /// <summary>The client wants to be told.</summary>
    public bool IsWanted => Status is "requested" or "active";

    public static (SubscriptionRequest? Request, FhirFault? Fault) Read(ReadOnlyMemory<byte> json)
    {
        var resource = FhirFormats.Parse<Subscription>(json.Span);
        if (resource.Criteria is not { Length: > 0 } criteria)
            return Refuse("criteria is missing: a search such as Observation?code=http://loinc.org|4548-4, or the address of a topic.", "Subscription.criteria");

        var isCanonical = criteria.Contains("://", StringComparison.Ordinal) && !criteria.Contains('?', StringComparison.Ordinal) || criteria.StartsWith("urn:", StringComparison.Ordinal);
        var topic = isCanonical ? SubscriptionTopics.Find(criteria) : null;
        if (isCanonical && topic is null)
            return Refuse($"There is no topic {criteria} here{(SubscriptionTopics.Near(criteria) is { } near ? $"; did you mean {near}?" : ".")} Subscription/$topics lists those there are.", "Subscription.criteria");
        if (ChannelOf(resource) is not { } channel)
            return Refuse("This channel is not offered: channel.type is rest-hook; with a topic also websocket or email.", "Subscription.channel.type");
        if (topic is null && channel != ChannelKind.RestHook)
            return Refuse("With a search as criteria channel.type is rest-hook. For websocket and email, name a topic: Subscription/$topics lists them.", "Subscription.channel.type");

        var payload = resource.Channel?.Payload;
        if (payload is not (null or "" or FhirFormats.JsonMediaType or "application/json" or "application/fhir+json;fhirVersion=4.0"))
            return Refuse($"Notifications are {FhirFormats.JsonMediaType}{(topic is null ? ", or without content when channel.payload is left out" : "")}.", "Subscription.channel.payload");
        var (content, unknown) = ContentOf(resource, topic, payload);
        if (unknown is not null)
            return (null, unknown);
        if (channel == ChannelKind.Email && content == PayloadContent.FullResource)
            return Refuse("Mail is read on the way: the payload content of an email is empty or id-only.", "Subscription.channel.payload");
        var (headers, forbidden) = HeadersOf(resource, channel);
        if (forbidden is not null)
            return (null, forbidden);

        var filters = resource.CriteriaElement!.Extension.Where(e => e.Url == Backport.FilterCriteria).Select(e => (e.Value as FhirString)?.Value ?? "").ToList();
        if (topic is null && filters.Count > 0)
            return Refuse("Filters go with a topic; a search narrows itself.", "Subscription.criteria");
        var (heartbeat, timeout, most) = (Number(resource, Backport.HeartbeatPeriod), Number(resource, Backport.Timeout), Number(resource, Backport.MaxCount));
        return (new(StatusOf(resource), criteria, topic, filters, channel, resource.Channel?.Endpoint ?? "", content, headers)
        {
            Heartbeat = topic is not null && heartbeat is > 0 ? TimeSpan.FromSeconds(heartbeat.Value) : null,
            Timeout = timeout is > 0 && timeout.Value < Longest.TotalSeconds ? TimeSpan.FromSeconds(timeout.Value) : Longest,
            MostEvents = (int)Math.Clamp(most ?? 1, 1, MostEventsAtOnce),
            End = resource.End,
        }, null);
    }

    private static string StatusOf(Subscription resource) => resource.Status switch
    {
        Subscription.SubscriptionStatus.Requested => "requested",
        Subscription.SubscriptionStatus.Active => "active",
        Subscription.SubscriptionStatus.Error => "error",
        _ => "off",
    };

    private static ChannelKind? ChannelOf(Subscription resource)
    {
        // A channel that R4 has no code for stands in an extension beside the one it has to name.
        if (resource.Channel?.TypeElement?.Extension.Exists(e => e.Url == Backport.ChannelType) == true)
            return null;
        return resource.Channel?.Type switch
        {
            Subscription.SubscriptionChannelType.RestHook => ChannelKind.RestHook,
            Subscription.SubscriptionChannelType.Websocket => ChannelKind.WebSocket,
            Subscription.SubscriptionChannelType.Email => ChannelKind.Email,
            _ => null,
        };
    }

    private static (PayloadContent Content, FhirFault? Fault) ContentOf(Subscription resource, SubscriptionTopic? topic, string? payload)
    {
        var asked = (resource.Channel?.PayloadElement?.Extension.FirstOrDefault(e => e.Url == Backport.PayloadContent)?.Value as Code)?.Value;
        if (topic is null)
            return (string.IsNullOrEmpty(payload) ? PayloadContent.Empty : PayloadContent.FullResource, null);
        return asked switch
        {
            "empty" => (PayloadContent.Empty, null),
            null or "id-only" => (PayloadContent.IdOnly, null), // security S-40
            "full-resource" => (PayloadContent.FullResource, null),
            _ => (default, FhirFault.Of(FaultKind.Unprocessable, $"The payload content '{asked}' is not known: empty, id-only or full-resource.", "Subscription.channel.payload")),
        };
    }

    private static (IReadOnlyList<(string, string)> Headers, FhirFault? Fault) HeadersOf(Subscription resource, ChannelKind channel)
    {
        var headers = new List<(string, string)>();
        foreach (var line in resource.Channel?.Header?.OfType<string>() ?? [])
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = colon < 0 ? (line, "") : (line[..colon].Trim(), line[(colon + 1)..].Trim());
            if (colon <= 0 || name.Length == 0 || !name.All(IsTokenCharacter) || !value.All(c => c is >= ' ' and < (char)127) || value.Length > 4096)
                return ([], Fault($"'{(name.Length > 40 ? name[..40] : name)}' is no header: it is written as Name: value, in ASCII."));
            if (OwnHeaders.Contains(name) || channel != ChannelKind.RestHook)
                return ([], Fault(channel != ChannelKind.RestHook ? "Headers go with the channel rest-hook." : $"The header {name} is the server's own to set: leave it out."));
            headers.Add((name, value));
        }

        return headers.Count > MostHeaders ? ([], Fault($"{MostHeaders} headers at most.")) : (headers, null);

        static bool IsTokenCharacter(char c) => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal);
        static FhirFault Fault(string text) => FhirFault.Of(FaultKind.Unprocessable, text, "Subscription.channel.header");
    }

    /// <summary>The guide has these on the channel; <c>unsignedInt</c>, or <c>positiveInt</c> for the count.</summary>
    private static long? Number(Subscription resource, string url) =>
        resource.Channel?.Extension.FirstOrDefault(e => e.Url == url)?.Value is PrimitiveType { JsonValue: { } value } && long.TryParse(Convert.ToString(value, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture, out var number) ? number : null;

    private static (SubscriptionRequest?, FhirFault?) Refuse(string text, string at) => (null, FhirFault.Of(FaultKind.Unprocessable, text, at));
}
