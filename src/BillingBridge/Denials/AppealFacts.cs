using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>Everything an appeal letter is drafted from, read before.</summary>
internal sealed record AppealFacts
{
    public required DateOnly Today { get; init; }

    public required string Category { get; init; }

    public required int Level { get; init; }

    /// <summary>What a person wrote as the reason; null for none.</summary>
    public string? Basis { get; init; }

    /// <summary>Why the appeal comes late, when it does.</summary>
    public string? GoodCause { get; init; }

    public required Claim Claim { get; init; }

    public required IReadOnlyList<DeniedAmount> Denied { get; init; }

    public Patient? Patient { get; init; }

    public Coverage? Coverage { get; init; }

    public Organization? Payor { get; init; }

    /// <summary>Name and address of whoever bills.</summary>
    public Organization? Practice { get; init; }

    public Practitioner? Rendering { get; init; }

    public ClaimResponse? Response { get; init; }

    /// <summary>Signed notes of the visit.</summary>
    public IReadOnlyList<Composition> Notes { get; init; } = [];

    /// <summary>Measurements and results of the visit.</summary>
    public IReadOnlyList<Observation> Results { get; init; } = [];

    /// <summary>Stage changes of the claim, for the proof of filing.</summary>
    public IReadOnlyList<Provenance> Trail { get; init; } = [];

    /// <summary>How the enclosures are named.</summary>
    public IReadOnlyList<string> Enclosures { get; init; } = [];
}
