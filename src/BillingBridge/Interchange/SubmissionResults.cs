using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>What one run of batching did.</summary>
public sealed record BatchResult(IReadOnlyList<BatchSummary> Batches, IReadOnlyList<ClaimNotSent> NotSent);

/// <summary>One 837P file, committed and waiting in the outbox.</summary>
/// <param name="Reference">BHT03.</param>
/// <param name="InterchangeControlNumber">ISA13.</param>
/// <param name="UsageIndicator">ISA15: T or P.</param>
public sealed record BatchSummary(
    string Reference, string FileName, string InterchangeControlNumber, string UsageIndicator, IReadOnlyList<string> ClaimIds, decimal ChargeUsd);

/// <summary>A ready claim that was not put in a batch, and why.</summary>
public sealed record ClaimNotSent(string ClaimId, IReadOnlyList<MappingProblem> Problems);

/// <summary>What one run of dispatching did.</summary>
public sealed record DispatchResult(IReadOnlyList<DispatchedFile> Files);

/// <summary>One file of the outbox.</summary>
/// <param name="Outcome">Null when it was not handed to the channel.</param>
/// <param name="Problem">Why it is still in the outbox; null when it is sent.</param>
public sealed record DispatchedFile(string FileName, SendOutcome? Outcome, int ClaimsSubmitted, string? Problem)
{
    public bool IsSent => Problem is null;
}

/// <summary>What an acknowledgement file did.</summary>
/// <param name="Kind">TA1, 999, 277CA or 277.</param>
/// <param name="Moved">Claims that changed stage.</param>
/// <param name="Ignored">Answers that had been applied before or came too late to matter.</param>
/// <param name="Unmatched">Numbers in the file that name nothing of ours.</param>
/// <param name="Problems">Errors the other side found, explained.</param>
/// <param name="Findings">What is wrong with the file itself; a set with a refusal was not applied.</param>
public sealed record AcknowledgementResult(
    string Kind,
    IReadOnlyList<ClaimMoved> Moved,
    int Ignored,
    IReadOnlyList<string> Unmatched,
    IReadOnlyList<AcknowledgedError> Problems,
    IReadOnlyList<X12Finding> Findings)
{
    public bool IsRefused => Findings.Any(f => f.Severity is X12Severity.Refusal);
}

/// <summary>A claim and the stage it is in now.</summary>
public sealed record ClaimMoved(string ClaimId, string Stage);

/// <summary>An error of a 999 or 277CA in our own terms.</summary>
/// <param name="ControlNumber">Patient control number; null when the error concerns the whole set.</param>
/// <param name="SentSegment">The segment as we sent it; null when it is one we did not send.</param>
/// <param name="Expression">FHIRPath of the element it came from.</param>
public sealed record AcknowledgedError(string? ControlNumber, string Code, string Message, string? SentSegment, string? Expression)
{
    /// <summary>One line for a worklist.</summary>
    public string Text => string.Join(
        "; ",
        new[] { $"{Code}: {Message}", SentSegment is null ? null : $"we sent {SentSegment}", Expression is null ? null : $"from {Expression}" }.OfType<string>());
}
