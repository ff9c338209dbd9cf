using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.CdsHooks;

/// <summary>One card: what was found, on what it stands, and what could be done about it.</summary>
/// <remarks>https://cds-hooks.hl7.org/2.0/#card-attributes.</remarks>
/// <param name="Topic">Code in <see cref="Topics"/>.</param>
/// <param name="Summary">Under 140 characters as shown; longer ones are cut.</param>
internal sealed record CdsCard(string Topic, CdsIndicator Indicator, string Summary)
{
    /// <summary>What cards are about, as the coding of <c>source.topic</c>.</summary>
    public const string Topics = "urn:fhiremr:CodeSystem:cds-topic";

    /// <summary>Markdown; whatever comes of a record in it is escaped.</summary>
    public string? Detail { get; init; }

    /// <summary>The resources the card stands on, as relative references.</summary>
    public IReadOnlyList<string> Facts { get; init; } = [];

    public IReadOnlyList<CdsSuggestion> Suggestions { get; init; } = [];

    /// <summary>Why people set such a card aside, as <see cref="OverrideReasons"/> has them.</summary>
    public IReadOnlyList<string> OverrideReasons { get; init; } = [];
}

/// <summary>How urgent a card is. Nothing here is <c>critical</c>: that is for what stops the user.</summary>
internal enum CdsIndicator
{
    Info,
    Warning,
}

/// <summary>One thing the user may take up; those of a card are alternatives.</summary>
internal sealed record CdsSuggestion(string Label, IReadOnlyList<CdsAction> Actions);

/// <summary>What taking it up does to the record.</summary>
/// <param name="Resource">What is created, or what is to stand there.</param>
/// <param name="ResourceId">What is deleted, as <c>Type/id</c>.</param>
internal sealed record CdsAction(CdsActionType Type, string Description, Resource? Resource = null, string? ResourceId = null);

internal enum CdsActionType
{
    Create,
    Update,
    Delete,
}
