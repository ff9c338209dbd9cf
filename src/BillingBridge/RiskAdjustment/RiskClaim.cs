namespace FhirEmr.BillingBridge.RiskAdjustment;

/// <summary>A claim as risk adjustment sees it: all its diagnoses, its procedure codes, where and when.</summary>
/// <param name="Reference">Relative reference of the claim or encounter.</param>
/// <param name="Diagnoses">All diagnoses of the claim, not only those a line points at.</param>
/// <param name="BillType">First two digits of the type of bill, e.g. <c>11</c>; institutional claims only.</param>
public sealed record RiskClaim(string Reference, DateOnly ServiceDate, ServiceKind Kind, IReadOnlyList<string> Diagnoses, IReadOnlyList<RiskLine> Lines, string? BillType = null);

/// <summary>One line: its code and its modifiers.</summary>
public sealed record RiskLine(string Code, IReadOnlyList<string> Modifiers);
