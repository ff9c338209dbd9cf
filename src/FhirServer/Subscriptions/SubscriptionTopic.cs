namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>What can be subscribed to by name: which changes of which resources make an event (R5 SubscriptionTopic).</summary>
/// <param name="Filters">Search parameters that a subscription may narrow it by.</param>
internal sealed record SubscriptionTopic(string Name, string Title, string Description, IReadOnlyList<Trigger> Triggers, IReadOnlyList<string> Filters)
{
    public string Url => "urn:fhiremr:SubscriptionTopic:" + Name;
}

/// <summary>One way in which an event of a topic comes about (SubscriptionTopic.resourceTrigger).</summary>
/// <param name="Description">In words, for those who choose a topic.</param>
internal sealed record Trigger(string Type, string Description)
{
    public bool OnCreate { get; init; } = true;

    public bool OnUpdate { get; init; } = true;

    public bool OnDelete { get; init; }

    /// <summary>queryCriteria.previous: what the version before must match; a resource that was not there matches. Null for anything.</summary>
    public string? Previous { get; init; }

    /// <summary>queryCriteria.current: what the new version must match; null for anything.</summary>
    public string? Current { get; init; }

    /// <summary>Search parameter that must have values, and others than before (<c>fhirPathCriteria</c> of R5, in terms of the index); null for any change.</summary>
    public string? Changed { get; init; }
}
