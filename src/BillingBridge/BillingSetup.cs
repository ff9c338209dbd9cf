using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.EvaluationManagement;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Scrubbing.Edits;

namespace FhirEmr.BillingBridge;

/// <summary>What the practice configured for billing.</summary>
public sealed record BillingSetup
{
    /// <summary>CMS edit tables that were loaded; rules without theirs say "not evaluated".</summary>
    public EditTables Edits { get; init; } = EditTables.None;

    /// <summary>Payer rows over the built-in defaults.</summary>
    public PayerDirectory Payers { get; init; } = new();

    /// <summary>Who we are on the wire; null leaves the rule that writes the claim on trial unevaluated.</summary>
    public InterchangeOptions? Interchange { get; init; }

    /// <summary>The facility's time zone, which decides dates of service; null takes days as the record writes them.</summary>
    public TimeZoneInfo? Zone { get; init; }

    /// <summary>The practice's day.</summary>
    public DateOnly Today(TimeProvider clock) => DateOnly.FromDateTime(Zone is { } zone ? TimeZoneInfo.ConvertTime(clock.GetUtcNow(), zone).DateTime : clock.GetLocalNow().DateTime);

    /// <summary>Which diagnoses count as chronic when the level of a visit is judged.</summary>
    public ChronicConditions Chronic { get; init; } = ChronicConditions.Default;

    /// <summary>Display of the agent in Provenance when no person acted.</summary>
    public string AgentName { get; init; } = BillingAgent.Name;
}
