using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage.Subscriptions;

/// <summary>What the server knows of a Subscription beside the resource. Times are milliseconds since 1970 UTC.</summary>
/// <param name="Sid">Surrogate key of the resource.</param>
/// <param name="Version">The version that its owner wrote last: what it asks for is there.</param>
/// <param name="State">One of <see cref="SubscriptionState"/>.</param>
/// <param name="After">Changes up to this position of the feed came before it.</param>
/// <param name="Delivered">Number of the last event that its subscriber has taken.</param>
/// <param name="Due">When something is to be done that no event asks for: handshake, heartbeat, another try.</param>
/// <param name="Failing">Since when nothing could be delivered; 0 when the last notification was.</param>
/// <param name="Failures">Tries since then.</param>
/// <param name="Owner">Who wrote it, as JSON: deliveries go by what they may now.</param>
/// <param name="Fault">Why the last notification was not taken; empty when it was.</param>
internal sealed record SubscriptionRow(long Sid, string Id, int Version, string State, long After, long Delivered, long Due, long Failing, int Failures, string Owner, string Fault)
{
    /// <summary>Who works on it, or did last.</summary>
    public string LeaseOwner { get; init; } = "";

    public static SubscriptionRow Read(IRow row) => new(
        row.Int64(0), row.Text(1), (int)row.Int64(2), row.Text(3), row.Int64(4), row.Int64(5), row.Int64(6), row.Int64(7), (int)row.Int64(8), row.Text(9), row.Text(10))
    { LeaseOwner = row.Text(11) };
}

internal static class SubscriptionState
{
    /// <summary>Accepted; its subscriber has not answered yet. Events are kept from here on.</summary>
    public const string Requested = "requested";
    public const string Active = "active";

    /// <summary>Active, and told over whichever WebSockets are bound to it.</summary>
    public const string Socket = "socket";

    /// <summary>Given up. Events are kept for as long as any are.</summary>
    public const string Error = "error";
    public const string Off = "off";
}

/// <summary>An event as it is to be told, with the version it is about; null when that was purged.</summary>
/// <param name="At">Milliseconds since 1970 UTC.</param>
internal sealed record SubscriptionEvent(long Number, long At, Resources.StoredResource? Version);
