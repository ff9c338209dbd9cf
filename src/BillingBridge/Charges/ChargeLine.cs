using FhirEmr.BillingBridge.Ports;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>One service of an encounter as it will be charged: coded, counted, pointed at its diagnoses and, when listed, priced.</summary>
public sealed record ChargeLine
{
    /// <summary>What was done, as a relative reference: <c>Procedure/12</c>, or the Encounter itself for its visit code.</summary>
    public required string Source { get; init; }

    /// <summary>Canonical code system of <see cref="Code"/>: CPT or HCPCS.</summary>
    public required string System { get; init; }

    public required string Code { get; init; }

    public string? Display { get; init; }

    /// <summary>At most four, pricing modifiers first (SV101-3 to SV101-6).</summary>
    public IReadOnlyList<string> Modifiers { get; init; } = [];

    /// <summary>Why modifiers are proposed, one sentence each that begins with the modifier.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    /// <summary>The package a drug came from (NDC) as the record writes it; null when it does not say.</summary>
    public string? NationalDrugCode { get; init; }

    public decimal Quantity { get; init; } = 1;

    public required DateOnly ServiceDate { get; init; }

    /// <summary>Two-digit CMS place of service; null when the encounter class has none.</summary>
    public string? PlaceOfService { get; init; }

    /// <summary>Charge for one unit; null when no fee schedule row is in force on the day.</summary>
    public decimal? UnitPriceUsd { get; init; }

    /// <summary>Canonical of the ChargeItemDefinition that priced the line.</summary>
    public string? PricedBy { get; init; }

    /// <summary>Diagnosis codes this line points at, first is primary; at most four, all of them on <see cref="ChargeSheet.Diagnoses"/>.</summary>
    public IReadOnlyList<string> DiagnosisCodes { get; init; } = [];

    /// <summary>The ChargeItem already in the record for this line, when there is one.</summary>
    public string? ChargeItemId { get; init; }

    /// <summary>Idempotency key: encounter, source, code and modifiers (billing spec 1.5).</summary>
    public string Key(string encounterId) => BillingKey.Of(["charge", encounterId, Source, Code, .. Modifiers]);

    /// <summary>Line charge, rounded once, half away from zero (billing spec 0.2).</summary>
    public decimal NetUsd => Math.Round((UnitPriceUsd ?? 0m) * Quantity, 2, MidpointRounding.AwayFromZero);
}
