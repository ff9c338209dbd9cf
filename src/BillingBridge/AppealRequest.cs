namespace FhirEmr.BillingBridge;

/// <summary>What a person says with an appeal.</summary>
/// <param name="Basis">Why the payer should decide otherwise; null takes the words of the denial.</param>
/// <param name="GoodCause">Why it comes late; needed when the limit has passed.</param>
/// <param name="Letter">A letter of their own; null drafts one.</param>
/// <param name="Attachments">References of records to enclose; null takes the signed notes of the visit.</param>
public sealed record AppealRequest(string? Basis, string? GoodCause, string? Letter, IReadOnlyList<string>? Attachments);
