namespace FhirEmr.BillingBridge.RiskAdjustment;

/// <summary>A condition category with the diagnoses that put it there.</summary>
/// <param name="Label">CMS's words; null when no labels were loaded.</param>
public sealed record CapturedHcc(int Hcc, string? Label, IReadOnlyList<HccEvidence> Evidence);

/// <summary>One diagnosis on one claim.</summary>
/// <param name="Note">What an edit changed; null when none did.</param>
public sealed record HccEvidence(string Diagnosis, string Reference, string? Note = null);

/// <summary>A condition category that was there and is not paid, and why.</summary>
public sealed record DroppedHcc(CapturedHcc Captured, string Why);

/// <summary>A diagnosis or a claim that was left out, and why.</summary>
public sealed record LeftOut(string Reference, string Why);
