namespace FhirEmr.BillingBridge.Kpis;

/// <summary>What a Claim itself says.</summary>
public sealed record ClaimHeader
{
    public required string Id { get; init; }

    /// <summary><c>Patient/id</c>.</summary>
    public string? Patient { get; init; }

    /// <summary>Id of the encounter its lines name.</summary>
    public string? Encounter { get; init; }

    /// <summary>Claim.insurer, <c>Organization/id</c>; null when nobody insures.</summary>
    public string? Payer { get; init; }

    /// <summary>Id that claims to the payer carry (2010BB NM109): contracts are kept by it.</summary>
    public string? PayerId { get; init; }

    /// <summary>Class of the focal coverage: medicare, medicaid, commercial ..., <c>self</c> without one.</summary>
    public string PayerClass { get; init; } = "self";

    /// <summary>The rendering provider.</summary>
    public string? Provider { get; init; }

    public string? Location { get; init; }

    /// <summary>Claim.created.</summary>
    public DateOnly? Created { get; init; }

    /// <summary>CLM05-3: 1 original, 7 replacement, 8 void.</summary>
    public string Frequency { get; init; } = "1";

    /// <summary>Sequence of the focal insurance: 1 is the primary.</summary>
    public int Rank { get; init; } = 1;

    /// <summary>It names an earlier payer's answer: what it bills was charged on that payer's claim, and its money is entered there.</summary>
    public bool IsChargedBefore { get; init; }

    /// <summary>Replaced or voided: what it billed stands on another claim, or no longer.</summary>
    public bool IsCancelled { get; init; }

    /// <summary>It carries an authorisation number.</summary>
    public bool IsAuthorised { get; init; }

    public IReadOnlyList<LineFacts> Lines { get; init; } = [];

    /// <summary>ICD-10-CM codes as written.</summary>
    public IReadOnlyList<string> Diagnoses { get; init; } = [];
}
