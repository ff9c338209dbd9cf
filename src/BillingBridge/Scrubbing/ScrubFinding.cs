using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>One thing a rule has to say about a claim.</summary>
/// <param name="RuleId">Number in the billing spec, section 3.</param>
/// <param name="Severity">Reject holds the claim.</param>
/// <param name="Code">OperationOutcome issue code.</param>
/// <param name="Message">A sentence with the values and the fix; no more identity than the claim already shows.</param>
/// <param name="Expression">FHIRPath with the real index.</param>
public sealed record ScrubFinding(string RuleId, FindingSeverity Severity, OperationOutcome.IssueType Code, string Message, string Expression)
{
    /// <summary>Line number (<c>Claim.item.sequence</c>) when the finding is about one line.</summary>
    public int? Line { get; init; }

    /// <summary>The values that were seen, by name.</summary>
    public IReadOnlyDictionary<string, string> Seen { get; init; } = SeenValues.None;

    /// <summary>The resources beside the claim that the words quote, as relative references.</summary>
    public IReadOnlyList<string> Evidence { get; init; } = [];

    /// <summary>Edition of the table that decided.</summary>
    public string? Table { get; init; }

    /// <summary>Who let the warning stand, and why; null when nobody did.</summary>
    public Acknowledgement? Acknowledged { get; init; }

    public static ScrubFinding Reject(string ruleId, OperationOutcome.IssueType code, string expression, string message) =>
        new(ruleId, FindingSeverity.Reject, code, message, expression);

    public static ScrubFinding Warn(string ruleId, OperationOutcome.IssueType code, string expression, string message) =>
        new(ruleId, FindingSeverity.Warn, code, message, expression);

    /// <summary>The rule's table is not loaded for the day; said once per rule and claim.</summary>
    public static ScrubFinding NotEvaluated(string ruleId, string table, DateOnly day) => new(
        ruleId, FindingSeverity.Information, OperationOutcome.IssueType.NotSupported,
        $"Rule {ruleId} not evaluated: no table for {Charges.DateOfService.Text(day)} ({table}).", "Claim");

    /// <summary>The same finding about one line.</summary>
    public ScrubFinding On(ScrubLine line) => this with { Line = line.Number };

    /// <summary>The same finding, which quotes these resources of the record.</summary>
    public ScrubFinding From(params IEnumerable<string?> references) => this with { Evidence = [.. Evidence, .. references.OfType<string>()] };

    /// <summary>The same finding, decided by a table of this edition.</summary>
    public ScrubFinding ByTable(string? edition) => this with { Table = edition };

    /// <summary>The same finding with a value it saw.</summary>
    public ScrubFinding With(string name, string? value) =>
        this with { Seen = SeenValues.Of(Seen).With(name, value ?? "") };
}
