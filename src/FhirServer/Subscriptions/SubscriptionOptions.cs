namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>How far subscribers are trusted and how long they are waited for. Bound from <c>Subscriptions</c>.</summary>
internal sealed class SubscriptionOptions
{
    /// <summary>Whether this node makes events and tells them. Off for a copy of a practice's store, which must tell nobody.</summary>
    public bool Deliver { get; set; } = true;

    /// <summary>Hosts that notifications may go to, as in <c>lab.example.org</c>; none named: any that an address of this server's may be (security S-76).</summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>Addresses, and domains as in <c>@practice.example</c>, that notifications may be mailed to; none named: no mail is sent.</summary>
    public IList<string> MailTo { get; } = [];

    /// <summary>Longest wait before the second try; each further one may take twice as long, up to an hour.</summary>
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a subscriber that takes nothing is tried before the subscription is given up.</summary>
    public TimeSpan RetryFor { get; set; } = TimeSpan.FromDays(3);

    /// <summary>How long events can be asked for again.</summary>
    public TimeSpan EventsKeptFor { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Null, or why this cannot be.</summary>
    public string? Fault() =>
        FirstRetry <= TimeSpan.Zero ? "Subscriptions:FirstRetry must be longer than nothing, as in 00:00:02."
        : RetryFor < FirstRetry ? "Subscriptions:RetryFor must not be shorter than Subscriptions:FirstRetry."
        : EventsKeptFor < RetryFor ? "Subscriptions:EventsKeptFor must not be shorter than Subscriptions:RetryFor: what is still tried would be gone."
        : null;
}
